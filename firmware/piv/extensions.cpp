// Yubico's extensions to PIV: metadata, attestation, management key, version, serial number.
#include "core/tlv.h"
#include "piv/piv.h"

namespace sceau::firmware::piv {

namespace {

constexpr std::uint32_t kTagAlgorithm = 0x01;
constexpr std::uint32_t kTagPolicy = 0x02;
constexpr std::uint32_t kTagOrigin = 0x03;
constexpr std::uint32_t kTagPublicKey = 0x04;
constexpr std::uint32_t kTagIsDefault = 0x05;
constexpr std::uint32_t kTagTries = 0x06;

void write_byte(TlvWriter& tlv, std::uint32_t tag, std::uint8_t value) {
  tlv.element(tag, ByteView(&value, 1));
}

void write_pair(TlvWriter& tlv, std::uint32_t tag, std::uint8_t first, std::uint8_t second) {
  const std::uint8_t pair[] = {first, second};
  tlv.element(tag, pair);
}

}  // namespace

StatusWord Piv::get_metadata(const Command& command, Writer& response) {
  if (command.p1 != 0) return sw::kWrongP1P2;
  if (!command.data.empty()) return sw::kWrongLength;
  const std::uint8_t slot = command.p2;
  if (slot == kReferencePin || slot == kReferencePuk) {
    return reference_metadata(static_cast<Reference>(slot), response);
  }
  if (slot == kSlotManagement) return management_metadata(response);
  if (!is_key_slot(slot) && slot != kSlotAttestation) return sw::kWrongP1P2;
  const Result<Key> found = keys_.read(slot);
  if (!found.ok()) return status_word(found.status());
  const Key& key = found.value();
  TlvWriter tlv(response);
  write_byte(tlv, kTagAlgorithm, key.algorithm());
  write_pair(tlv, kTagPolicy, static_cast<std::uint8_t>(key.pin_policy),
             static_cast<std::uint8_t>(key.touch_policy));
  write_byte(tlv, kTagOrigin, static_cast<std::uint8_t>(key.origin));
  const std::size_t point = tlv.begin(kTagPublicKey);
  write_public_key(key.pair.open, response);
  tlv.end(point);
  return sw::kOk;
}

StatusWord Piv::reference_metadata(Reference which, Writer& response) {
  const Result<Tries> tries = pins_.tries(which);
  const Result<bool> is_default = pins_.is_default(which);
  if (!tries.ok() || !is_default.ok()) return sw::kMemoryFailure;
  TlvWriter tlv(response);
  write_byte(tlv, kTagAlgorithm, 0xFF);
  write_byte(tlv, kTagIsDefault, is_default.value() ? 1 : 0);
  write_pair(tlv, kTagTries, tries.value().limit, tries.value().left);
  return sw::kOk;
}

StatusWord Piv::management_metadata(Writer& response) {
  const Result<ManagementKey> key = management_.key();
  if (!key.ok()) return status_word(key.status());
  TlvWriter tlv(response);
  write_byte(tlv, kTagAlgorithm, key.value().algorithm);
  write_pair(tlv, kTagPolicy, 0, static_cast<std::uint8_t>(key.value().touch_policy));
  write_byte(tlv, kTagIsDefault, key.value().is_default ? 1 : 0);
  return sw::kOk;
}

StatusWord Piv::attest(const Command& command, Writer& response) {
  if (command.p2 != 0 || !is_key_slot(command.p1)) return sw::kWrongP1P2;
  if (!command.data.empty()) return sw::kWrongLength;
  const Result<Key> key = keys_.read(command.p1);
  if (!key.ok()) return status_word(key.status());
  // An attestation says that the key was made in here.
  if (key.value().origin != Origin::kGenerated) return sw::kWrongData;
  const Status status = attestation_.attest(command.p1, key.value(), response);
  return status == Status::kNotFound ? sw::kConditions : status_word(status);
}

// algorithm, 9B, length, key. P2: FF without touch, FE with.
StatusWord Piv::set_management_key(const Command& command) {
  if (command.p1 != 0xFF || (command.p2 != 0xFF && command.p2 != 0xFE)) return sw::kWrongP1P2;
  if (!management_.authenticated()) return sw::kSecurityStatus;
  const ByteView data = command.data;
  if (data.size() < 3) return sw::kWrongLength;
  if (data[1] != kSlotManagement || data[2] != data.size() - 3) return sw::kWrongData;
  const TouchPolicy touch = command.p2 == 0xFE ? TouchPolicy::kAlways : TouchPolicy::kNever;
  return status_word(management_.replace(data[0], data.subspan(3), touch));
}

StatusWord Piv::get_version(const Command& command, Writer& response) {
  if (command.p1 != 0 || command.p2 != 0) return sw::kWrongP1P2;
  if (!command.data.empty()) return sw::kWrongLength;
  response.bytes(kVersion);
  return sw::kOk;
}

StatusWord Piv::get_serial(const Command& command, Writer& response) {
  if (command.p1 != 0 || command.p2 != 0) return sw::kWrongP1P2;
  if (!command.data.empty()) return sw::kWrongLength;
  std::array<std::uint8_t, 4> serial{};
  store_be32(serial.data(), board_.serial());
  response.bytes(serial);
  return sw::kOk;
}

}  // namespace sceau::firmware::piv
