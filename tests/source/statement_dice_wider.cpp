// Dice: the forms that came later. Tables beside the catalogue's, dates, patterns, and statements of kind
// work.
#include <array>

#include "statement_dice.h"

namespace test {

using sceau::source::Type;

std::string StatementDice::date(const Scope& scope) {
  switch (below(5)) {
    case 0:
      return "make_date(" + value(Type::integer, scope, 0) + ", " + value(Type::integer, scope, 0) + ", 1)";
    case 1:
      return "date_trunc('month', " + value(Type::text, scope, 0) + "::date)";
    case 2:
      return "(" + value(Type::text, scope, 0) + "::date + 30)";
    case 3:
      return "(" + value(Type::text, scope, 0) + "::date - INTERVAL '2 months')";
    default:
      return value(Type::text, scope, 0) + "::date";
  }
}

std::string StatementDice::further_text(const Scope& scope, int depth) {
  const std::string one = value(Type::text, scope, depth - 1);
  switch (below(12)) {
    case 0:
      return "to_char(" + date(scope) + ", 'YYYY-MM')";
    case 1:
      return "to_char(" + value(Type::integer, scope, 0) + ", 'FM0000')";
    case 2:
      return date(scope);
    case 3:
      return "split_part(" + one + ", '-', 2)";
    case 4:
      return "lpad(" + one + ", 5, '0')";
    case 5:
      return "regexp_replace(" + one + ", '[^0-9]', '', 'g')";
    case 6:
      return "translate(" + one + ", 'abc', 'x')";
    case 7:
      return "concat_ws('_', " + one + ", " + value(Type::integer, scope, 0) + ")";
    case 8:
      return "replace(" + one + ", 'a', 'b')";
    case 9:
      return "left(trim(" + one + "), 3)";
    case 10:
      return "substring(" + one + " FROM '^[A-Z]+')";
    default:
      return "greatest(" + one + ", " + value(Type::text, scope, 0) + ")";
  }
}

std::string StatementDice::further_number(Type type, const Scope& scope) {
  if (type == Type::real) {
    switch (below(3)) {
      case 0:
        return "log(" + value(type, scope, 0) + ")";
      case 1:
        return "round(" + value(type, scope, 0) + ", -2)";
      default:
        return "least(" + value(type, scope, 0) + ", 1.5, " + value(type, scope, 0) + ")";
    }
  }
  switch (below(6)) {
    case 0:
      return "date_part('year', age(" + date(scope) + ", " + date(scope) + "))";
    case 1:
      return "extract(month FROM " + date(scope) + ")";
    case 2:
      return "(" + value(Type::text, scope, 0) + "::date - " + value(Type::text, scope, 0) + "::date)";
    case 3:
      return "width_bucket(" + value(Type::real, scope, 0) + ", 0, 100, 10)";
    case 4:
      return "strpos(" + value(Type::text, scope, 0) + ", 'a')";
    default:
      return "div(" + value(type, scope, 0) + ", 10)";
  }
}

std::string StatementDice::further_condition(const Scope& scope, int depth) {
  constexpr std::array<const char*, 6> patterns{"'a%'", "'_2%'", "'2022-__-31'", "'%\\_%'", "'a'", "''"};
  const Type of = type();
  const std::string text = value(Type::text, scope, 0);
  switch (below(9)) {
    case 0:
      return value(of, scope, depth - 1) + " = ANY (ARRAY[" + constant(of) + ", " + constant(of) + "])";
    case 1:
      return text + (chance(50) ? " LIKE " : " NOT ILIKE ") + patterns[below(patterns.size())];
    case 2:
      return text + " LIKE ANY (ARRAY['a%', 'b_'])";
    case 3:
      return text + (chance(50) ? " ~ " : " !~* ") + "'^0?[a-z]\\d{1,3}$'";
    case 4:
      return value(of, scope, depth - 1) + (chance(50) ? " IS DISTINCT FROM " : " IS NOT DISTINCT FROM ") +
             value(of, scope, 0);
    case 5:
      return "(" + value(of, scope, 0) + ", " + text + ") " + (chance(50) ? "=" : "<>") + " (" +
             constant(of) + ", 'a')";
    case 6:
      return value(of, scope, 0) + " BETWEEN SYMMETRIC " + constant(of) + " AND " + constant(of);
    case 7:
      return "starts_with(" + text + ", 'a')";
    default:
      return value(of, scope, 0) + " = ANY (" + plain({of}, 0) + ")";
  }
}

// What is no table of the catalogue, or not the whole of one.
std::string StatementDice::other_item(Scope& scope) {
  const std::string alias = name();
  const auto has = [&](const char* column, Type type) { scope.push_back({alias + "." + column, type}); };
  switch (below(6)) {
    case 0:
      has("c", Type::text);
      has("d", Type::integer);
      return "unnest(ARRAY['a', '2022-01-31'], ARRAY[1, 2]) AS " + alias + "(c, d)";
    case 1:
      has("c", Type::text);
      has("d", Type::real);
      return "(VALUES ('a', 1.5), ('b', NULL)) AS " + alias + "(c, d)";
    case 2:
      has("d", Type::integer);
      return "generate_series(1, 5) AS " + alias + "(d)";
    case 3: {
      const sceau::source::Table& read = table();
      for (const auto& column : read.columns) has(column.name.c_str(), column.type);
      return read.name + " AS " + alias + " TABLESAMPLE BERNOULLI (12.5)";
    }
    default: {
      const auto& own = catalogue_.workspace();
      if (own.empty()) return item(scope, 0);
      const sceau::source::Table& read = *own[below(own.size())];
      for (const auto& column : read.columns) has(column.name.c_str(), column.type);
      return read.name + " AS " + alias;
    }
  }
}

// Two tables, joined by the columns that have one name in both.
std::string StatementDice::merged(Scope& scope) {
  constexpr std::array<const char*, 4> joins{" JOIN ", " LEFT JOIN ", " RIGHT JOIN ", " FULL JOIN "};
  const auto& tables = catalogue_.tables();
  const std::size_t at = below(tables.size());
  const auto& left = tables[at];
  const auto& right = tables[(at + 1 + below(tables.size() - 1)) % tables.size()];
  std::string shared;
  for (const auto& column : left.columns) {
    if (right.find(column.name) >= 0) shared = column.name;
  }
  if (shared.empty()) return item(scope, 0);
  const std::string one = name();
  const std::string other = name();
  for (const auto& column : left.columns) scope.push_back({one + "." + column.name, column.type});
  for (const auto& column : right.columns) {
    if (column.name == shared) {
      scope.push_back({shared, column.type});
    } else {
      scope.push_back({other + "." + column.name, column.type});
    }
  }
  const std::string how = joins[below(joins.size())];
  const bool natural = chance(40);
  return left.name + " AS " + one + (natural ? " NATURAL" : "") + how + right.name + " AS " + other +
         (natural ? "" : " USING (" + shared + ")");
}

std::string StatementDice::gathered(const Scope& scope) {
  const std::string text = value(Type::text, scope, 1);
  if (chance(30)) return "string_agg(DISTINCT " + text + ", '+')";
  return "string_agg(" + text + ", ',' ORDER BY " + value(type(), scope, 0) + ")";
}

// Of groups.
std::string StatementDice::over_groups(const Scope& scope) {
  switch (below(3)) {
    case 0:
      return "rank() OVER (ORDER BY " + aggregate(Type::integer, scope) + " DESC)";
    case 1:
      return "sum(" + aggregate(Type::integer, scope) + ") OVER ()";
    default:
      return "count(*) OVER (PARTITION BY " + aggregate(Type::text, scope) + ")";
  }
}

std::string StatementDice::work() {
  names_ = 0;
  const auto& target = *catalogue_.workspace().front();
  Scope own;
  for (const auto& column : target.columns) own.push_back({target.name + "." + column.name, column.type});
  const std::string update = "UPDATE " + target.name + " SET ";
  switch (below(7)) {
    case 0:
      return "CREATE TABLE made AS " + query({type(), type()}, 2);
    case 1:
      return "INSERT INTO " + target.name + " (N, V) " + query({Type::integer, Type::real}, 2) +
             (chance(50) ? " ON CONFLICT DO NOTHING" : "");
    case 2:
      return update + "N = " + value(Type::integer, own, 2) + ", V = " + value(Type::real, own, 2) +
             (chance(60) ? " WHERE " + condition(own, 2) : "");
    case 3: {
      Scope inner;
      const std::string tables = item(inner, 0);
      const Type tied = type();
      return update + "V = (SELECT " + aggregate(Type::real, inner) + " FROM " + tables + " WHERE " +
             value(tied, inner, 0) + " = " + value(tied, {own[0], own[1]}, 0) + ")" +
             (chance(40) ? " WHERE " + condition({own[0], own[1]}, 1) : "");
    }
    case 4:
      return update + "V = s.o2 FROM (" + query({Type::text, Type::real}, 1) +
             ") AS s WHERE s.o1 = " + own[0].text;
    case 5: {
      Scope both = own;
      const std::string tables = item(both, 1);
      return "DELETE FROM " + target.name + " USING " + tables + " WHERE " + both.back().text + " = " +
             value(both.back().type, own, 1) + " AND " + condition(both, 1);
    }
    default:
      return "DELETE FROM " + target.name + " WHERE " + condition(own, 2);
  }
}

}  // namespace test
