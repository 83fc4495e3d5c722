// Texts taken apart by patterns and put together, numbers as texts and in classes: of kind work, as in
// reader_text.cpp, or written out with what the tree has.
#include <algorithm>
#include <array>
#include <cstdlib>

#include "characters.h"
#include "reader.h"

namespace sceau::source {
namespace {

constexpr std::size_t longest_constant = 100;

bool is_short(const Expression& e) {
  return e.kind == Expression::Kind::text && e.text.size() <= longest_constant;
}

std::optional<long> written(const Expression& e, long least, long most) {
  const bool whole = e.kind == Expression::Kind::number && e.type == Type::integer && e.text.size() <= 9;
  const long value = whole ? std::stol(e.text) : 0;
  return whole && value >= least && value <= most ? std::optional(value) : std::nullopt;
}

// FM, then 0, 9 and commas, and perhaps a point and more of them.
bool is_number_format(std::string_view text) {
  if (text.starts_with("FM")) text.remove_prefix(2);
  const bool known = text.find_first_not_of("09,.") == std::string_view::npos;
  return known && text.size() <= 20 && text.find_first_of("09") != std::string_view::npos &&
         std::count(text.begin(), text.end(), '.') <= 1;
}

}  // namespace

std::optional<Expression> Reader::more_text(const std::string& name, std::vector<Expression>& arguments) {
  if (name == "regexp_replace" || name == "substring") return matched_text(name, arguments);
  if (name == "translate") return translated(std::move(arguments));
  if (name == "concat_ws") return with_between(std::move(arguments));
  if (name == "format") return formatted_text(std::move(arguments));
  if (name != "starts_with") return std::nullopt;
  // As LIKE 'N05%'.
  if (arguments.size() != 2 || !is_short(arguments[1]) || arguments[1].text.size() == longest_constant ||
      arguments[1].text.find_first_of("%_\\") != std::string::npos) {
    refuse("starts_with takes a text, and a short one without % and _ written out");
    return Expression{};
  }
  require_type(arguments[0], Type::text, name);
  arguments[1] = quoted(arguments[1].text + "%");
  return finish(condition_of(Kind::like, {}, std::move(arguments)));
}

// substring(x FROM pattern), and regexp_replace(x, pattern, text [, 'g']). Nothing: substring by positions.
std::optional<Expression> Reader::matched_text(const std::string& name, std::vector<Expression>& arguments) {
  const std::size_t count = arguments.size();
  const bool replaces = name == "regexp_replace";
  if (!replaces && (count != 2 || arguments[1].kind != Kind::text)) return std::nullopt;
  if (replaces && (count < 3 || count > 4 || arguments[1].kind != Kind::text || !is_short(arguments[2]) ||
                   arguments[2].text.find('\\') != std::string::npos ||
                   (count == 4 && (arguments[3].kind != Kind::text || arguments[3].text != "g")))) {
    refuse(
        "regexp_replace takes a text, a pattern, a short text without backslashes, and 'g' alone after them");
    return Expression{};
  }
  require_type(arguments[0], Type::text, name);
  if (arguments[0].kind == Kind::null) refuse(name + " needs text");
  if (!is_sound_pattern(arguments[1].text)) refuse(pattern_words);
  Expression read = call_of(name, Type::text, {});
  // At worst something is put between all letters.
  if (replaces) read.longest = arguments[0].longest + (arguments[0].longest + 1) * arguments[2].text.size();
  read.children = std::move(arguments);
  return finish(std::move(read));
}

Expression Reader::translated(std::vector<Expression> arguments) {
  if (arguments.size() != 3 || !is_short(arguments[1]) || !is_short(arguments[2]) ||
      arguments[0].kind == Kind::null) {
    refuse("translate takes a text, and two short texts written out");
    return {};
  }
  require_type(arguments[0], Type::text, "translate");
  Expression read = call_of("translate", Type::text, {});
  read.longest = 4 * arguments[0].longest;  // bytes of a letter
  read.children = std::move(arguments);
  return finish(std::move(read));
}

// to_char(n, 'FM0000'): what is too large for it becomes signs and no failure.
Expression Reader::number_as_text(std::vector<Expression> arguments) {
  if (arguments.size() != 2 || arguments[1].kind != Kind::text || !is_number_format(arguments[1].text)) {
    refuse("to_char writes a number by FM, 0, 9, commas and a point, as in 'FM0000' or 'FM999990.00'");
    return {};
  }
  return finish(call_of("to_char", Type::text, std::move(arguments)));
}

Expression Reader::as_piece(Expression value) {
  return value.type == Type::text && value.kind != Kind::null ? value : cast_to(std::move(value), Type::text);
}

Expression Reader::concatenated(std::vector<Expression> pieces) {
  Expression all = std::move(pieces[0]);
  for (std::size_t i = 1; i < pieces.size(); ++i) {
    Expression both = condition_of(Kind::concatenate, {}, {std::move(all), std::move(pieces[i])});
    both.type = Type::text;
    all = finish(std::move(both));
  }
  return all;
}

// concat_ws(s, a, b): each that is there with s before it, less the first s.
Expression Reader::with_between(std::vector<Expression> arguments) {
  if (arguments.size() < 2 || arguments.size() > 11 || !is_short(arguments[0])) {
    refuse("concat_ws takes a short text written out, and 1 to 10 values");
    return {};
  }
  std::vector<Expression> pieces;
  for (std::size_t i = 1; i < arguments.size() && !failed(); ++i) {
    if (arguments[i].kind == Kind::null) continue;
    Expression one = concatenated({arguments[0], as_piece(std::move(arguments[i]))});
    pieces.push_back(first_of("coalesce", {std::move(one), quoted("")}));
  }
  if (pieces.empty()) refuse("concat_ws of nothing");
  if (failed()) return {};
  // Letters, not bytes, are counted.
  const auto letters = std::count_if(arguments[0].text.begin(), arguments[0].text.end(),
                                     [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
  return plain_function("substr", {concatenated(std::move(pieces)), whole_number(letters + 1)});
}

// format('%s-%s', a, b), where NULL is no text.
Expression Reader::formatted_text(std::vector<Expression> arguments) {
  const auto wrong = [&] {
    refuse("format puts values where '%s' stands, as many as there are, and nothing else: write a || b");
    return Expression{};
  };
  if (arguments.empty() || !is_short(arguments[0])) return wrong();
  const std::string form = arguments[0].text;
  std::vector<Expression> pieces{quoted("")};
  std::size_t next = 1;
  for (std::size_t i = 0; i < form.size() && !failed(); ++i) {
    if (form[i] != '%' || form.substr(i, 2) == "%%") {
      if (pieces.back().kind != Kind::text) pieces.push_back(quoted(""));
      pieces.back() = quoted(pieces.back().text + form[i]);
      i += form[i] == '%' ? 1 : 0;
      continue;
    }
    if (form.substr(i, 2) != "%s" || next >= arguments.size() || arguments[next].kind == Kind::null)
      return wrong();
    pieces.push_back(first_of("coalesce", {as_piece(std::move(arguments[next++])), quoted("")}));
    ++i;
  }
  if (failed() || next != arguments.size() || pieces.size() == 1) return wrong();
  return concatenated(std::move(pieces));
}

std::optional<Expression> Reader::more_number(const std::string& name, std::vector<Expression>& arguments) {
  if (name == "width_bucket") return bucket(std::move(arguments));
  if (name == "round" && arguments.size() == 2 && written(arguments[1], -6, -1))
    return rounded_to_tens(std::move(arguments));
  if (name == "div") {
    if (arguments.size() != 2) refuse("div takes two whole numbers");
    for (const Expression& one : arguments) require_type(one, Type::integer, "div");
    return failed() ? Expression{}
                    : finish(arithmetic("/", std::move(arguments[0]), std::move(arguments[1])));
  }
  if (name != "log" && name != "log10") return std::nullopt;
  if (arguments.size() != 1) refuse("log takes one number");
  if (failed()) return Expression{};
  Expression ten = whole_number(0);
  ten.type = Type::real;
  ten.text = "2.302585092994046";
  return finish(arithmetic("/", number_function("ln", std::move(arguments)), std::move(ten)));
}

// round(x, -1) is round(x / 10) * 10.
Expression Reader::rounded_to_tens(std::vector<Expression> arguments) {
  long tens = 1;
  for (long i = written(arguments[1], -6, -1).value_or(0); i < 0; ++i) tens *= 10;
  require_type(arguments[0], Type::real, "round");
  if (failed()) return {};
  Expression part = finish(arithmetic("/", cast_to(std::move(arguments[0]), Type::real), whole_number(tens)));
  return finish(arithmetic("*", plain_function("round", {std::move(part)}), whole_number(tens)));
}

// width_bucket(x, low, high, n), of numbers written out.
Expression Reader::bucket(std::vector<Expression> arguments) {
  const auto number = [&](std::size_t at) {
    return arguments[at].kind == Kind::number ? std::strtod(arguments[at].text.c_str(), nullptr) : 0;
  };
  const bool constants =
      arguments.size() == 4 && arguments[1].kind == Kind::number && arguments[2].kind == Kind::number;
  const auto count = constants ? written(arguments[3], 1, 1000) : std::nullopt;
  if (!count || number(1) >= number(2)) {
    refuse("width_bucket takes a number, and two bounds and a number of classes, written out");
    return {};
  }
  const Expression x = arguments[0];
  require_type(x, Type::real, "width_bucket");
  if (failed()) return {};
  Expression width = finish(arithmetic("-", arguments[2], arguments[1]));
  Expression within = finish(arithmetic("-", cast_to(x, Type::real), arguments[1]));
  within = finish(arithmetic("*", std::move(within), arguments[3]));
  within = finish(arithmetic("/", std::move(within), std::move(width)));
  Expression at = cast_to(plain_function("floor", {std::move(within)}), Type::integer);
  at = finish(arithmetic("+", std::move(at), whole_number(1)));
  Expression below = finish(condition_of(Kind::compare, "<", {x, arguments[1]}));
  Expression above = finish(condition_of(Kind::compare, ">=", {x, arguments[2]}));
  return finish(
      chosen({std::move(below), whole_number(0), std::move(above), whole_number(*count + 1), std::move(at)},
             Type::integer));
}

}  // namespace sceau::source
