#include "sceau/pki/der.h"

namespace sceau::pki {

namespace {

constexpr int max_depth = 32;

bool strict_elements(ByteView bytes, int depth) {  // NOLINT(misc-no-recursion): at most max_depth
  if (depth > max_depth) return false;
  for (DerReader reader(bytes); !reader.done();) {
    const auto element = reader.next();
    if (!element) return false;
    if ((element->tag & 0x20U) != 0 && !strict_elements(element->value, depth + 1)) return false;
  }
  return true;
}

}  // namespace

std::optional<DerElement> DerReader::next() {
  if (rest_.size() < 2 || (rest_[0] & 0x1FU) == 0x1F) return std::nullopt;
  std::size_t header = 2;
  std::size_t length = rest_[1];
  if (length >= 0x80) {
    const std::size_t octets = length & 0x7FU;
    if (octets == 0 || octets > 4 || rest_.size() < 2 + octets) return std::nullopt;
    length = 0;
    for (std::size_t i = 0; i < octets; ++i) length = (length << 8U) | rest_[2 + i];
    if (length < 0x80 || rest_[2] == 0) return std::nullopt;
    header += octets;
  }
  if (rest_.size() - header < length) return std::nullopt;
  const DerElement element{rest_[0], rest_.subspan(header, length), rest_.first(header + length)};
  rest_ = rest_.subspan(header + length);
  return element;
}

std::optional<ByteView> DerReader::next(std::uint8_t tag) {
  if (peek() != tag) return std::nullopt;
  const auto element = next();
  if (!element) return std::nullopt;
  return element->value;
}

bool is_strict_der(ByteView bytes) {
  DerReader reader(bytes);
  return reader.next() && reader.done() && strict_elements(bytes, 0);
}

Bytes der(std::uint8_t tag, std::initializer_list<ByteView> parts) {
  std::size_t length = 0;
  for (const ByteView part : parts) length += part.size();
  Bytes out;
  out.reserve(length + 6);
  out.push_back(tag);
  if (length < 0x80) {
    out.push_back(static_cast<std::uint8_t>(length));
  } else {
    unsigned octets = 1;
    while (octets < 8 && (length >> (8U * octets)) != 0) ++octets;
    out.push_back(static_cast<std::uint8_t>(0x80U | octets));
    while (octets-- > 0) out.push_back(static_cast<std::uint8_t>(length >> (8U * octets)));
  }
  for (const ByteView part : parts) append(out, part);
  return out;
}

}  // namespace sceau::pki
