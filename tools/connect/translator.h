// A client's question to the system catalogue, from PostgreSQL's tree to SQLite's words.
//
// By an allow-list of nodes: what is not known is refused by name. Every name is quoted, every relation is
// one of ours (catalogue_relations.h), every function one that SQLite or catalogue_functions.h has under the
// same meaning. Names of tables and columns compare without regard to case, as the gate does.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tree.h"
#include "values.h"

namespace sceau::connect {

struct Translated {
  std::string sql;
  // Of each result; kUnspecified where only the table's column tells. Empty where `*` makes more of them.
  std::vector<std::uint32_t> types;
};

// not_found: a relation or function that is not there. refused: what this version does not answer.
Result<Translated> translate(const PgQuery__SelectStmt& select);

class Translator {
 public:
  Result<Translated> run(const PgQuery__SelectStmt& select);

 private:
  using Nodes = Node* const*;
  struct Part {
    std::string sql;
    std::uint32_t type = kUnspecified;
  };

  Part refuse(const std::string& what, ErrorKind kind = ErrorKind::refused);

  // translator.cpp
  std::string select(const PgQuery__SelectStmt& statement, const std::vector<std::string>& names = {});
  std::string plain(const PgQuery__SelectStmt& statement, const std::vector<std::string>& names);
  std::string combined(const PgQuery__SelectStmt& statement, const std::vector<std::string>& names);
  std::string side(const PgQuery__SelectStmt& statement, bool right, const std::vector<std::string>& names);
  std::string with(const PgQuery__WithClause* clause);
  std::string targets(const PgQuery__SelectStmt& statement, const std::vector<std::string>& names);
  std::string values_lists(const PgQuery__SelectStmt& statement);
  std::string ordering(std::size_t count, Nodes nodes);
  std::string tail(const PgQuery__SelectStmt& statement);
  std::string from(const Node& node);
  std::string from_table(const PgQuery__RangeVar& range);
  std::string from_select(const PgQuery__RangeSubselect& range);
  std::string from_function(const PgQuery__RangeFunction& range);
  std::string join(const PgQuery__JoinExpr& join);
  static std::string name_of(const PgQuery__ResTarget& target);

  // translator_expression.cpp
  Part value(const Node* node);
  Part one_of(const Node& node);
  Part constant(const PgQuery__AConst& constant);
  Part column(const PgQuery__ColumnRef& ref);
  Part cases(const PgQuery__CaseExpr& expression);
  Part logic(const PgQuery__BoolExpr& expression);
  Part truth(const PgQuery__BooleanTest& test);
  Part sublink(const PgQuery__SubLink& link);
  Part cast(const PgQuery__TypeCast& expression);
  Part cast_to_text(const Part& from);
  Part indirection(const PgQuery__AIndirection& expression);
  Part function(const PgQuery__FuncCall& call);
  Part sql_value(const PgQuery__SQLValueFunction& function);
  Part over(const Part& function, const PgQuery__WindowDef& window);
  std::string list(std::size_t count, Nodes nodes);

  // translator_operation.cpp
  Part operation(const PgQuery__AExpr& expression);
  Part binary(const std::string& name, const PgQuery__AExpr& expression);
  Part any(const std::string& name, const PgQuery__AExpr& expression, bool all);
  Part like(const std::string& name, const PgQuery__AExpr& expression);
  Part between(const PgQuery__AExpr& expression, bool negated);

  std::optional<Error> failed_;
  std::vector<std::string> ctes_;
  std::vector<std::uint32_t>* types_ = nullptr;  // of the outermost SELECT
  int depth_ = 0;
};

std::string name_quoted(std::string_view name);

}  // namespace sceau::connect
