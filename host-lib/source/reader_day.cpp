// Computing with days: dates plus days and months, parts of dates. Whatever a column holds, nothing fails:
// what is no date gives NULL. days_after(date, days) and months_after(date, months) are this reader's own
// words.
#include <algorithm>
#include <array>
#include <sstream>

#include "characters.h"
#include "reader.h"

namespace sceau::source {
namespace {

constexpr int most_months = 2400;
constexpr int most_days = 100'000;

std::string_view without_plural(std::string_view unit) {
  if (unit.size() > 2 && unit.ends_with('s')) unit.remove_suffix(1);
  return unit;
}

// '1 year 6 months'.
std::optional<Span> span_of_text(const std::string& text, std::string_view only_unit) {
  std::istringstream words(text);
  Span span;
  bool any = false;
  for (std::string number, unit; words >> number; any = true) {
    if (!only_unit.empty()) {
      unit = only_unit;
    } else if (!(words >> unit)) {
      return std::nullopt;
    }
    const std::string_view digits = std::string_view(number).substr(number[0] == '-' || number[0] == '+');
    const bool small =
        !digits.empty() && digits.size() <= 5 && std::all_of(digits.begin(), digits.end(), is_digit);
    if (!small) return std::nullopt;
    const int count = std::stoi(number);
    const std::string_view one = without_plural(unit);
    if (one == "day" || one == "week") {
      span.days += one == "day" ? count : 7 * count;
    } else if (one == "month" || one == "mon" || one == "year") {
      span.months += one == "year" ? 12 * count : count;
    } else {
      return std::nullopt;
    }
  }
  const bool small = std::abs(span.months) <= most_months && std::abs(span.days) <= most_days;
  return any && small ? std::optional(span) : std::nullopt;
}

}  // namespace

Expression whole_number(long value) {
  Expression made;
  made.kind = Expression::Kind::number;
  made.text = std::to_string(value);
  made.type = Type::integer;
  return made;
}

Expression quoted(std::string text) {
  Expression made;
  made.kind = Expression::Kind::text;
  made.longest = std::max(made.longest, text.size());
  made.text = std::move(text);
  return made;
}

Expression call_of(std::string_view function, Type type, std::vector<Expression> arguments) {
  Expression made;
  made.kind = Expression::Kind::function;
  made.text = function;
  made.type = type;
  made.children = std::move(arguments);
  return made;
}

bool is_day(const Expression& e) {
  if (e.kind == Expression::Kind::text) return is_date(e.text);
  if (e.kind != Expression::Kind::function) return false;
  return e.text == "days_after" || e.text == "months_after" ||
         (e.text == "strftime" && e.children[0].text == "%Y-%m-%d");
}

// INTERVAL '6 months', CAST('6 months' AS interval), INTERVAL '6' MONTH.
std::optional<Span> Reader::span_of(const Node* node) {
  if (node == nullptr || node->node_case != PG_QUERY__NODE__NODE_TYPE_CAST) return std::nullopt;
  const PgQuery__TypeCast& cast = *node->type_cast;
  if (cast.type_name == nullptr || cast.type_name->n_names == 0 ||
      text_of(cast.type_name->names[cast.type_name->n_names - 1]) != "interval")
    return std::nullopt;
  std::string_view unit;
  if (cast.type_name->n_typmods == 1 &&
      cast.type_name->typmods[0]->node_case == PG_QUERY__NODE__NODE_A_CONST &&
      cast.type_name->typmods[0]->a_const->val_case == PG_QUERY__A__CONST__VAL_IVAL) {
    // PostgreSQL's masks of one field (datetime.h).
    const int mask = cast.type_name->typmods[0]->a_const->ival->ival;
    unit = mask == 1 << 1 ? "month" : mask == 1 << 2 ? "year" : mask == 1 << 3 ? "day" : "another";
  }
  const bool text = cast.arg != nullptr && cast.arg->node_case == PG_QUERY__NODE__NODE_A_CONST &&
                    cast.arg->a_const->val_case == PG_QUERY__A__CONST__VAL_SVAL;
  auto span = text ? span_of_text(cast.arg->a_const->sval->sval, unit) : std::nullopt;
  if (!span) {
    refuse("an INTERVAL is days, weeks, months or years, written out: INTERVAL '6 months'");
    return Span{};
  }
  return span;
}

// n * INTERVAL '30 days', either way round.
std::optional<std::pair<Span, const Node*>> Reader::times_of(const Node* node) {
  if (node == nullptr || node->node_case != PG_QUERY__NODE__NODE_A_EXPR ||
      node->a_expr->kind != PG_QUERY__A__EXPR__KIND__AEXPR_OP ||
      operator_name(node->a_expr->n_name, node->a_expr->name) != "*")
    return std::nullopt;
  const PgQuery__AExpr& product = *node->a_expr;
  auto span = span_of(product.rexpr);
  const Node* count = product.lexpr;
  if (!span) {
    span = span_of(product.lexpr);
    count = product.rexpr;
  }
  if (!span) return std::nullopt;
  if (span->months != 0) refuse("a number times an INTERVAL is followed of days and weeks alone");
  return std::pair(*span, count);
}

Expression Reader::as_day(Expression value) {
  if (is_day(value)) return value;
  if (value.kind == Kind::text) refuse("a date is written 'YYYY-MM-DD'");
  return as_date(std::move(value));
}

Expression Reader::moved(std::string_view by, Expression date, Expression count) {
  if (count.kind == Kind::text || count.kind == Kind::null || count.type != Type::integer)
    refuse("a date plus something else than whole days: convert with CAST, or write INTERVAL");
  // What follows takes the number's text for a whole number.
  if (failed()) return {};
  if (by == "months_after" &&
      (count.kind != Kind::number || std::abs(std::stol(count.text.substr(0, 9))) > most_months))
    refuse("months are added to a date as a number, written out");
  if (count.kind == Kind::number && count.text.size() > 8) refuse("a date plus too many days");
  if (failed()) return {};
  std::vector<Expression> both;
  both.push_back(as_day(std::move(date)));
  both.push_back(std::move(count));
  return finish(call_of(by, Type::text, std::move(both)));
}

Expression Reader::shifted(Expression date, const Span& span, int sign) {
  Expression made = as_day(std::move(date));
  if (span.months != 0 && !failed())
    made = moved("months_after", std::move(made), whole_number(static_cast<long>(sign) * span.months));
  if (span.days != 0 && !failed())
    made = moved("days_after", std::move(made), whole_number(static_cast<long>(sign) * span.days));
  return made;
}

// What EXTRACT gives besides year, month and day.
Expression Reader::day_part(const std::string& part, Expression date) {
  const Expression day = as_day(std::move(date));
  if (failed()) return {};
  const auto plus = [&](Expression value, int added) {
    return finish(arithmetic(added < 0 ? "-" : "+", std::move(value), whole_number(std::abs(added))));
  };
  const auto by = [&](const char* what, Expression value, int number) {
    return finish(arithmetic(what, std::move(value), whole_number(number)));
  };
  const auto format = [&](const char* with) {
    return finish(call_of("strftime", Type::text, {quoted(with), day}));
  };
  if (part == "quarter") return by("/", plus(cast_to(format("%m"), Type::integer), 2), 3);
  // The first of January of the year 1 was a Monday.
  const auto since_monday = [&] { return by("%", days_between(day, quoted("0001-01-01")), 7); };
  if (part == "isodow") return plus(since_monday(), 1);
  if (part == "dow") return by("%", plus(since_monday(), 1), 7);
  const auto in_year = [&](const Expression& of) {
    Expression year = finish(call_of("strftime", Type::text, {quoted("%Y"), of}));
    Expression first = condition_of(Kind::concatenate, {}, {std::move(year), quoted("-01-01")});
    first.type = Type::text;
    return plus(days_between(of, finish(std::move(first))), 1);
  };
  if (part == "doy") return in_year(day);
  if (part != "week") {
    refuse("EXTRACT gives year, quarter, month, week, day, doy, dow or isodow of a date: use one of these");
    return {};
  }
  // A week belongs to the year of its Thursday.
  Expression to_thursday = finish(arithmetic("-", whole_number(3), since_monday()));
  const Expression thursday = moved("days_after", day, std::move(to_thursday));
  return failed() ? Expression{} : plus(by("/", plus(in_year(thursday), -1), 7), 1);
}

// date_trunc of a quarter or a week.
Expression Reader::beginning(const std::string& unit, Expression date) {
  Expression day = as_day(std::move(date));
  if (failed()) return {};
  if (unit == "week") {
    Expression back = finish(arithmetic("%", days_between(day, quoted("0001-01-01")), whole_number(7)));
    Expression negative = condition_of(Kind::negate, {}, {std::move(back)});
    negative.type = Type::integer;
    return moved("days_after", std::move(day), finish(std::move(negative)));
  }
  const auto format = [&](const char* with) {
    return finish(call_of("strftime", Type::text, {quoted(with), day}));
  };
  const auto before = [&](const char* month) {
    return finish(condition_of(Kind::compare, "<", {format("%m"), quoted(month)}));
  };
  Expression month = finish(chosen({before("04"), quoted("-01-01"), before("07"), quoted("-04-01"),
                                    before("10"), quoted("-07-01"), quoted("-10-01")},
                                   Type::text));
  Expression made = condition_of(Kind::concatenate, {}, {format("%Y"), std::move(month)});
  made.type = Type::text;
  return finish(std::move(made));
}

// make_date(y, m, d): what is no date becomes NULL.
Expression Reader::make_date(std::vector<Expression> arguments) {
  if (arguments.size() != 3) refuse("make_date takes a year, a month and a day");
  if (failed()) return {};
  for (const Expression& part : arguments) require_type(part, Type::integer, "make_date");
  const auto times = [&](Expression part, long by) {
    return finish(arithmetic("*", std::move(part), whole_number(by)));
  };
  Expression number = finish(arithmetic("+", times(arguments[0], 10000), times(arguments[1], 100)));
  number = finish(arithmetic("+", std::move(number), arguments[2]));
  if (failed()) return {};
  const auto within = [&](const Expression& part, long highest) {
    return finish(condition_of(Kind::between, {}, {part, whole_number(1), whole_number(highest)}));
  };
  Expression possible =
      finish(condition_of(Kind::both, {}, {within(arguments[1], 12), within(arguments[2], 31)}));
  Expression digits =
      finish(chosen({std::move(possible), cast_to(std::move(number), Type::text), Expression{}}, Type::text));
  return to_date({std::move(digits), quoted("YYYYMMDD")});
}

// extract(year FROM age(a, b)): whole years, as their dates written as numbers say it.
Expression Reader::years_between(const PgQuery__FuncCall& age, const Place& place) {
  knows(age.base, {"funcname", "args", "funcformat"});
  if (age.n_args != 2) refuse("age() of today changes from day to day: write age(end, beginning)");
  if (failed()) return {};
  const auto number = [&](const Node* node) {
    Expression day = as_day(value(node, place));
    if (day.kind == Kind::text && is_date(day.text)) {
      std::erase(day.text, '-');
      return whole_number(std::stol(day.text));
    }
    return cast_to(finish(call_of("strftime", Type::text, {quoted("%Y%m%d"), std::move(day)})),
                   Type::integer);
  };
  Expression days = finish(arithmetic("-", number(age.args[0]), number(age.args[1])));
  return arithmetic("/", std::move(days), whole_number(10000));
}

// Of the forms that files have; what is no date becomes NULL.
Expression Reader::to_date(std::vector<Expression> arguments) {
  const std::string form = arguments.size() == 2 && arguments[1].kind == Kind::text ? arguments[1].text : "";
  if (arguments.empty() || arguments[0].kind == Kind::text) {
    refuse("to_date takes a column and 'YYYY-MM-DD', 'YYYYMMDD', 'YYYYMM' or 'DD/MM/YYYY'");
    return {};
  }
  require_type(arguments[0], Type::text, "to_date");
  if (form == "YYYY-MM-DD") return failed() ? Expression{} : as_date(std::move(arguments[0]));
  struct DateForm {
    std::string_view form;
    std::array<std::pair<int, int>, 3> parts;  // of year, month, day: where, how many
  };
  constexpr std::array<DateForm, 4> forms = {{{"YYYYMMDD", {{{1, 4}, {5, 2}, {7, 2}}}},
                                              {"YYYYMM", {{{1, 4}, {5, 2}, {0, 0}}}},
                                              {"DD/MM/YYYY", {{{7, 4}, {4, 2}, {1, 2}}}},
                                              {"YYYY-MM", {{{1, 4}, {6, 2}, {0, 0}}}}}};
  const auto* const known =
      std::find_if(forms.begin(), forms.end(), [&](const DateForm& one) { return one.form == form; });
  if (known == forms.end()) {
    refuse("to_date takes a column and 'YYYY-MM-DD', 'YYYYMMDD', 'YYYYMM' or 'DD/MM/YYYY'");
    return {};
  }
  Expression made;
  for (const auto& [at, count] : known->parts) {
    Expression part =
        at == 0
            ? quoted("01")
            : finish(call_of("substr", Type::text, {arguments[0], whole_number(at), whole_number(count)}));
    if (made.kind == Kind::null) {
      made = std::move(part);
      continue;
    }
    Expression dash = condition_of(Kind::concatenate, {}, {std::move(made), quoted("-")});
    dash.type = Type::text;
    made = condition_of(Kind::concatenate, {}, {finish(std::move(dash)), std::move(part)});
    made.type = Type::text;
    made = finish(std::move(made));
  }
  return as_date(std::move(made));
}

}  // namespace sceau::source
