#include "pin_pad.h"

namespace sceau::token {
namespace {

constexpr std::uint8_t kVerifyPinDirect = 0x06;
constexpr std::size_t kFeatureSize = 6;

// Numbers of the structure are little-endian.
void append_little(Bytes& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

}  // namespace

std::optional<std::uint32_t> verify_code(ByteView features) {
  for (; features.size() >= kFeatureSize; features = features.subspan(kFeatureSize)) {
    if (features[1] != 4) return std::nullopt;
    if (features[0] != kVerifyPinDirect) continue;
    std::uint32_t code = 0;
    for (std::size_t i = 2; i < kFeatureSize; ++i) code = code << 8U | features[i];
    return code;
  }
  return std::nullopt;
}

Bytes verify_structure(std::uint8_t reference) {
  Bytes command{0x00, 0x20, 0x00, reference, 8};
  command.insert(command.end(), 8, 0xFF);
  Bytes out{0, 0};                // the reader's own time-outs
  out.push_back(0x82);            // ASCII digits, left-justified, from byte 0 on
  out.push_back(0x08);            // a block of 8 bytes, no length in it
  out.push_back(0x00);            // nor anywhere else
  append_little(out, 0x0608, 2);  // 6 to 8 digits
  out.push_back(0x02);            // done when the person says so
  out.push_back(0x01);            // one message
  append_little(out, 0x0409, 2);  // in English, where the reader has a choice
  out.push_back(0x00);            // the first message
  out.insert(out.end(), 3, 0x00);
  append_little(out, static_cast<std::uint32_t>(command.size()), 4);
  append(out, command);
  return out;
}

}  // namespace sceau::token
