// SQL as the gate understands it: a tree in which every name is resolved against the catalogue.
//
// read_select() parses with libpg_query and walks the parse tree by an allow-list of node types and of
// fields: a node, a field, a function or a type that it does not know is refused by name, so that what
// a later parser adds is refused too. CTEs are copied to where they are used, `*` and USING are written
// out, and every column says which relation it belongs to.
//
// print() writes the tree as the one text that the database gets: every name quoted and qualified by an
// alias made here (r1, r2, …), every operation in parentheses, every literal of a plain form. Nothing of
// the text that came survives but names of results and literals. The printed text is read and printed
// once more and must not change.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sceau/base/result.h"
#include "sceau/source/catalogue.h"
#include "sceau/source/source.h"

namespace sceau::source {

// Sizes that no honest request reaches; they keep parser and database off the stack's and memory's end.
inline constexpr std::size_t longest_sql = 64U << 10U;  // bytes
inline constexpr std::size_t most_tokens = 5000;
inline constexpr int deepest_nesting = 60;
inline constexpr std::size_t most_nodes = 5000;  // of one expression, as the tree writes it out
// Bytes that a computed text, and all texts of a row, can grow to at most. The database fails at longer ones,
// and whether it does must not depend on anybody's data.
inline constexpr std::size_t longest_text = 100'000;
inline constexpr std::size_t longest_row = 330'000;
inline constexpr std::size_t longest_gathered = 90'000;  // of string_agg
inline constexpr std::size_t assumed_number = 40;
// And of a number that is computed: a sign, 308 digits, a point, 100 digits, one more by rounding. PostgreSQL
// would write thousands; what is written is cut there.
inline constexpr std::size_t written_number = 411;

inline constexpr int all_before = -100'000;  // of a window's frame
inline constexpr int all_after = 100'000;

struct Select;

struct OrderFlags {
  bool descending = false;
  bool nulls_first = false;
};

// The rows that a window function sees of its partition.
enum class Frame : std::uint8_t {
  usual,      // up to the current row and its equals; all, without ORDER BY
  rows_yet,   // ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
  rows_back,  // ROWS BETWEEN preceding PRECEDING AND CURRENT ROW
  all_rows,   // ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
  rows_from,  // ROWS BETWEEN first AND last
};

struct Expression {
  enum class Kind : std::uint8_t {
    column,       // relation, column
    number,       // text: digits, perhaps with a point or an exponent
    text,         // text: the value
    null,         //
    arithmetic,   // text: + - * / %; two children
    negate,       //
    concatenate,  // two children
    function,     // text: a name of the allow-list
    aggregate,    // text: count sum avg min max, or what is_for_work(); no child for count(*)
    cases,        // children: condition, value, condition, value, …, other value
    cast,         // to `type`
    parameter,    // text: its number; of the type of the column that it is compared with
    window,       // text: name; children: arguments, PARTITION BY, ORDER BY
    // What follows is a predicate and stands only where a condition does.
    compare,    // text: = <> < <= > >=
    both,       // AND, two or more children
    either,     // OR, two or more children
    negation,   // NOT
    is_null,    // negated: IS NOT NULL
    like,       // children: value, pattern; text ~: a regular expression
    between,    // children: value, low, high
    in_list,    // children: value, then the list
    in_select,  // children: a value for each result; select
    exists,     // select
  };
  Kind kind = Kind::null;
  std::string text;
  Type type = Type::text;
  Label label = Label::measure;  // the strictest of what it is made of
  bool distinct = false;         // aggregate
  bool negated = false;          // is_null, like, between, in_list, in_select
  int relation = 0;
  int column = -1;
  std::uint8_t arguments = 0;        // window: how many of the children are
  std::vector<OrderFlags> ordering;  // window: of its last children
  Frame frame = Frame::usual;        // window
  int preceding = 0;                 // window, with Frame::rows_back
  // With Frame::rows_from: rows after the current one; before it, below 0. Most of either: all.
  int first = 0;
  int last = 0;
  std::size_t longest = assumed_number;  // bytes, as text
  std::size_t nodes = 1;                 // it and all below it
  std::vector<Expression> children;
  std::shared_ptr<Select> select;

