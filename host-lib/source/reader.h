// Walks libpg_query's parse tree and makes the resolved tree of query.h.
//
// Every reading function returns a value whatever happens; the first refusal is kept, and after it nothing
// that was returned is used. So the walk has one exit, at read().
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "parse_tree.h"
#include "pieces.h"
#include "sceau/source/query.h"
#include "sceau/source/work.h"
#include "scope.h"

namespace sceau::source {

// A constant INTERVAL.
struct Span {
  int months = 0;
  int days = 0;
};

class Reader {
 public:
  // With so many parameters, which may be named and must be.
  explicit Reader(const Catalogue& catalogue, std::size_t parameters = 0)
      : catalogue_(catalogue), parameters_(parameters) {}
  Result<Select> read(const PgQuery__ParseResult& tree);
  Result<WorkStatement> read_work(const PgQuery__ParseResult& tree);

 private:
  using Kind = Expression::Kind;

  // Keeps the first refusal: "reading the SQL: " + what.
  void refuse(const std::string& what);
  // Refuses a message that uses fields its reader does not know; false then.
  bool knows(const ProtobufCMessage& message, std::initializer_list<std::string_view> fields);
  bool failed() const { return error_.has_value(); }
  // The expression as SQL; empty after a refusal, since what was read by then may lack its parts.
  std::string print(const Expression& read) const { return failed() ? std::string() : source::print(read); }

  // reader_select.cpp
  Select select(const PgQuery__SelectStmt& statement, const Scope* outer, const Ctes* ctes);
  Select plain(const PgQuery__SelectStmt& statement, const Scope* outer, const Ctes* ctes);
  Select rows(const PgQuery__SelectStmt& statement, Select& into, Scope& scope, const Ctes* ctes);
  void from_clause(const PgQuery__SelectStmt& statement, Select& into, Scope& scope, const Ctes* ctes);
  Select combined(const PgQuery__SelectStmt& statement, const Scope* outer, const Ctes* ctes);
  Select part(const PgQuery__SelectStmt& statement, bool apart, const Scope* outer, const Ctes* ctes);
  void align(Select& into);
  void distinct(const PgQuery__SelectStmt& statement, Select& into);
  void outputs(const PgQuery__SelectStmt& statement, Select& into, const Place& place);
  std::string output_name(const PgQuery__ResTarget& target, const Expression& value, const Select& select);
  std::string shown_name(const ShownColumn& shown, const Select& select);
  std::vector<ShownColumn> own_columns(const Relation& relation) const;
  void all_columns(Select& into, const Scope& scope, std::string_view relation);
  void grouping(const PgQuery__SelectStmt& statement, Select& into, const Place& place);
  void ordering(const PgQuery__SelectStmt& statement, Select& into, const Place& place);
  void limit(const PgQuery__SelectStmt& statement, Select& into);
  void check_grouped(const Select& into);
  void check_row(const Select& into);
  void check_ctes_used(const PgQuery__WithClause* with);
  // WITH before a statement: what its SELECTs see.
  Ctes ctes_of(const PgQuery__WithClause* with, const Ctes* outer);

