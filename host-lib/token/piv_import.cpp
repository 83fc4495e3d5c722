// Keys that come and go, RSA, and the card's own randomness (ISO/IEC 7816-4, 11.5.3; Yubico's extensions FE
// and F6).
#include <array>

#include "commands.h"
#include "sceau/token/piv.h"
#include "tlv.h"

namespace sceau::token {
namespace {

// IMPORT ASYMMETRIC KEY: 01..05 are RSA's numbers, 06 the scalar of a curve.
Secret import_data(const PrivateKey& key, PinPolicy pin, TouchPolicy touch) {
  Bytes data;
  data.reserve(1024);  // growing would leave copies behind
  if (key.scalar.empty()) {
    append_tlv(data, 0x01, key.prime1.view());
    append_tlv(data, 0x02, key.prime2.view());
    append_tlv(data, 0x03, key.exponent1.view());
    append_tlv(data, 0x04, key.exponent2.view());
    append_tlv(data, 0x05, key.coefficient.view());
  } else {
    append_tlv(data, 0x06, key.scalar.view());
  }
  if (pin != PinPolicy::standard) append_tlv(data, 0xAA, std::array{static_cast<std::uint8_t>(pin)});
  if (touch != TouchPolicy::standard) append_tlv(data, 0xAB, std::array{static_cast<std::uint8_t>(touch)});
  return Secret(std::move(data));
}

std::size_t modulus_size(Algorithm algorithm) { return algorithm == Algorithm::rsa_3072 ? 384 : 256; }

}  // namespace

Result<Secret> PivCard::rsa_private(Slot slot, Algorithm algorithm, ByteView block) {
  auto held = hold();
  if (!held) return held.error();
  const std::string doing = "cannot use the RSA key in slot " + slot_text(slot);
  if (block.size() != modulus_size(algorithm))
    return Error{ErrorKind::invalid, doing + ": a block of " + std::to_string(block.size()) +
                                         " bytes is not as long as its modulus"};
  auto value = use_key(slot, algorithm, tag::kChallenge, block, doing);
  if (value && value->size() != block.size()) return malformed(doing);
  return value;
}

Status PivCard::import_key(Slot slot, const PrivateKey& key, PinPolicy pin, TouchPolicy touch) {
  auto held = hold();
  if (!held) return held.error();
  const Secret data = import_data(key, pin, touch);
  auto response = send_selected({0x00, 0xFE, static_cast<std::uint8_t>(key.algorithm),
                                 static_cast<std::uint8_t>(slot), data.view(), false});
  if (!response) return response.error();
  if (!response->success())
    return failure("cannot import a key into slot " + slot_text(slot), response->status);
  return {};
}

Status PivCard::remove_key(Slot slot) {
  auto held = hold();
  if (!held) return held.error();
  auto response = send_selected({0x00, 0xF6, 0xFF, static_cast<std::uint8_t>(slot), {}, false});
  if (!response) return response.error();
  if (!response->success())
    return failure("cannot remove the key in slot " + slot_text(slot), response->status);
  return {};
}

Result<Secret> PivCard::random_bytes(std::size_t count) {
  auto held = hold();
  if (!held) return held.error();
  const std::string doing = "cannot get random bytes";
  if (count == 0 || count > 255) return Error{ErrorKind::invalid, doing + ": ask for 1 to 255 at once"};
  const auto wanted = static_cast<std::uint8_t>(count);
  auto response = send_selected({0x00, 0x84, 0x00, 0x00, {}, true, wanted});
  if (!response) return response.error();
  Secret bytes(std::move(response->data));
  if (!response->success()) return failure(doing, response->status);
  if (bytes.size() < count) return malformed(doing);
  if (bytes.size() == count) return bytes;
  return Secret(bytes.view().first(count));
}

Result<bool> PivCard::puk_is_default() {
  auto held = hold();
  if (!held) return held.error();
  const std::string doing = "cannot read about the PUK";
  auto response = send_selected({0x00, 0xF7, 0x00, 0x81, {}, true});
  if (!response) return response.error();
  if (!response->success()) return failure(doing, response->status);
  const auto is_default = find_element(response->data, 0x05);
  if (!is_default || is_default->size() != 1) return malformed(doing);
  return (*is_default)[0] != 0;
}

}  // namespace sceau::token
