#include "tlv.h"

namespace sceau::token {

std::optional<Tlv> TlvReader::next() {
  std::size_t at = 0;
  if (rest_.empty()) return std::nullopt;
  std::uint32_t tag = rest_[at++];
  if ((tag & 0x1FU) == 0x1F) {
    for (int more = 0;; ++more) {
      if (more == 2 || at == rest_.size()) return std::nullopt;
      tag = tag << 8U | rest_[at];
      if ((rest_[at++] & 0x80U) == 0) break;
    }
  }
  if (at == rest_.size()) return std::nullopt;
  std::size_t length = rest_[at++];
  if (length > 0x82 || length == 0x80) return std::nullopt;
  if (length > 0x80) {
    const std::size_t bytes = length - 0x80;
    if (rest_.size() - at < bytes) return std::nullopt;
    length = 0;
    for (std::size_t i = 0; i < bytes; ++i) length = length << 8U | rest_[at++];
  }
  if (rest_.size() - at < length) return std::nullopt;
  const Tlv element{tag, rest_.subspan(at, length)};
  rest_ = rest_.subspan(at + length);
  return element;
}

std::optional<ByteView> only_element(ByteView bytes, std::uint32_t tag) {
  TlvReader reader(bytes);
  const auto element = reader.next();
  if (!element || element->tag != tag || !reader.done()) return std::nullopt;
  return element->value;
}

std::optional<ByteView> find_element(ByteView bytes, std::uint32_t tag) {
  std::optional<ByteView> found;
  TlvReader reader(bytes);
  while (!reader.done()) {
    const auto element = reader.next();
    if (!element) return std::nullopt;
    if (element->tag == tag && !found) found = element->value;
  }
  return found;
}

void append_tlv(Bytes& out, std::uint32_t tag, ByteView value) {
  for (unsigned shift = 24; shift > 0; shift -= 8)
    if (tag >> shift != 0) out.push_back(static_cast<std::uint8_t>(tag >> shift));
  out.push_back(static_cast<std::uint8_t>(tag));
  if (value.size() > 0xFF) {
    out.push_back(0x82);
    append_u16(out, static_cast<std::uint16_t>(value.size()));
  } else {
    if (value.size() > 0x7F) out.push_back(0x81);
    out.push_back(static_cast<std::uint8_t>(value.size()));
  }
  append(out, value);
}

}  // namespace sceau::token