  // reader_apart.cpp
  // inner = outer, in the WHERE of a SELECT that is computed once for each row around it.
  struct Tie {
    Expression inner;
    Expression outer;
  };
  // Such a SELECT as a relation to be joined.
  struct Apart {
    Relation relation;
    std::optional<Expression> on;
    std::vector<std::string> names;
    std::vector<Expression> results;  // as what is around sees them
    std::vector<Expression> ties;     // columns around it
    std::set<int> outer;              // relations of these
    bool one_row = false;             // of each tie, whatever the data: an aggregate without GROUP BY
    bool settles = false;             // stands where groups have one value
  };
  // A SELECT whose values are being read, and what is to be joined to it.
  struct Joining {
    const Scope* scope = nullptr;
    bool changes = false;  // of UPDATE and DELETE
    std::vector<Apart> apart;
  };
  struct Lateral {
    bool left_join = false;
    const Node* on = nullptr;
    const Ctes* ctes = nullptr;
  };
  std::vector<Tie> ties_of(Select& inner);
  Apart apart(Select inner, const Scope& around);
  Select of_each(Select inner, const std::vector<Tie>& ties, bool one_row);
  void one_for_each(Select& inner);
  Select first_of_each(Select inner, const std::vector<Tie>& ties);
  static Expression outside(const Expression& result, const Relation& relation, bool tied);
  Expression scalar(const PgQuery__SelectStmt& statement, const Place& place);
  void settle(const Apart& one, const Select& into);
  static Expression largest(const Expression& value, const Relation& relation);
  void join_apart(Select& into);
  From lateral(const PgQuery__RangeSubselect& range, From left, Select& into, Scope& own, const Lateral& how);

  // reader_raise.cpp
  struct Raised;
  void raise(Select& into, bool sets);
  void over_groups(Select& into);
  Expression group_value(const Expression& e, Raised& raised);
  void bounded_texts(Select& into);
  Expression row_value(const Expression& e, Raised& raised);
  Expression bounded_text(const Expression& e, Raised& raised);
  void inside(Select inner, Raised& raised, Select& into);

  // reader_groups.cpp
  Select around(Select inner);
  Select first_rows(const PgQuery__SelectStmt& statement, Select& inner, const Place& place);
  Select grouping_sets(const PgQuery__SelectStmt& statement, const Scope* outer, const Ctes* ctes);
  std::vector<std::vector<Node*>> sets_of(const Node& node);
  void without_groups(Select& into, const Place& place);
  Expression grouping_of(const PgQuery__GroupingFunc& call, const Place& place);
  void settle_grouping(Expression& e, const std::vector<std::string>& kept,
                       const std::vector<std::string>& left_out);
  void settle_grouping(Select& into, const std::vector<std::string>& left_out);

  // reader_from.cpp
  From from_item(const Node& node, Select& into, Scope& scope, const Ctes* ctes);
  From range_table(const PgQuery__RangeVar& range, Select& into, Scope& scope, const Ctes* ctes);
  From range_select(const PgQuery__RangeSubselect& range, Select& into, Scope& scope, const Ctes* ctes);
  From join(const PgQuery__JoinExpr& join, Select& into, Scope& scope, const Ctes* ctes);
  void sides(const PgQuery__JoinExpr& join, From& from, Select& into, Scope& own, const Ctes* ctes);
  std::vector<std::string> shared_columns(const PgQuery__JoinExpr& join, const Select& into, const Scope& own,
                                          std::size_t left_end);
  Expression using_columns(const std::vector<std::string>& names, bool full, Select& into, Scope& scope,
                           std::size_t left_end);
  void show_merged(const std::vector<std::string>& names, const std::vector<MergedColumn>& merged,
                   const Select& into, Scope& scope);
  std::optional<Expression> side_column(const std::string& name, const Select& into, const Scope& scope,
                                        std::pair<std::size_t, std::size_t> side);
  void check_full(const Expression& on, const Scope& own, std::size_t left_end);
  bool cte(const std::string& name, const std::string& alias, Select& into, Scope& scope, const Ctes* ctes);
  std::optional<Relation> view_rows(const Table& table);
  From add_relation(Relation relation, Select& into, Scope& scope);

  // reader_values.cpp
  Select constant_rows(const PgQuery__SelectStmt& values);
  Select rows_of(std::vector<std::vector<Node*>>& rows);
  Select unnested_rows(const PgQuery__FuncCall& call);
  Select constant_select(const PgQuery__SelectStmt& statement);
  From series(const PgQuery__RangeFunction& range, Select& into, Scope& scope);
  Select series_rows(const PgQuery__FuncCall& call);
  void name_columns(std::size_t count, Node* const* names, Relation& relation);
  static Relation relation_of(Select&& select);
  static Relation relation_of(const Table& table);
  bool check_schema(const PgQuery__RangeVar& range);
  std::string alias_of(const PgQuery__Alias* alias, std::string_view otherwise, bool columns = false);