  [[nodiscard]] bool is_predicate() const { return kind >= Kind::compare; }
  [[nodiscard]] bool is_column() const { return kind == Kind::column; }
};

// The column of the catalogue that a relation's column is a plain copy of. `instance` is the relation
// that read it: two columns of one row have the same.
struct Origin {
  std::string table;
  std::string column;
  int instance = 0;
};

struct RelationColumn {
  std::string name;
  Type type = Type::text;
  Label label = Label::direct_identifier;
  std::optional<Origin> origin;
  std::size_t longest = assumed_text;  // bytes, as text
};

// Something in FROM: a table of the catalogue or of a workspace, or a SELECT.
struct Relation {
  int id = 0;
  std::string name;                // as the text calls it
  const Table* table = nullptr;    // of the catalogue, which outlives the tree
  std::shared_ptr<Select> select;  // when it is not a table
  std::vector<RelationColumn> columns;
  bool nullable = false;  // stands on the right of a LEFT JOIN, or in a FULL JOIN
};

// FROM: a relation, or a join of two.
struct From {
  int relation = 0;  // id; 0 for a join
  bool left_join = false;
  bool full_join = false;
  std::vector<From> sides;       // two, for a join
  std::optional<Expression> on;  // a join without: every pair
};

struct Output {
  std::string name;
  Expression value;
};

struct OrderBy {
  Expression value;
  bool descending = false;
  bool nulls_first = false;
};

struct Select {
  enum class Combine : std::uint8_t { none, union_distinct, union_all, intersect, except };
  Combine combine = Combine::none;
  std::vector<Select> parts;  // two, when combined: then only outputs, order_by and limit are used besides
  bool distinct = false;
  std::vector<Output> outputs;  // of a combination: the first part's names, with the strictest label
  std::vector<std::vector<Expression>>
      values;  // VALUES: rows of constants; then only outputs are used besides
  std::vector<Relation> relations;
  std::vector<From> from;  // every one with every other
  std::optional<Expression> where;
  std::vector<Expression> group_by;
  std::optional<Expression> having;
  std::vector<OrderBy> order_by;  // of a combination: columns of relation 0
  std::optional<std::uint64_t> limit;
  std::vector<Type> parameters;  // of the whole statement: what $1, $2, … are compared with

  [[nodiscard]] bool grouped() const;  // has GROUP BY, HAVING or an aggregate
  [[nodiscard]] const Relation* find(int relation) const;
};

// Reads exactly one SELECT, with so many parameters: $1, $2, … stand beside a column of a comparison, and
// nowhere else, and each is used. The catalogue must outlive the tree. Fails with invalid (not SQL) or
// refused (not allowed, not followed), in one line.
Result<Select> read_select(std::string_view sql, const Catalogue& catalogue, std::size_t parameters = 0);

// Writes the tree, reads it back and compares; PostgreSQL then gets it in its own words. Fails with internal
// when the two differ.
Result<CheckedSql> print(const Select& select, const Catalogue& catalogue, Engine engine);

// What a tree reads, and its text before it was read back: to be judged and compared, not to be run.
struct Reading {
  std::string text;
  std::set<ColumnRead> reads;
  std::set<std::string> tables;     // of the catalogue
  std::set<std::string> workspace;  // of the workspace
};
Reading reading_of(const Select& select);

// One expression's text: equal texts are equal expressions.
std::string print(const Expression& expression);

// What PostgreSQL alone computes, and only where nothing leaves: the expression itself, not what is below it.
bool is_for_work(const Expression& expression);

// Calls `visit` for the expression and all below it, not entering SELECTs.
template <typename Visit>
void for_each(const Expression& expression, const Visit& visit) {
  visit(expression);
  for (const Expression& child : expression.children) for_each(child, visit);
}

}  // namespace sceau::source
