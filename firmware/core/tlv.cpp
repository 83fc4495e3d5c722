#include "core/tlv.h"

namespace sceau::firmware {

namespace {

// Bytes that the tag at the start of `data` takes, 0 when malformed.
std::size_t tag_size(ByteView data) {
  if (data.empty()) return 0;
  if ((data[0] & 0x1F) != 0x1F) return 1;
  if (data.size() < 2) return 0;
  if ((data[1] & 0x80) == 0) return 2;
  if (data.size() < 3 || (data[2] & 0x80) != 0) return 0;
  return 3;
}

// Bytes that a length takes when written shortest.
std::size_t length_size(std::size_t length) { return length < 0x80 ? 1 : length < 0x100 ? 2 : 3; }

}  // namespace

Result<Tlv> TlvReader::next() {
  const std::size_t tag_bytes = tag_size(rest_);
  if (tag_bytes == 0 || rest_.size() == tag_bytes) return Status::kInvalid;
  Tlv tlv;
  for (std::size_t i = 0; i < tag_bytes; ++i) tlv.tag = (tlv.tag << 8) | rest_[i];

  ByteView body = rest_.subspan(tag_bytes + 1);
  std::size_t length = rest_[tag_bytes];
  if (length >= 0x80) {
    const std::size_t count = length & 0x7F;
    if (count < 1 || count > 2 || body.size() < count) return Status::kInvalid;
    length = count == 1 ? body[0] : load_be16(body.data());
    body = body.subspan(count);
  }
  if (length > body.size()) return Status::kInvalid;
  tlv.value = body.first(length);
  rest_ = body.subspan(length);
  return tlv;
}

Result<ByteView> find_tlv(ByteView data, std::uint32_t tag) {
  TlvReader reader(data);
  while (!reader.done()) {
    const Result<Tlv> tlv = reader.next();
    if (!tlv.ok()) return tlv.status();
    if (tlv.value().tag == tag) return tlv.value().value;
  }
  return Status::kNotFound;
}

void TlvWriter::tag(std::uint32_t tag) {
  if (tag > 0xFFFF) out_.byte(static_cast<std::uint8_t>(tag >> 16));
  if (tag > 0xFF) out_.byte(static_cast<std::uint8_t>(tag >> 8));
  out_.byte(static_cast<std::uint8_t>(tag));
}

void TlvWriter::element(std::uint32_t tag_value, ByteView value) {
  const std::size_t mark = begin(tag_value);
  out_.bytes(value);
  end(mark);
}

std::size_t TlvWriter::begin(std::uint32_t tag_value) {
  tag(tag_value);
  return out_.size();
}

void TlvWriter::end(std::size_t mark) {
  const std::size_t length = out_.size() - mark;
  const std::size_t bytes = length_size(length);
  out_.open_gap(mark, bytes);
  if (out_.overflowed()) return;
  if (bytes == 1) {
    out_.put_at(mark, static_cast<std::uint8_t>(length));
    return;
  }
  out_.put_at(mark, static_cast<std::uint8_t>(0x80 | (bytes - 1)));
  for (std::size_t i = 1; i < bytes; ++i) {
    out_.put_at(mark + i, static_cast<std::uint8_t>(length >> (8 * (bytes - 1 - i))));
  }
}

}  // namespace sceau::firmware