  // reader_expression.cpp
  Expression value(const Node* node, const Place& place);
  Expression any(const Node* node, const Place& place);
  Expression one_of(const Node& node, const Place& place);
  Expression column_ref(const PgQuery__ColumnRef& ref, const Place& place);
  std::optional<Expression> find_column(const Scope& scope, std::string_view relation, std::string_view name);
  static Expression column_of(const Relation& relation, int column);
  Expression constant(const PgQuery__AConst& constant);
  Expression arithmetic(const std::string& name, Expression left, Expression right);
  Expression cases(const PgQuery__CaseExpr& expression, const Place& place);
  Expression cast(const PgQuery__TypeCast& expression, const Place& place);
  Expression cast_to(Expression value, Type type);
  std::vector<Expression> values(std::size_t count, Node* const* nodes, const Place& place);
  static Expression finish(Expression expression);
  void require_type(const Expression& value, Type type, std::string_view where);
  bool same_class(Expression& a, Expression& b, std::string_view where);
  void unify(std::vector<Expression*> values, std::string_view where);

  // reader_operation.cpp
  Expression operation(const PgQuery__AExpr& expression, const Place& place);
  Expression computed(const PgQuery__AExpr& expression, const Place& place);
  // With +, -, *, / or %: of numbers, and of dates and days. And with ||.
  Expression calculated(const std::string& name, const PgQuery__AExpr& expression, const Place& place);
  Expression concatenated(const PgQuery__AExpr& expression, const Place& place);

  // reader_predicate.cpp
  Expression predicate(const Node* node, const Place& place);
  Expression comparison(const PgQuery__AExpr& expression, const Place& place);
  Expression in_list(const PgQuery__AExpr& expression, const Place& place);
  Expression like(const PgQuery__AExpr& expression, const Place& place);
  Expression between(const PgQuery__AExpr& expression, const Place& place);
  Expression logic(const PgQuery__BoolExpr& expression, const Place& place);
  Expression null_test(const PgQuery__NullTest& test, const Place& place);
  Expression subselect(const PgQuery__SubLink& link, const Place& place);
  void before_select(const PgQuery__SubLink& link, const Place& place, Expression& read);

  // reader_parameter.cpp
  Expression compared(const Node* node, const Place& place);
  std::vector<Expression> all_compared(std::size_t count, Node* const* nodes, const Place& place);
  Expression parameter(const PgQuery__ParamRef& named);
  void give_types(Expression& comparison);
  std::vector<Type> parameter_types();

  // reader_condition.cpp
  Expression truth(Expression condition);
  Expression holds(Expression value);
  Expression boolean_test(const PgQuery__BooleanTest& test, const Place& place);
  Expression rows_compared(const PgQuery__AExpr& expression, const Place& place);
  Expression like_each(const PgQuery__AExpr& expression, const PgQuery__AArrayExpr& array, bool any,
                       const Place& place);
  Expression array_list(const PgQuery__AExpr& expression, const Place& place);
  Expression distinct_from(const PgQuery__AExpr& expression, const Place& place);
  Expression symmetric(const PgQuery__AExpr& expression, const Place& place);
  Expression matches(const std::string& name, const PgQuery__AExpr& expression, const Place& place);
  Expression similar(const PgQuery__AExpr& expression, const Place& place);
  Expression pattern(Expression value, std::string pattern, bool negated, bool any_case);

  // reader_date.cpp
  Expression as_date(Expression value);
  Expression date_function(const std::string& name, std::vector<Expression> arguments);
  Expression day_number(Expression date);
  Expression days_between(Expression left, Expression right);
  Expression julianday(std::vector<Expression> arguments);
  static Expression greater(Expression left, Expression right, bool most);
  Expression extreme(const PgQuery__MinMaxExpr& expression, const Place& place);

