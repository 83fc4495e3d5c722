// BER-TLV as ISO/IEC 7816-4, 5.2.2 limits it, read from cards that may lie: tags of one to three bytes,
// definite lengths below 65536. Nothing is ever read outside the bytes given.
#pragma once

#include <optional>

#include "sceau/base/bytes.h"

namespace sceau::token {

struct Tlv {
  std::uint32_t tag = 0;
  ByteView value;
};

// Takes elements off the front of `rest`; the bytes must outlive the views.
class TlvReader {
 public:
  explicit TlvReader(ByteView bytes) : rest_(bytes) {}
  [[nodiscard]] bool done() const { return rest_.empty(); }
  // Nothing when what follows is no element that ends inside the bytes.
  std::optional<Tlv> next();

 private:
  ByteView rest_;
};

// The value of the only element, when `bytes` are exactly one element with that tag.
std::optional<ByteView> only_element(ByteView bytes, std::uint32_t tag);
// The value of the first element with that tag, when `bytes` are a well-formed row of elements.
std::optional<ByteView> find_element(ByteView bytes, std::uint32_t tag);

void append_tlv(Bytes& out, std::uint32_t tag, ByteView value);

}  // namespace sceau::token
