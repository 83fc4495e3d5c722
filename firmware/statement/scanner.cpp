#include "statement/scanner.h"

#include "statement/text.h"

namespace sceau::firmware::statement {

bool Scanner::take(char c) {
  if (!next_is(c)) return false;
  ++at_;
  return true;
}

bool Scanner::take(std::string_view word) {
  if (bytes_.size() - at_ < word.size() || !equal(bytes_.subspan(at_, word.size()), as_bytes(word))) {
    return false;
  }
  at_ += word.size();
  return true;
}

bool Scanner::text(Text& out) {
  if (!take('"')) return false;
  const std::size_t start = at_;
  std::size_t escapes = 0;
  bool ascii = true;
  while (!next_is('"')) {
    if (done()) return false;
    const CodePoint c = decode(bytes_.subspan(at_));
    if (c.size == 0 || !is_allowed(c.value)) return false;
    at_ += c.size;
    ascii = ascii && c.size == 1;
    if (c.value != '\\') continue;
    if (!next_is('"') && !next_is('\\')) return false;
    ++at_;
    ++escapes;
  }
  out.raw = bytes_.subspan(start, at_ - start);
  out.size = out.raw.size() - escapes;
  ++at_;
  return ascii || is_nfc(out.raw);
}

bool Scanner::integer(std::int64_t& out) {
  const bool negative = take('-');
  const std::size_t start = at_;
  std::int64_t value = 0;
  while (at_ < bytes_.size() && bytes_[at_] >= '0' && bytes_[at_] <= '9') {
    value = value * 10 + (bytes_[at_] - '0');
    if (value > kMaxInteger) return false;
    ++at_;
  }
  const std::size_t digits = at_ - start;
  if (digits == 0 || (digits > 1 && bytes_[start] == '0') || (negative && value == 0)) return false;
  out = negative ? -value : value;
  return true;
}

}  // namespace sceau::firmware::statement