  // reader_day.cpp
  std::optional<Span> span_of(const Node* node);
  std::optional<std::pair<Span, const Node*>> times_of(const Node* node);
  Expression as_day(Expression value);
  Expression shifted(Expression date, const Span& span, int sign);
  Expression moved(std::string_view by, Expression date, Expression count);
  Expression day_part(const std::string& part, Expression date);
  Expression beginning(const std::string& unit, Expression date);
  Expression to_date(std::vector<Expression> arguments);
  Expression make_date(std::vector<Expression> arguments);
  Expression years_between(const PgQuery__FuncCall& age, const Place& place);

  // reader_window.cpp
  Expression window(const std::string& name, const PgQuery__FuncCall& call, const Place& place);
  void rows_frame(const PgQuery__WindowDef& over, Expression& read);
  void window_arguments(const PgQuery__FuncCall& call, const Place& place, Expression& read);
  void window_order(const PgQuery__WindowDef& over, const Place& place, Expression& read);
  Expression filtered(const std::string& name, const PgQuery__FuncCall& call, const Place& place);

  // reader_function.cpp
  Expression function(const PgQuery__FuncCall& call, const Place& place);
  Expression aggregate(const std::string& name, const PgQuery__FuncCall& call, const Place& place);
  void check_own(const Expression& aggregate, const Place& place);
  Expression plain_function(const std::string& name, std::vector<Expression> arguments);
  Expression first_of(const std::string& name, std::vector<Expression> arguments);
  Expression strftime(std::vector<Expression> arguments);
  Expression date_part(std::vector<Expression> arguments);

  // reader_text.cpp
  std::optional<Expression> further_function(const std::string& name, std::vector<Expression>& arguments);
  Expression text_function(const std::string& name, std::vector<Expression> arguments);
  Expression number_function(const std::string& name, std::vector<Expression> arguments);
  Expression sized(Expression value, const std::string& type, const std::vector<int>& sizes);

  // reader_more_text.cpp
  std::optional<Expression> more_text(const std::string& name, std::vector<Expression>& arguments);
  std::optional<Expression> more_number(const std::string& name, std::vector<Expression>& arguments);
  std::optional<Expression> matched_text(const std::string& name, std::vector<Expression>& arguments);
  Expression translated(std::vector<Expression> arguments);
  Expression number_as_text(std::vector<Expression> arguments);
  Expression with_between(std::vector<Expression> arguments);
  Expression formatted_text(std::vector<Expression> arguments);
  Expression bucket(std::vector<Expression> arguments);
  Expression rounded_to_tens(std::vector<Expression> arguments);
  Expression concatenated(std::vector<Expression> pieces);
  Expression as_piece(Expression value);

  // reader_chance.cpp
  Expression drawn();
  std::optional<Expression> drawn_below(const PgQuery__AExpr& comparison);
  From sample(const PgQuery__RangeTableSample& range, Select& into, Scope& scope, const Ctes* ctes);

  // reader_aggregate.cpp
  Expression text_aggregate(const std::string& name, const PgQuery__FuncCall& call, const Place& place);
  Expression aggregate_of_pairs(const std::string& name, const PgQuery__FuncCall& call, const Place& place);
  Expression joined_array(const PgQuery__FuncCall& call, const Place& place);
  Expression aggregate_of_truth(const std::string& name, const PgQuery__FuncCall& call, const Place& place);
  Expression ordered_set(const std::string& name, const PgQuery__FuncCall& call, const Place& place);

