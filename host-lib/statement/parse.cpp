// Reads any JSON of the restricted kind, then lets canonical form decide: what was read is written again and
// compared, so that no rule of spelling has to be right in two places.
#include <algorithm>
#include <optional>

#include "sceau/statement/value.h"
#include "text.h"

namespace sceau::statement {

namespace {

class Parser {
 public:
  // `lines`: a text may have line feeds, as notes and proofs do; nothing in a statement may.
  Parser(std::string_view text, unsigned depth, bool lines)
      : text_(text), depth_limit_(depth), lines_(lines) {}

  Result<Value> document() {
    skip_space();
    auto value = this->value(0);
    if (!value) return value;
    skip_space();
    if (at_ != text_.size()) return fail("something follows the value");
    return value;
  }

 private:
  [[nodiscard]] Error fail(const std::string& what) const {
    return {ErrorKind::invalid, "canonical JSON, byte " + std::to_string(at_) + ": " + what};
  }
  [[nodiscard]] bool done() const { return at_ >= text_.size(); }
  [[nodiscard]] char peek() const { return done() ? '\0' : text_[at_]; }
  bool take(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  void skip_space() {
    while (!done() && std::string_view(" \t\r\n").find(peek()) != std::string_view::npos) ++at_;
  }

  Result<Value> value(unsigned depth) {  // NOLINT(misc-no-recursion): bounded by depth_limit_
    if (done()) return fail("the text ends too early");
    const char c = peek();
    if (c == '{' || c == '[') {
      if (depth > depth_limit_) return fail("nested deeper than " + std::to_string(depth_limit_));
      return c == '{' ? object(depth) : array(depth);
    }
    if (c == '"') {
      auto text = this->text();
      if (!text) return text.error();
      return Value(std::move(*text));
    }
    if (c == '-' || (c >= '0' && c <= '9')) return number();
    if (take("true")) return Value(true);
    if (take("false")) return Value(false);
    if (take("null")) return fail("null has no place in a statement: leave the field out");
    return fail("no JSON value begins here");
  }

  Result<Value> object(unsigned depth) {  // NOLINT(misc-no-recursion)
    ++at_;
    Object members;
    skip_space();
    if (take("}")) return Value(std::move(members));
    for (;;) {
      skip_space();
      if (peek() != '"') return fail("a key must begin here");
      auto key = text();
      if (!key) return key.error();
      if (!is_printable_ascii(*key)) return fail("a key that is not ASCII");
      skip_space();
      if (!take(":")) return fail("a colon must follow the key");
      skip_space();
      auto member = value(depth + 1);
      if (!member) return member;
      if (!members.emplace(*key, std::move(*member)).second)
        return fail("the key \"" + *key + "\" is there twice");
      skip_space();
      if (take("}")) return Value(std::move(members));
      if (!take(",")) return fail("a comma or } must follow");
    }
  }

  Result<Value> array(unsigned depth) {  // NOLINT(misc-no-recursion)
    ++at_;
    Array items;
    skip_space();
    if (take("]")) return Value(std::move(items));
    for (;;) {
      skip_space();
      auto item = value(depth + 1);
      if (!item) return item;
      items.push_back(std::move(*item));
      skip_space();
      if (take("]")) return Value(std::move(items));
      if (!take(",")) return fail("a comma or ] must follow");
    }
  }

  Result<Value> number() {
    const std::size_t start = at_;
    const bool negative = take("-");
    std::int64_t magnitude = 0;
    std::size_t digits = 0;
    for (; peek() >= '0' && peek() <= '9'; ++at_, ++digits) {
      magnitude = magnitude * 10 + (peek() - '0');
      if (magnitude > max_integer) return fail("an integer beyond 2^53");
    }
    if (digits == 0) return fail("a number without digits");
    if (digits > 1 && text_[start + (negative ? 1 : 0)] == '0') return fail("a number with a leading zero");
    if (peek() == '.' || peek() == 'e' || peek() == 'E')
      return fail("only integers are allowed, no fractions");
    if (negative && magnitude == 0) return fail("minus zero is written 0");
    return Value(negative ? -magnitude : magnitude);
  }

  Result<std::string> text() {
    const std::size_t start = at_++;
    std::string out;
    for (;;) {
      std::size_t end = at_;
      while (end < text_.size() && text_[end] != '"' && text_[end] != '\\') ++end;
      if (end == text_.size()) return fail("a text without its closing quote");
      out.append(text_.substr(at_, end - at_));
      at_ = end + 1;
      if (text_[end] == '"') break;
      if (auto escaped = escape(out); !escaped) return escaped.error();
    }
    if (auto allowed = lines_ ? check_lines(out) : check_text(out); !allowed) {
      at_ = start;
      return fail(allowed.error().message);
    }
    return out;
  }

  static Status check_lines(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    return check_text(text);
  }

  Status escape(std::string& out) {
    const char c = peek();
    ++at_;
    constexpr std::string_view names = "\"\\/bfnrt";
    constexpr std::string_view values = "\"\\/\b\f\n\r\t";
    if (const auto index = names.find(c); index != std::string_view::npos && c != '\0') {
      out += values[index];
      return {};
    }
    if (c != 'u') return fail("an escape that JSON does not know");
    auto unit = four_digits();
    if (!unit) return fail("\\u needs four hexadecimal digits");
    char32_t code_point = *unit;
    if (code_point >= 0xDC00 && code_point <= 0xDFFF) return fail("a lone surrogate");
    if (code_point >= 0xD800 && code_point <= 0xDBFF) {
      if (!take("\\u")) return fail("a lone surrogate");
      const auto low = four_digits();
      if (!low || *low < 0xDC00 || *low > 0xDFFF) return fail("a lone surrogate");
      code_point = 0x10000 + ((code_point - 0xD800) << 10U) + (*low - 0xDC00);
    }
    append_utf8(out, code_point);
    return {};
  }

  std::optional<char32_t> four_digits() {
    char32_t value = 0;
    for (int i = 0; i < 4; ++i) {
      const char c = peek();
      ++at_;
      if (c >= '0' && c <= '9') {
        value = value * 16 + static_cast<char32_t>(c - '0');
      } else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) {
        value = value * 16 + static_cast<char32_t>((c | 0x20) - 'a' + 10);
      } else {
        return std::nullopt;
      }
    }
    return value;
  }

  std::string_view text_;
  unsigned depth_limit_;
  bool lines_;
  std::size_t at_ = 0;
};

Result<Value> parse(ByteView bytes, Limits limits, bool lines) {
  if (bytes.size() > limits.bytes) {
    return Error{ErrorKind::invalid, "canonical JSON: " + std::to_string(bytes.size()) +
                                         " bytes, more than the " + std::to_string(limits.bytes) +
                                         " allowed: shorten it"};
  }
  auto value = Parser(as_text(bytes), limits.depth, lines).document();
  if (!value) return value;
  const std::string again = to_canonical(*value);
  const std::string_view came = as_text(bytes);
  if (again != came) {
    std::size_t at = 0;
    while (at < again.size() && at < came.size() && again[at] == came[at]) ++at;
    return Error{ErrorKind::invalid,
                 "canonical JSON, byte " + std::to_string(at) +
                     ": not the canonical spelling (RFC 8785): sort the keys, leave out white "
                     "space and needless escapes"};
  }
  return value;
}

}  // namespace

Result<Value> parse_canonical(ByteView bytes, Limits limits) { return parse(bytes, limits, false); }

Result<Value> parse_wire(ByteView bytes, std::size_t max_bytes) {
  return parse(bytes, Limits{max_bytes, 16}, true);
}

}  // namespace sceau::statement
