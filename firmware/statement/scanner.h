// Reads the scalars of canonical JSON (RFC 8785, as restricted in host-lib/FORMATS.md): texts, integers, true
// and false, and single bytes of punctuation. What it takes, RFC 8785 would have written: there is no other
// spelling that it knows, so no second pass has to compare.
#pragma once

#include "core/bytes.h"

namespace sceau::firmware::statement {

inline constexpr std::int64_t kMaxInteger = std::int64_t{1} << 53U;

// Between its quotes, as it stands. The only escapes are \" and \\, for nothing else that RFC 8785 escapes is
// allowed in a statement.
struct Text {
  ByteView raw;
  std::size_t size = 0;  // bytes of the text that it spells

  bool is(std::string_view word) const { return equal(raw, as_bytes(word)); }
};

class Scanner {
 public:
  explicit Scanner(ByteView bytes) : bytes_(bytes) {}

  bool done() const { return at_ == bytes_.size(); }
  std::size_t position() const { return at_; }
  bool next_is(char c) const { return at_ < bytes_.size() && bytes_[at_] == static_cast<std::uint8_t>(c); }

  // Each takes what it names and returns true, or returns false; then the bytes are no statement, and what
  // follows has no meaning.
  bool take(char c);
  bool take(std::string_view word);
  bool text(Text& out);
  bool integer(std::int64_t& out);

 private:
  ByteView bytes_;
  std::size_t at_ = 0;
};

}  // namespace sceau::firmware::statement
