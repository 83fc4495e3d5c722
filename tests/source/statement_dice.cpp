#include "statement_dice.h"

#include <array>

namespace test {

using sceau::source::Type;

// SplitMix64: the same statements everywhere.
std::uint64_t StatementDice::below(std::uint64_t bound) {
  state_ += 0x9E3779B97F4A7C15U;
  std::uint64_t mixed = state_;
  mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
  return (mixed ^ (mixed >> 31U)) % bound;
}

std::string StatementDice::output(std::size_t position) { return "o" + std::to_string(position + 1); }

std::string StatementDice::name() { return "n" + std::to_string(++names_); }

Type StatementDice::type() {
  constexpr std::array<Type, 3> types{Type::integer, Type::real, Type::text};
  return types[below(3)];
}

std::string StatementDice::constant(Type type) {
  if (type == Type::text) return chance(50) ? "'a'" : "'2022-01-31'";
  return type == Type::integer ? std::to_string(below(1000)) : std::to_string(below(90)) + ".5";
}

std::string StatementDice::value(Type type, const Scope& scope, int depth) {
  std::vector<const Column*> fit;
  for (const Column& column : scope) {
    if (column.type == type) fit.push_back(&column);
  }
  if (!fit.empty() && (depth <= 0 || chance(50))) return fit[below(fit.size())]->text;
  if (depth <= 0) return constant(type);
  switch (below(6)) {
    case 0:
      return "CASE WHEN " + condition(scope, depth - 1) + " THEN " + value(type, scope, depth - 1) +
             " ELSE " + value(type, scope, depth - 1) + " END";
    case 1:
      return "coalesce(" + value(type, scope, depth - 1) + ", " + value(type, scope, depth - 1) + ")";
    case 2:
      return "nullif(" + value(type, scope, depth - 1) + ", " + value(type, scope, depth - 1) + ")";
    case 3:
      if (chance(25)) return scalar(type, scope);
      [[fallthrough]];
    default:
      return type == Type::text ? text(scope, depth) : number(type, scope, depth);
  }
}

// A SELECT of one row: of all rows, or of those that one of its columns ties to the row around it.
std::string StatementDice::scalar(Type type, const Scope& scope) {
  Scope inner;
  std::string sql = "(SELECT ";
  const std::string tables = item(inner, 0);
  sql += aggregate(type, inner) + " FROM " + tables;
  const Type tied = this->type();
  if (chance(60) && !scope.empty()) sql += " WHERE " + value(tied, inner, 0) + " = " + value(tied, scope, 0);
  return sql + ")";
}

std::string StatementDice::number(Type type, const Scope& scope, int depth) {
  constexpr std::array<const char*, 4> signs{" + ", " - ", " * ", " / "};
  if (chance(15)) return further_number(type, scope);
  switch (below(5)) {
    case 0:
      return "abs(" + value(type, scope, depth - 1) + ")";
    case 1:
      return "CAST(" + value(Type::text, scope, depth - 1) +
             (type == Type::integer ? " AS integer)" : " AS real)");
    case 2:
      return type == Type::real ? "round(" + value(type, scope, depth - 1) + ", 2)"
                                : "length(" + value(Type::text, scope, depth - 1) + ")";
    case 3:
      return "(- " + value(type, scope, depth - 1) + ")";
    default:
      return "(" + value(type, scope, depth - 1) + signs[below(4)] + value(type, scope, depth - 1) + ")";
  }
}

std::string StatementDice::text(const Scope& scope, int depth) {
  if (chance(35)) return further_text(scope, depth);
  switch (below(4)) {
    case 0:
      return "substr(" + value(Type::text, scope, depth - 1) + ", 1, 4)";
    case 1:
      return "upper(" + value(Type::text, scope, depth - 1) + ")";
    case 2:
      return "CAST(" + value(Type::integer, scope, depth - 1) + " AS text)";
    default:
      return "(" + value(Type::text, scope, depth - 1) + " || " + value(Type::text, scope, depth - 1) + ")";
  }
}

std::string StatementDice::condition(const Scope& scope, int depth) {
  constexpr std::array<const char*, 6> signs{" = ", " <> ", " < ", " <= ", " > ", " >= "};
  const Type of = type();
  if (depth > 0 && chance(25)) return inner_condition(scope, depth);
  if (chance(20)) return further_condition(scope, depth);
  switch (below(5)) {
    case 0:
      return value(of, scope, depth - 1) + (chance(50) ? " IS NULL" : " IS NOT NULL");
    case 1:
      return value(Type::text, scope, depth - 1) + (chance(30) ? " NOT" : "") + " LIKE '%a%'";
    case 2:
      return value(of, scope, depth - 1) + " BETWEEN " + value(of, scope, 0) + " AND " + value(of, scope, 0);
    case 3:
      return value(of, scope, depth - 1) + " IN (" + constant(of) + ", " + constant(of) + ")";
    default:
      return value(of, scope, depth - 1) + signs[below(6)] + value(of, scope, depth - 1);
  }
}

std::string StatementDice::inner_condition(const Scope& scope, int depth) {
  switch (below(4)) {
    case 0:
      return "(" + condition(scope, depth - 1) + " AND " + condition(scope, depth - 1) + ")";
    case 1:
      return "(" + condition(scope, depth - 1) + " OR NOT " + condition(scope, depth - 1) + ")";
    case 2: {
      const Type of = type();
      return value(of, scope, 0) + " IN (" + plain({of}, depth - 1) + ")";
    }
    default: {
      Scope inner;
      const std::string tables = item(inner, 0);
      inner.insert(inner.end(), scope.begin(), scope.end());
      return std::string(chance(30) ? "NOT " : "") + "EXISTS (SELECT 1 FROM " + tables + " WHERE " +
             condition(inner, depth - 1) + ")";
    }
  }
}

std::string StatementDice::item(Scope& scope, int depth) {
  if (chance(12)) return other_item(scope);
  const std::string alias = name();
  if (depth > 0 && chance(30)) {
    std::vector<Type> types;
    for (std::uint64_t left = 1 + below(3); left > 0; --left) types.push_back(type());
    const std::string inner = query(types, depth - 1);
    for (std::size_t i = 0; i < types.size(); ++i) scope.push_back({alias + "." + output(i), types[i]});
    return "(" + inner + (chance(10) ? " ORDER BY 1 LIMIT 5" : "") + ") AS " + alias;
  }
  const sceau::source::Table& read = table();
  for (const sceau::source::Column& column : read.columns)
    scope.push_back({alias + "." + column.name, column.type});
  return read.name + " AS " + alias;
}

std::string StatementDice::from(Scope& scope, int depth) {
  std::string tables = chance(8) ? merged(scope) : item(scope, depth);
  for (std::uint64_t more = below(3); more > 0; --more) {
    if (chance(15)) {
      tables += ", " + item(scope, depth - 1);
      continue;
    }
    const bool left = chance(40);
    Scope with = scope;
    if (chance(10)) {
      tables += lateral(scope);
      continue;
    }
    const std::string next = item(with, depth - 1);
    if (chance(10)) {
      const Type of = with[scope.size()].type;
      tables += " FULL JOIN " + next + " ON " + value(of, scope, 0) + " = " + with[scope.size()].text;
      scope = std::move(with);
      continue;
    }
    tables += (left ? " LEFT JOIN " : " JOIN ") + next + " ON " + condition(with, 1);
    scope = std::move(with);
  }
  return tables;
}

std::string StatementDice::lateral(Scope& scope) {
  Scope inner;
  const std::string tables = item(inner, 0);
  const std::string alias = name();
  const Type tied = type();
  const Type of = type();
  const std::string where = " WHERE " + value(tied, inner, 0) + " = " + value(tied, scope, 0);
  std::string sql = (chance(50) ? " LEFT JOIN" : " JOIN") + std::string(" LATERAL (SELECT ");
  if (chance(50)) {
    sql += aggregate(of, inner) + " AS o1 FROM " + tables + where;
  } else {
    sql += value(of, inner, 1) + " AS o1 FROM " + tables + where;
    if (chance(50)) sql += " ORDER BY " + inner[0].text + " LIMIT 2";
  }
  scope.push_back({alias + ".o1", of});
  return sql + ") AS " + alias + " ON true";
}

std::string StatementDice::windowed(const Scope& scope) {
  constexpr std::array<const char*, 4> functions{"row_number()", "rank()", "dense_rank()", "count(*)"};
  std::string call = functions[below(4)];
  if (chance(40)) call = "sum(" + value(Type::real, scope, 0) + ")";
  if (chance(15)) call = "lag(" + value(Type::integer, scope, 0) + ")";
  const bool frame = call.starts_with("sum") && chance(30);
  return call + " OVER (PARTITION BY " + value(type(), scope, 0) + " ORDER BY " + value(type(), scope, 0) +
         (frame ? " ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING)" : ")");
}

std::string StatementDice::plain(const std::vector<Type>& types, int depth) {
  Scope scope;
  const std::string tables = from(scope, depth);
  std::string outputs;
  for (std::size_t i = 0; i < types.size(); ++i) {
    const Type of = types[i];
    const bool window = depth > 0 && of == Type::integer && chance(15);
    outputs +=
        (outputs.empty() ? "" : ", ") + (window ? windowed(scope) : value(of, scope, 2)) + " AS " + output(i);
  }
  std::string sql = std::string("SELECT ") + (chance(15) ? "DISTINCT " : "") + outputs + " FROM " + tables;
  if (chance(60)) sql += " WHERE " + condition(scope, 2);
  return sql;
}

std::string StatementDice::aggregate(Type type, const Scope& scope) {
  if (type == Type::text) return (chance(50) ? "min(" : "max(") + value(type, scope, 1) + ")";
  if (type == Type::real) return (chance(50) ? "sum(" : "avg(") + value(type, scope, 1) + ")";
  if (chance(30)) return "count(*)";
  return chance(50) ? "count(DISTINCT " + value(Type::text, scope, 0) + ")"
                    : "sum(" + value(type, scope, 1) + ")";
}

std::string StatementDice::grouped(const std::vector<Type>& types, int depth) {
  Scope scope;
  const std::string tables = from(scope, depth);
  std::string outputs;
  std::string groups;
  for (std::size_t i = 0; i < types.size(); ++i) {
    const Type of = types[i];
    const bool key = chance(50);
    std::string expression = key ? value(of, scope, 1) : aggregate(of, scope);
    if (!key && of == Type::text && chance(40)) expression = gathered(scope);
    if (!key && of == Type::integer && chance(20)) expression = over_groups(scope);
    if (key) groups += (groups.empty() ? "" : ", ") + expression;
    outputs += (outputs.empty() ? "" : ", ") + expression + " AS " + output(i);
  }
  std::string sql = "SELECT " + outputs + " FROM " + tables;
  if (chance(40)) sql += " WHERE " + condition(scope, 1);
  if (!groups.empty()) sql += " GROUP BY " + (chance(10) ? "ROLLUP (" + groups + ")" : groups);
  if (chance(20)) sql += " HAVING " + aggregate(Type::integer, scope) + " > 10";
  return sql;
}

std::string StatementDice::query(const std::vector<Type>& types, int depth) {
  constexpr std::array<const char*, 4> signs{" UNION ", " UNION ALL ", " INTERSECT ", " EXCEPT "};
  if (depth > 0 && chance(12)) return query(types, depth - 1) + signs[below(4)] + query(types, depth - 1);
  return chance(30) ? grouped(types, depth) : plain(types, depth);
}

std::string StatementDice::select() {
  names_ = 0;
  std::vector<Type> types;
  for (std::uint64_t left = 1 + below(4); left > 0; --left) types.push_back(type());
  std::string sql;
  if (chance(10)) {
    const std::string common = name();
    sql = "WITH " + common + " AS (" + query(types, 1) + ") SELECT * FROM " + common;
  } else if (chance(5)) {
    sql = "SELECT * FROM " + table().name;
  } else {
    sql = query(types, 2);
  }
  if (chance(20)) sql += " ORDER BY 1";
  if (chance(10)) sql += " LIMIT 10";
  return sql;
}

}  // namespace test
