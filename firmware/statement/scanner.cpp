#include "statement/scanner.h"

#include "statement/text.h"

namespace sceau::firmware::statement {

namespace {

// Printable ASCII that stands for itself.
constexpr bool is_ordinary(std::uint8_t c) { return c >= ' ' && c < 0x7F && c != '"' && c != '\\'; }

constexpr std::array<bool, 256> make_ordinary() {
  std::array<bool, 256> table{};
  for (std::size_t c = 0; c < table.size(); ++c) table[c] = is_ordinary(static_cast<std::uint8_t>(c));
  return table;
}
constexpr std::array<bool, 256> kOrdinary = make_ordinary();

std::size_t behind_ordinary(ByteView bytes, std::size_t from) {
  const std::uint8_t* at = bytes.data() + from;
  const std::uint8_t* const end = bytes.data() + bytes.size();
  while (at != end && kOrdinary[*at]) ++at;
  return static_cast<std::size_t>(at - bytes.data());
}

}  // namespace

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
  for (;;) {
    at_ = behind_ordinary(bytes_, at_);
    if (done()) return false;
    if (next_is('"')) break;
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
