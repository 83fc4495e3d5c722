// Functions that kind work has besides those of reader_function.cpp. PostgreSQL alone runs them; written so
// that they fail for no value, and what they make of texts has a bound.
#include <algorithm>
#include <array>

#include "reader.h"

namespace sceau::source {
namespace {

constexpr long longest_padded = 1000;

// A whole number from `least` on, written out.
std::optional<long> small_number(const Expression& e, long least, long most) {
  if (e.kind != Expression::Kind::number || e.type != Type::integer || e.text.size() > 5) return std::nullopt;
  const long value = std::stol(e.text);
  return value >= least && value <= most ? std::optional(value) : std::nullopt;
}

bool is_text_constant(const Expression& e) {
  return e.kind == Expression::Kind::text && e.text.size() <= 100;
}

constexpr std::array<std::string_view, 9> text_functions = {
    "initcap", "replace", "lpad", "rpad", "right", "strpos", "concat", "split_part", "position"};
constexpr std::array<std::string_view, 8> number_functions = {"sqrt",  "ln",  "exp",   "sign",
                                                              "trunc", "mod", "power", "pow"};

template <typename Names>
bool is_one_of(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::optional<Expression> Reader::further_function(const std::string& name,
                                                   std::vector<Expression>& arguments) {
  if (auto made = more_text(name, arguments)) return made;
  if (auto made = more_number(name, arguments)) return made;
  if (is_one_of(text_functions, name)) return text_function(name, std::move(arguments));
  if (is_one_of(number_functions, name)) return number_function(name, std::move(arguments));
  if (name == "to_date") return to_date(std::move(arguments));
  if (name == "days_after" || name == "months_after") {
    if (arguments.size() == 2)
      return moved(name, std::move(arguments[0]), [&] {
        Expression count = std::move(arguments[1]);
        return count;
      }());
    refuse(name + " takes a date and a number");
    return Expression{};
  }
  return std::nullopt;
}

Expression Reader::text_function(const std::string& name, std::vector<Expression> arguments) {
  const std::size_t count = arguments.size();
  const auto wrong = [&](const std::string& what) {
    refuse("function " + in_quotes(name) + " " + what);
    return Expression{};
  };
  if (name == "concat") {
    // As a || b, where NULL is no text.
    if (count == 0 || count > 20) return wrong("takes 1 to 20 values");
    std::optional<Expression> all;
    for (Expression& one : arguments) {
      if (one.kind != Kind::null && one.type != Type::text) one = cast_to(std::move(one), Type::text);
      if (one.kind != Kind::text) one = first_of("coalesce", {std::move(one), quoted("")});
      if (!all) {
        all = std::move(one);
        continue;
      }
      Expression both = condition_of(Kind::concatenate, {}, {std::move(*all), std::move(one)});
      both.type = Type::text;
      all = finish(std::move(both));
    }
    return *all;
  }
  if (count < 1 || (name == "initcap" && count != 1) || (name != "initcap" && (count < 2 || count > 3)))
    return wrong("has the wrong number of arguments");
  if (arguments[0].kind == Kind::null) return wrong("needs text");
  require_type(arguments[0], Type::text, "function " + in_quotes(name));
  Expression read = call_of(name == "position" ? "strpos" : name, Type::text, {});
  if (name == "replace") {
    if (count != 3 || !is_text_constant(arguments[1]) || !is_text_constant(arguments[2]) ||
        arguments[1].text.empty())
      return wrong("takes a text, and two short texts written out");
    const std::size_t grows = 1 + arguments[2].text.size() / arguments[1].text.size();
    read.longest = arguments[0].longest * grows;
  } else if (name == "lpad" || name == "rpad") {
    const auto size = small_number(arguments[1], 0, longest_padded);
    if (!size || (count == 3 && (!is_text_constant(arguments[2]) || arguments[2].text.empty())))
      return wrong("takes a text, a number up to 1000 and perhaps a short text, both written out");
    read.longest = static_cast<std::size_t>(4 * *size);
  } else if (name == "right") {
    if (count != 2 || !small_number(arguments[1], 0, 9999))
      return wrong("takes a text and a number, written out");
  } else if (name == "split_part") {
    if (count != 3 || !is_text_constant(arguments[1]) || arguments[1].text.empty() ||
        !small_number(arguments[2], 1, 9999))
      return wrong("takes a text, a short text and a number from 1, both written out");
  } else if (read.text == "strpos") {
    if (count != 2 || !is_text_constant(arguments[1])) return wrong("looks for a short text, written out");
    read.type = Type::integer;
  }
  read.children = std::move(arguments);
  return finish(std::move(read));
}

Expression Reader::number_function(const std::string& name, std::vector<Expression> arguments) {
  const bool two = name == "mod" || name == "power" || name == "pow";
  if (arguments.size() != (two ? 2U : 1U) && !(name == "trunc" && arguments.size() == 2)) {
    refuse("function " + in_quotes(name) + " has the wrong number of arguments");
    return {};
  }
  if (name == "mod") return finish(arithmetic("%", std::move(arguments[0]), std::move(arguments[1])));
  require_type(arguments[0], Type::real, "function " + in_quotes(name));
  if (two) {
    // A product, which is bounded.
    const auto exponent = small_number(arguments[1], 1, 4);
    if (!exponent) refuse("power takes an exponent of 1 to 4, written out");
    Expression product = arguments[0];
    for (long i = 1; exponent && i < *exponent; ++i)
      product = finish(arithmetic("*", std::move(product), arguments[0]));
    return product;
  }
  if (name == "trunc" && arguments.size() == 2 && !small_number(arguments[1], 0, 15))
    refuse("trunc takes a number of digits up to 15, written out");
  const bool whole = name == "sign";
  return finish(call_of(name, whole ? Type::integer : Type::real, std::move(arguments)));
}

// CAST to numeric(p, s), varchar(n), char(n): rounded, or cut off. What is too large for numeric(p, s) stays.
Expression Reader::sized(Expression value, const std::string& type, const std::vector<int>& sizes) {
  const bool number = type == "numeric";
  if ((!number && type != "varchar" && type != "bpchar") || sizes.size() > (number ? 2U : 1U) ||
      sizes[0] < 1 || sizes[0] > 9999 || (sizes.size() == 2 && (sizes[1] < 0 || sizes[1] > 100))) {
    refuse("CAST to type " + in_quotes(type) + " of that size is not followed: use integer, real or text");
    return {};
  }
  if (!number) {
    if (value.kind != Kind::text) value = cast_to(std::move(value), Type::text);
    return plain_function("substr", {std::move(value), whole_number(1), whole_number(sizes[0])});
  }
  value = cast_to(std::move(value), Type::real);
  return plain_function("round", {std::move(value), whole_number(sizes.size() == 2 ? sizes[1] : 0)});
}

}  // namespace sceau::source
