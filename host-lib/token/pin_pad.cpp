#include "pin_pad.h"

#include <array>

namespace sceau::token {
namespace {

constexpr std::uint8_t kVerifyPinDirect = 0x06;
constexpr std::uint8_t kModifyPinDirect = 0x07;
constexpr std::size_t kFeatureSize = 6;

// Numbers of the structure are little-endian.
void append_little(Bytes& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

std::optional<std::uint32_t> code_of(std::uint8_t feature, ByteView features) {
  for (; features.size() >= kFeatureSize; features = features.subspan(kFeatureSize)) {
    if (features[1] != 4) return std::nullopt;
    if (features[0] != feature) continue;
    std::uint32_t code = 0;
    for (std::size_t i = 2; i < kFeatureSize; ++i) code = code << 8U | features[i];
    return code;
  }
  return std::nullopt;
}

// How PIV writes its PINs: ASCII digits, left-justified in a block of 8 bytes, no length anywhere.
void append_form(Bytes& out) { append(out, std::array<std::uint8_t, 3>{0x82, 0x08, 0x00}); }

// What the reader sends to the card, once the PINs stand in it.
void append_command(Bytes& out, const Bytes& command) {
  out.insert(out.end(), 3, 0x00);
  append_little(out, static_cast<std::uint32_t>(command.size()), 4);
  append(out, command);
}

}  // namespace

std::optional<std::uint32_t> verify_code(ByteView features) { return code_of(kVerifyPinDirect, features); }
std::optional<std::uint32_t> modify_code(ByteView features) { return code_of(kModifyPinDirect, features); }

Bytes verify_structure(std::uint8_t reference) {
  Bytes command{0x00, 0x20, 0x00, reference, 8};
  command.insert(command.end(), 8, 0xFF);
  Bytes out{0, 0};  // the reader's own time-outs
  append_form(out);
  append_little(out, 0x0608, 2);  // 6 to 8 digits
  out.push_back(0x02);            // done when the person says so
  out.push_back(0x01);            // one message
  append_little(out, 0x0409, 2);  // in English, where the reader has a choice
  out.push_back(0x00);            // the first message
  append_command(out, command);
  return out;
}

Bytes modify_structure(std::uint8_t reference) {
  Bytes command{0x00, 0x24, 0x00, reference, 16};
  command.insert(command.end(), 16, 0xFF);
  Bytes out{0, 0};
  append_form(out);
  append(out, std::array<std::uint8_t, 2>{0, 8});  // where the old and the new PIN begin
  append_little(out, 0x0608, 2);
  out.push_back(0x03);                                   // the old one is asked, and the new one twice
  append(out, std::array<std::uint8_t, 2>{0x02, 0x03});  // done when the person says so; three messages
  append_little(out, 0x0409, 2);
  append(out, std::array<std::uint8_t, 3>{0, 1, 2});
  append_command(out, command);
  return out;
}

}  // namespace sceau::token