  // reader_work.cpp
  WorkStatement work(const Node& node);
  WorkStatement make_as(const PgQuery__CreateTableAsStmt& statement);
  WorkStatement view(const PgQuery__ViewStmt& statement);
  void name_results(Select& select);
  WorkStatement make_into(const PgQuery__SelectStmt& statement);
  bool is_there_already(WorkStatement& work, bool allowed);
  const Table* existing(const PgQuery__RangeVar* range);
  std::string new_name(const PgQuery__RangeVar* range, WorkStatement& work);
  void check_name(const std::string& name, const std::string& what);

  // reader_declare.cpp
  WorkStatement declare(const PgQuery__CreateStmt& statement);
  Column declared(const PgQuery__ColumnDef& column, WorkStatement& work);
  void add_declared(Column column, WorkStatement& work);
  void declare_like(const PgQuery__TableLikeClause& like, WorkStatement& work);
  void declare_empty(WorkStatement& work);
  void constraint(const PgQuery__Constraint& given, Column* column, WorkStatement& work);
  std::optional<std::string> default_of(const Node* given, const Column& column);

  // reader_alter.cpp
  WorkStatement alter(const PgQuery__AlterTableStmt& statement);
  void alter_step(const PgQuery__AlterTableCmd& command, const Table& table, WorkStatement& work);
  void alter_column(const PgQuery__AlterTableCmd& command, const Table& table, WorkStatement& work);
  WorkStatement rename(const PgQuery__RenameStmt& statement);

  // reader_insert.cpp
  WorkStatement insert(const PgQuery__InsertStmt& statement);
  void insert_columns(const PgQuery__InsertStmt& statement, const Table& table, WorkStatement& work);
  void insert_values(const PgQuery__SelectStmt& values, const Table& table, WorkStatement& work);
  void on_conflict(const PgQuery__OnConflictClause& clause, WorkStatement& work);
  static Expression default_value(const Column& column);
  void insert_defaults(const Table& table, WorkStatement& work);
  std::optional<Expression> constant_in(const Node& node, const Column& column, const std::string& where);

  // reader_update.cpp
  WorkStatement remove(const PgQuery__DeleteStmt& statement);
  WorkStatement update(const PgQuery__UpdateStmt& statement);
  const Node* given_to(const PgQuery__ResTarget& target);
  Expression assigned(const Node* given, const Column& column, const Place& place);
  void set_first(WorkStatement& work);
  static Expression without(const Expression& e, int relation);
  static Expression both_of(std::vector<Expression> conditions);
  void further(std::size_t count, Node* const* items, WorkStatement& work, Scope& scope, const Ctes* ctes);
  const Table* alone(const PgQuery__RangeVar* relation, WorkStatement& work, Scope& scope);

  // reader_upkeep.cpp
  WorkStatement drop(const PgQuery__DropStmt& statement);
  WorkStatement drop_index(const PgQuery__DropStmt& statement);
  WorkStatement truncate(const PgQuery__TruncateStmt& statement);
  WorkStatement index(const PgQuery__IndexStmt& statement);
  WorkStatement analyse(const PgQuery__VacuumStmt& statement);
  WorkStatement transaction(const PgQuery__TransactionStmt& statement);
  WorkStatement comment(const PgQuery__CommentStmt& statement);

  std::string text_of(const Node* node);
  std::string operator_name(std::size_t count, Node* const* names);

  const Catalogue& catalogue_;
  std::optional<Error> error_;
  std::vector<std::string> notices_;  // for the statement of kind work that is read
  std::size_t chances_ = 0;           // how often random() was read
  int next_relation_ = 1;
  int depth_ = 0;
  std::vector<std::optional<Type>> parameters_;   // each by what it was first compared with
  const std::vector<Node*>* left_out_ = nullptr;  // of GROUP BY, by the grouping set that is read
  std::set<const PgQuery__CommonTableExpr*> used_ctes_;
  std::vector<Joining> joining_;  // the innermost last
  // Of LATERAL SELECTs of one row: their results, by their relations.
  std::map<int, std::vector<std::pair<std::string, Expression>>> computed_;
};

}  // namespace sceau::source
