// Dates, which are texts (ISO 8601) in every catalogue: PostgreSQL's ways to compute with them, said with
// strftime(), julianday() and date(), which no value makes fail.
#include <algorithm>
#include <array>

#include "characters.h"
#include "reader.h"

namespace sceau::source {
namespace {

constexpr std::string_view whole_date = "%Y-%m-%d";

Expression text_constant(std::string text) {
  Expression made;
  made.kind = Expression::Kind::text;
  made.text = std::move(text);
  return made;
}

// strftime(format, of).
Expression formatted(std::string_view format, Expression of) {
  Expression made;
  made.kind = Expression::Kind::function;
  made.text = "strftime";
  made.type = Type::text;
  made.children.push_back(text_constant(std::string(format)));
  made.children.push_back(std::move(of));
  return made;
}

// YYYY, MM and DD of to_char's patterns, and - or / between them. Nothing for others.
std::optional<std::string> pattern_of(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 3> words = {
      {{"YYYY", "%Y"}, {"MM", "%m"}, {"DD", "%d"}}};
  std::string out;
  while (!text.empty()) {
    const auto* const word = std::find_if(words.begin(), words.end(),
                                          [&](const auto& one) { return text.starts_with(one.first); });
    if (word != words.end()) {
      out += word->second;
      text.remove_prefix(word->first.size());
    } else if (text[0] == '-' || text[0] == '/') {
      out += text[0];
      text.remove_prefix(1);
    } else {
      return std::nullopt;
    }
  }
  return out.empty() || out.size() > 20 ? std::nullopt : std::optional(out);
}

}  // namespace

// A column's date without its time of day; what is no date becomes NULL.
Expression Reader::as_date(Expression value) {
  if (value.kind == Kind::text) return value;
  require_type(value, Type::text, "a date");
  return finish(formatted(whole_date, std::move(value)));
}

Expression Reader::date_function(const std::string& name, std::vector<Expression> arguments) {
  if (arguments.size() != 2) {
    refuse("function " + in_quotes(name) + " takes two arguments");
    return {};
  }
  if (name == "to_char") {
    const auto pattern = arguments[1].kind == Kind::text ? pattern_of(arguments[1].text) : std::nullopt;
    require_type(arguments[0], Type::text, "to_char");
    if (!pattern || arguments[0].kind == Kind::text) {
      refuse("to_char gives YYYY, MM and DD of a date, with - or / between: use these");
      return {};
    }
    return finish(formatted(*pattern, std::move(arguments[0])));
  }
  const std::string unit = arguments[0].kind == Kind::text ? arguments[0].text : "";
  if (unit == "quarter" || unit == "week") return beginning(unit, std::move(arguments[1]));
  require_type(arguments[1], Type::text, "date_trunc");
  const bool known = unit == "year" || unit == "month" || unit == "day";
  if (!known || arguments[1].kind == Kind::text) {
    refuse("date_trunc cuts a date to its year, quarter, month, week or day: use one of these");
    return {};
  }
  if (unit == "day") return as_date(std::move(arguments[1]));
  Expression beginning = formatted(unit == "year" ? "%Y" : "%Y-%m", std::move(arguments[1]));
  beginning = finish(std::move(beginning));
  Expression made;
  made.kind = Kind::concatenate;
  made.type = Type::text;
  made.children.push_back(std::move(beginning));
  made.children.push_back(text_constant(unit == "year" ? "-01-01" : "-01"));
  return finish(std::move(made));
}

// The number of days of a date: julianday(date).
Expression Reader::day_number(Expression date) {
  Expression made;
  made.kind = Kind::function;
  made.text = "julianday";
  made.type = Type::real;
  date = as_day(std::move(date));
  made.children.push_back(std::move(date));
  return finish(std::move(made));
}

// a - b, days between two dates.
Expression Reader::days_between(Expression left, Expression right) {
  return cast_to(finish(arithmetic("-", day_number(std::move(left)), day_number(std::move(right)))),
                 Type::integer);
}

// The text read back: julianday(strftime('%Y-%m-%d', x)), or of a date written out.
Expression Reader::julianday(std::vector<Expression> arguments) {
  const bool one = arguments.size() == 1;
  if (!one || !is_day(arguments[0])) {
    refuse("julianday takes a date: write a - b for the days between two");
    return {};
  }
  return day_number(std::move(arguments[0]));
}

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  for (const std::size_t i : {0, 1, 2, 3, 5, 6, 8, 9}) {
    if (!is_digit(text[i])) return false;
  }
  // Wrong ones would make PostgreSQL fail, and only where a row is looked at.
  const std::string_view month = text.substr(5, 2);
  const std::string_view day = text.substr(8, 2);
  return text.substr(0, 4) != "0000" && month >= "01" && month <= "12" && day >= "01" && day <= "31";
}

// greatest(a, b, c) is greatest(greatest(a, b), c): NULLs do not count, as in PostgreSQL.
Expression Reader::extreme(const PgQuery__MinMaxExpr& expression, const Place& place) {
  constexpr std::size_t most_values = 6;
  knows(expression.base, {"op", "args"});
  std::vector<Expression> all = values(expression.n_args, expression.args, place);
  if (all.empty() || all.size() > most_values) refuse("GREATEST and LEAST take 1 to 6 values");
  if (failed()) return {};
  std::vector<Expression*> each;
  for (Expression& one : all) each.push_back(&one);
  unify(each, "GREATEST");
  const bool most = expression.op == PG_QUERY__MIN_MAX_OP__IS_GREATEST;
  Expression made = all[0];
  for (std::size_t i = 1; i < all.size() && !failed(); ++i) {
    made = greater(std::move(made), all[i], most);
    if (made.nodes > most_nodes)
      refuse("an expression that is written out too long: put parts of it into columns");
  }
  return made;
}

Expression Reader::greater(Expression left, Expression right, bool most) {
  Expression missing = finish(condition_of(Kind::is_null, {}, {right}));
  Expression larger = finish(condition_of(Kind::compare, most ? ">=" : "<=", {left, right}));
  Expression keeps = finish(condition_of(Kind::either, {}, {std::move(missing), std::move(larger)}));
  const Type type = left.type == right.type ? left.type : Type::real;
  return finish(chosen({std::move(keeps), std::move(left), std::move(right)}, type));
}

}  // namespace sceau::source
