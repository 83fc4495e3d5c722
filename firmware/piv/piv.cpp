#include "piv/piv.h"

#include "core/tlv.h"

namespace sceau::firmware::piv {

Piv::Piv(Board& board, Store& store, KeyEngine& engine, ShownKeys& shown)
    : board_(board),
      store_(store),
      engine_(engine),
      pins_(board, store),
      keys_(store),
      management_(board, store),
      data_(store, shown),
      attestation_(board, store, engine) {}

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
    case 0x84:
      return get_challenge(command, response);
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
    case 0xF6:
      return move_key(command);
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
    case 0xFE:
      return import(command);
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

// ISO 7816-4 clause 11.5.3, without an algorithm: bytes from the board's random source, for whoever asks.
StatusWord Piv::get_challenge(const Command& command, Writer& response) {
  constexpr std::uint32_t kMost = 256;
  if (command.p1 != 0 || command.p2 != 0) return sw::kWrongP1P2;
  if (!command.data.empty() || !command.expects || command.expected > kMost) return sw::kWrongLength;
  return status_word(write_random(board_, command.expected, response));
}

Status write_random(Board& board, std::size_t size, Writer& response) {
  const ByteSpan rest = response.rest();
  if (rest.size() < size) return Status::kTooLong;
  const Status status = board.random(rest.first(size));
  if (status == Status::kOk) response.grow(size);
  return status;
}

}  // namespace sceau::firmware::piv
