// What cards of the tests answer with: TLV of one-byte tags, and data with the status word of success.
#pragma once

#include "sceau/base/bytes.h"

namespace sceau::test {

// Values of at most 65,535 bytes.
inline Bytes tlv(std::uint8_t tag, ByteView value) {
  Bytes out{tag};
  if (value.size() > 0xFF) {
    out.push_back(0x82);
    append_u16(out, static_cast<std::uint16_t>(value.size()));
  } else {
    if (value.size() > 0x7F) out.push_back(0x81);
    out.push_back(static_cast<std::uint8_t>(value.size()));
  }
  append(out, value);
  return out;
}

inline Bytes answer(ByteView data) {
  Bytes out = to_bytes(data);
  append_u16(out, 0x9000);
  return out;
}

}  // namespace sceau::test
