#include "piv/piv.h"

#include "core/tlv.h"

namespace sceau::firmware::piv {

Piv::Piv(Board& board, Store& store, P256& p256)
    : board_(board),
      store_(store),
      p256_(p256),
      pins_(board, store),
      keys_(store),
      management_(board, store),
      data_(store),
      attestation_(board, store, p256) {}

Status Piv::start() {
  if (!store_.contains(place::kManagementKey)) {
    const Status status = make_fresh(kDefaultTries, kDefaultTries);
    if (status != Status::kOk) return status;
  }
  return attestation_.ensure();
}

// Everything that a person has put on the card goes, and the defaults come, in one transaction.
Status Piv::make_fresh(std::uint8_t pin_limit, std::uint8_t puk_limit) {
  std::array<std::uint8_t, 32> random{};
  const Status status = board_.random(random);
  if (status != Status::kOk) return status;
  const std::span<const std::uint8_t, 32> identifiers(random);
  const Chuid chuid = make_chuid(identifiers.first<16>());
  const CapabilityContainer container = make_capability_container(identifiers.last<16>());
  const Management::Bytes management = Management::default_record();
  const Change before[] = {Change::remove_range(place::kFirst, place::kLast),
                           Change::set(place::kManagementKey, management), Change::set(kChuidPlace, chuid),
                           Change::set(kCapabilityContainerPlace, container)};
  return pins_.restore_defaults(pin_limit, puk_limit, before);
}

// Application property template (SP 800-73-5 part 2, table 3). Selecting again leaves log-ins as they are
// (part 2, 3.1.1), but no challenge.
StatusWord Piv::select(bool again, Writer& response) {
  if (!again) deselect();
  management_.drop_challenge();
  constexpr std::uint8_t kPix[] = {0x00, 0x00, 0x10, 0x00, 0x01, 0x00};
  constexpr std::uint8_t kAuthority[] = {0xA0, 0x00, 0x00, 0x03, 0x08};
  TlvWriter tlv(response);
  const std::size_t property = tlv.begin(0x61);
  tlv.element(0x4F, kPix);
  const std::size_t authority = tlv.begin(0x79);
  tlv.element(0x4F, kAuthority);
  tlv.end(authority);
  tlv.element(0x50, as_bytes("Sceau PIV"));
  tlv.end(property);
  return sw::kOk;
}

void Piv::deselect() {
  forget_pin();
  management_.log_out();
  touch_cached_ = false;
}

StatusWord Piv::process(const Command& command, Writer& response) {
  const StatusWord word = process_nist(command, response);
  return word == sw::kInstruction ? process_extension(command, response) : word;
}

StatusWord Piv::process_nist(const Command& command, Writer& response) {
  switch (command.ins) {
    case 0x20:
      return verify(command);
    case 0x24:
      return change_reference_data(command);
    case 0x2C:
      return reset_retry_counter(command);
    case 0x47:
      return generate(command, response);
    case 0x87:
      return general_authenticate(command, response);
    case 0xCB:
      return get_data(command, response);
    case 0xDB:
      return put_data(command);
    default:
      return sw::kInstruction;
  }
}

StatusWord Piv::process_extension(const Command& command, Writer& response) {
  switch (command.ins) {
    case 0xF7:
      return get_metadata(command, response);
    case 0xF8:
      return get_serial(command, response);
    case 0xF9:
      return attest(command, response);
    case 0xFA:
      return set_retries(command);
    case 0xFB:
      return reset(command);
    case 0xFD:
      return get_version(command, response);
    case 0xFF:
      return set_management_key(command);
    default:
      return sw::kInstruction;
  }
}

StatusWord Piv::get_data(const Command& command, Writer& response) {
  if (command.p1 != 0x3F || command.p2 != 0xFF) return sw::kWrongP1P2;
  if (command.data.empty()) return sw::kWrongLength;
  return data_.get(command.data, pin_verified(), response);
}

StatusWord Piv::put_data(const Command& command) {
  if (command.p1 != 0x3F || command.p2 != 0xFF) return sw::kWrongP1P2;
  if (!management_.authenticated()) return sw::kSecurityStatus;
  if (command.data.empty()) return sw::kWrongLength;
  return data_.put(command.data);
}

namespace {

// One byte, from `lowest` to `highest`, in `tag`; `otherwise` where the tag is absent or the byte 0.
Result<std::uint8_t> read_choice(ByteView data, std::uint32_t tag, std::uint8_t highest,
                                 std::uint8_t otherwise) {
  const Result<ByteView> found = find_tlv(data, tag);
  if (found.status() == Status::kNotFound) return otherwise;
  if (!found.ok() || found.value().size() != 1 || found.value()[0] > highest) return Status::kInvalid;
  return found.value()[0] == 0 ? otherwise : found.value()[0];
}

// AC { 80 algorithm, AA PIN policy, AB touch policy }: every element known, none twice.
Result<Key> read_generation(ByteView data, std::uint8_t slot) {
  TlvReader outer(data);
  const Result<Tlv> control = outer.next();
  if (!control.ok() || control.value().tag != 0xAC || !outer.done()) return Status::kInvalid;
  const ByteView content = control.value().value;
  TlvReader inner(content);
  std::array<bool, 256> seen{};
  while (!inner.done()) {
    const Result<Tlv> element = inner.next();
    if (!element.ok()) return Status::kInvalid;
    const std::uint32_t tag = element.value().tag;
    if ((tag != 0x80 && tag != 0xAA && tag != 0xAB) || seen[tag]) return Status::kInvalid;
    seen[tag] = true;
  }
  const Result<ByteView> algorithm = find_tlv(content, 0x80);
  if (!algorithm.ok() || algorithm.value().size() != 1 || algorithm.value()[0] != kEccP256) {
    return Status::kInvalid;
  }
  const Result<std::uint8_t> pin =
      read_choice(content, 0xAA, 3, static_cast<std::uint8_t>(default_pin_policy(slot)));
  const Result<std::uint8_t> touch =
      read_choice(content, 0xAB, 3, static_cast<std::uint8_t>(TouchPolicy::kNever));
  if (!pin.ok() || !touch.ok()) return Status::kInvalid;
  Key key;
  key.pin_policy = static_cast<PinPolicy>(pin.value());
  key.touch_policy = static_cast<TouchPolicy>(touch.value());
  return key;
}

}  // namespace

StatusWord Piv::generate(const Command& command, Writer& response) {
  if (command.p1 != 0) return sw::kWrongP1P2;
  // The attestation key is made with the device, and stays.
  if (command.p2 == kSlotAttestation) return sw::kConditions;
  if (!is_key_slot(command.p2)) return sw::kWrongP1P2;
  if (!management_.authenticated()) return sw::kSecurityStatus;
  if (command.data.empty()) return sw::kWrongLength;
  Result<Key> key = read_generation(command.data, command.p2);
  if (!key.ok()) return sw::kWrongData;
  const Result<P256KeyPair> pair = p256_.generate();
  if (!pair.ok()) return status_word(pair.status());
  key.value().pair = pair.value();
  const Status status = keys_.write(command.p2, key.value());
  if (status != Status::kOk) return status_word(status);
  write_public_key(pair.value().point, true, response);
  return sw::kOk;
}

void write_public_key(const P256Public& point, bool wrapped, Writer& response) {
  TlvWriter tlv(response);
  const std::size_t outer = wrapped ? tlv.begin(0x7F49) : 0;
  tlv.element(0x86, point);
  if (wrapped) tlv.end(outer);
}

}  // namespace sceau::firmware::piv
