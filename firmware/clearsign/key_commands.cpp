// Commands about keys and the journal: generate, delete, certificates, information, attestation, reading.
#include "clearsign/clearsign.h"
#include "clearsign/screen.h"
#include "core/tlv.h"

namespace sceau::firmware::clearsign {

namespace {

void put_list(statement::LineWriter& out, std::string_view label, ByteView list) {
  out.put(label);
  out.put(": ");
  TlvReader reader(list);
  for (bool first = true; !reader.done(); first = false) {
    const Result<Tlv> item = reader.next();
    if (!item.ok()) break;
    if (!first) out.put(", ");
    out.put(as_text(item.value().value));
  }
  out.end();
}

}  // namespace

bool ClearSign::confirm_generation(std::uint8_t slot, const KeyPolicy& policy) {
  ScreenSink screen;
  statement::LineWriter out(screen);
  put_slot(out, "make a clear-sign key in slot ", slot);
  out.field("PIN", policy.pin == kPinAlways ? "for each signature" : "once");
  out.field("button", policy.touch == kTouchAlways ? "for each signature" : "never");
  out.put("longest window: ");
  out.put_number(policy.window);
  out.put(" s");
  out.end();
  if (policy.is_custodian) put_holders(out, "custodian, cloned to any ", policy.custodian);
  if (policy.bounds_kinds) put_list(out, "kinds", policy.kinds);
  if (policy.bounds_sources) put_list(out, "sources", policy.sources);
  put_list(out, "signs", policy.types);
  return agreed_on(screen);
}

// P2: an empty slot. Data: the key's policy. Answer: 7F49 { 86 point }.
StatusWord ClearSign::generate(const Command& command, Writer& response) {
  if (command.p1 != 0 || !is_key_slot(command.p2)) return sw::kWrongP1P2;
  const Result<KeyPolicy> policy = read_policy(command.data);
  Key key;
  if (!policy.ok() || !key.policy.assign(command.data)) return sw::kWrongData;
  if (!pin_verified_) return sw::kSecurityStatus;
  if (keys_.contains(command.p2)) return sw::kConditions;
  const Result<Master> master = make_master(policy.value());
  if (!master.ok()) return status_word(master.status());
  if (!confirm_generation(command.p2, policy.value())) return sw::kSecurityStatus;
  const Result<KeyPair> pair = engine_.generate(KeyType::kP256);
  if (!pair.ok()) return status_word(pair.status());
  key.pair = pair.value();
  const Master* secret = policy.value().is_custodian ? &master.value() : nullptr;
  const Status status = keys_.write(command.p2, key, secret);
  if (status != Status::kOk) return status_word(status);
  TlvWriter tlv(response);
  const std::size_t whole = tlv.begin(0x7F49);
  tlv.element(0x86, key.pair.open.bytes.view());
  tlv.end(whole);
  return sw::kOk;
}

// P2: the slot. Its counter goes on with the next key.
StatusWord ClearSign::remove(const Command& command) {
  if (command.p1 != 0 || !is_key_slot(command.p2)) return sw::kWrongP1P2;
  if (!command.data.empty()) return sw::kWrongLength;
  if (!pin_verified_) return sw::kSecurityStatus;
  if (!keys_.contains(command.p2)) return sw::kReferenceNotFound;
  ScreenSink screen;
  statement::LineWriter out(screen);
  put_slot(out, "delete the clear-sign key in slot ", command.p2);
  if (!agreed_on(screen)) return sw::kSecurityStatus;
  clear_desk();
  restoration_.clear();
  return status_word(keys_.remove(command.p2));
}

StatusWord ClearSign::put_certificate(const Command& command) {
  if (command.p1 != 0 || !is_key_slot(command.p2)) return sw::kWrongP1P2;
  if (command.data.empty() || command.data.size() > kMaxCertificate) return sw::kWrongLength;
  if (!pin_verified_) return sw::kSecurityStatus;
  if (!keys_.contains(command.p2)) return sw::kReferenceNotFound;
  return status_word(keys_.put_certificate(command.p2, command.data));
}

StatusWord ClearSign::get_certificate(const Command& command, Writer& response) {
  if (command.p1 != 0 || !is_key_slot(command.p2)) return sw::kWrongP1P2;
  if (!command.data.empty()) return sw::kWrongLength;
  const Result<std::size_t> size = keys_.certificate(command.p2, response.rest());
  if (!size.ok()) return status_word(size.status());
  response.grow(size.value());
  return sw::kOk;
}

// P2: a slot, or 0 for the token: 80 slots in use, 81 bytes a statement may have, 82 serial, 83 firmware's
// digest. Of a slot: 80 public point, 81 policy, 82 counter, 83 whether it has a certificate,
// and of a custodian 84 whether its shares were given out.
StatusWord ClearSign::information(const Command& command, Writer& response) {
  if (command.p1 != 0 || (command.p2 != 0 && !is_key_slot(command.p2))) return sw::kWrongP1P2;
  if (!command.data.empty()) return sw::kWrongLength;
  if (command.p2 == 0) return list_keys(response);
  const Result<Key> key = keys_.read(command.p2);
  const Result<std::uint32_t> counter = keys_.counter(command.p2);
  if (!key.ok()) return status_word(key.status());
  if (!counter.ok()) return status_word(counter.status());
  std::array<std::uint8_t, 4> count{};
  store_be32(count.data(), counter.value());
  const auto place = static_cast<ObjectKey>(place::kCertificates + command.p2);
  const std::uint8_t certified = store_.contains(place) ? 1 : 0;
  TlvWriter tlv(response);
  tlv.element(0x80, key.value().pair.open.bytes.view());
  tlv.element(0x81, key.value().policy.view());
  tlv.element(0x82, count);
  tlv.element(0x83, ByteView(&certified, 1));
  const Result<KeptMaster> master = keys_.master(command.p2);
  if (!master.ok()) return master.status() == Status::kNotFound ? sw::kOk : status_word(master.status());
  const std::uint8_t cloned = master.value().cloned ? 1 : 0;
  tlv.element(0x84, ByteView(&cloned, 1));
  return sw::kOk;
}

StatusWord ClearSign::list_keys(Writer& response) {
  std::array<std::uint8_t, kSlotLast - kSlotFirst + 1> slots{};
  std::size_t count = 0;
  for (std::uint8_t slot = kSlotFirst; slot <= kSlotLast; ++slot) {
    if (keys_.contains(slot)) slots[count++] = slot;
  }
  constexpr std::uint8_t kMost[] = {statement::kMaxStatement >> 8U, statement::kMaxStatement & 0xFFU};
  std::array<std::uint8_t, 4> serial{};
  store_be32(serial.data(), board_.serial());
  TlvWriter tlv(response);
  tlv.element(0x80, ByteView(slots).first(count));
  tlv.element(0x81, kMost);
  tlv.element(0x82, serial);
  tlv.element(0x83, board_.firmware_digest());
  return sw::kOk;
}

// P1: the slot. Answer: the certificate by which the device vouches for the key and its policy.
StatusWord ClearSign::attest(const Command& command, Writer& response) {
  if (command.p2 != 0 || !is_key_slot(command.p1)) return sw::kWrongP1P2;
  if (!command.data.empty()) return sw::kWrongLength;
  const Result<Key> key = keys_.read(command.p1);
  if (!key.ok()) return status_word(key.status());
  const Result<KeyPolicy> policy = read_policy(key.value().policy.view());
  if (!policy.ok()) return sw::kMemoryFailure;
  const Status status =
      attestation_.attest({command.p1, key.value().pair.open, policy.value().pin, policy.value().touch,
                           CertificateExtension{kKeyPolicy, key.value().policy.view()}},
                          response);
  return status == Status::kNotFound ? sw::kConditions : status_word(status);
}

// Data: 32 bytes of the reader's choice. Answer: 80 count, 81 head, 82 the device key's signature over
// "sceau journal head v1", serial, count, head and those bytes.
StatusWord ClearSign::journal_head(const Command& command, Writer& response) {
  if (command.p1 != 0 || command.p2 != 0) return sw::kWrongP1P2;
  if (command.data.size() != kHashSize) return sw::kWrongLength;
  const Result<JournalHead> head = journal_.head();
  if (!head.ok()) return status_word(head.status());
  std::array<std::uint8_t, 128> message{};
  std::array<std::uint8_t, 4> number{};
  Writer out(message);
  out.bytes(as_bytes("sceau journal head v1"));
  store_be32(number.data(), board_.serial());
  out.bytes(number);
  store_be32(number.data(), head.value().count);
  out.bytes(number);
  out.bytes(head.value().hash);
  out.bytes(command.data);
  const Result<KeyOutput> signature = attestation_.sign(out.written());
  if (!signature.ok()) return status_word(signature.status());
  TlvWriter tlv(response);
  tlv.element(0x80, number);
  tlv.element(0x81, head.value().hash);
  tlv.element(0x82, signature.value().view());
  return sw::kOk;
}

// Data: the entry's number. Answer: the entry, and the head after it.
StatusWord ClearSign::journal_entry(const Command& command, Writer& response) {
  if (command.p1 != 0 || command.p2 != 0) return sw::kWrongP1P2;
  if (command.data.size() != 4) return sw::kWrongLength;
  const Result<std::size_t> size = journal_.read(load_be32(command.data.data()), response.rest());
  if (!size.ok()) return status_word(size.status());
  response.grow(size.value());
  return sw::kOk;
}

}  // namespace sceau::firmware::clearsign
