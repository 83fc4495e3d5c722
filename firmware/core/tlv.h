// Tag-length-value, as ISO 7816-4 clause 5.2 (BER-TLV) and X.690 (DER) have it: tags of one to three bytes,
// definite lengths of one to three bytes.
//
// The reader is given bytes from outside and trusts none: it never reads past its view, never calls itself,
// and refuses indefinite lengths. The writer always writes the shortest length, so what it makes is DER.
#pragma once

#include "core/bytes.h"
#include "core/status.h"

namespace sceau::firmware {

struct Tlv {
  std::uint32_t tag = 0;  // as written: 0x5C, 0x7F49, 0x5FC105
  ByteView value;
};

class TlvReader {
 public:
  explicit TlvReader(ByteView data) : rest_(data) {}

  bool done() const { return rest_.empty(); }
  // The next element. kInvalid: truncated, indefinite length, longer than 65,535 bytes, or a tag of more than
  // three bytes; the reader does not move on from there.
  Result<Tlv> next();

 private:
  ByteView rest_;
};

// The first element with `tag` at the top level of `data`. kNotFound, or kInvalid when the bytes before it
// are malformed.
Result<ByteView> find_tlv(ByteView data, std::uint32_t tag);

class TlvWriter {
 public:
  explicit TlvWriter(Writer& out) : out_(out) {}

  void element(std::uint32_t tag, ByteView value);
  // begin() … end(mark) encloses what is written between; marks close in the reverse order of opening.
  std::size_t begin(std::uint32_t tag);
  void end(std::size_t mark);

 private:
  void tag(std::uint32_t tag);

  Writer& out_;
};

}  // namespace sceau::firmware
