// Commands that make, bring and take away keys: GENERATE ASYMMETRIC KEY PAIR (SP 800-73-5 part 2, 3.3.2), and
// Yubico's IMPORT ASYMMETRIC KEY (FE) and MOVE KEY (F6).
#include "core/tlv.h"
#include "piv/piv.h"

namespace sceau::firmware::piv {

namespace {

constexpr std::uint32_t kTagControl = 0xAC;
constexpr std::uint32_t kTagAlgorithm = 0x80;
constexpr std::uint32_t kTagPinPolicy = 0xAA;
constexpr std::uint32_t kTagTouchPolicy = 0xAB;
constexpr std::uint32_t kTagScalar = 0x06;

struct Element {
  Element(std::uint32_t its_tag) : tag(its_tag) {}  // NOLINT: implicit by intent, tables of tags

  std::uint32_t tag;
  bool present = false;
  ByteView value;
};

// Whether `data` is a list of elements with the tags of `known`, none twice; their values go there.
bool read_elements(ByteView data, std::span<Element> known) {
  TlvReader reader(data);
  while (!reader.done()) {
    const Result<Tlv> next = reader.next();
    if (!next.ok()) return false;
    Element* found = nullptr;
    for (Element& element : known) {
      if (element.tag == next.value().tag) found = &element;
    }
    if (found == nullptr || found->present) return false;
    found->present = true;
    found->value = next.value().value;
  }
  return true;
}

// A policy of 1 to 3; `otherwise` where it is absent or 0.
Result<std::uint8_t> read_policy(const Element& element, std::uint8_t otherwise) {
  constexpr std::uint8_t kHighest = 3;
  if (!element.present) return otherwise;
  if (element.value.size() != 1 || element.value[0] > kHighest) return Status::kInvalid;
  return element.value[0] == 0 ? otherwise : element.value[0];
}

// A key of the slot with the policies asked for, and no key bytes yet.
Result<Key> read_policies(const Element& pin, const Element& touch, std::uint8_t slot) {
  const Result<std::uint8_t> pin_policy =
      read_policy(pin, static_cast<std::uint8_t>(default_pin_policy(slot)));
  const Result<std::uint8_t> touch_policy =
      read_policy(touch, static_cast<std::uint8_t>(TouchPolicy::kNever));
  if (!pin_policy.ok() || !touch_policy.ok()) return Status::kInvalid;
  Key key;
  key.pin_policy = static_cast<PinPolicy>(pin_policy.value());
  key.touch_policy = static_cast<TouchPolicy>(touch_policy.value());
  return key;
}

struct Generation {
  KeyType type = KeyType::kP256;
  Key key;
};

// AC { 80 algorithm, AA PIN policy, AB touch policy }
Result<Generation> read_generation(ByteView data, std::uint8_t slot) {
  TlvReader outer(data);
  const Result<Tlv> control = outer.next();
  if (!control.ok() || control.value().tag != kTagControl || !outer.done()) return Status::kInvalid;
  Element elements[] = {kTagAlgorithm, kTagPinPolicy, kTagTouchPolicy};
  if (!read_elements(control.value().value, elements)) return Status::kInvalid;
  const ByteView algorithm = elements[0].value;
  const Result<KeyType> type = algorithm.size() == 1 ? key_type(algorithm[0]) : Status::kInvalid;
  const Result<Key> key = read_policies(elements[1], elements[2], slot);
  if (!type.ok() || !key.ok()) return Status::kInvalid;
  return Generation{type.value(), key.value()};
}

// 01 p, 02 q, 03 dp, 04 dq, 05 qinv, AA PIN policy, AB touch policy
Result<Key> read_rsa_import(KeyEngine& engine, KeyType type, ByteView data, std::uint8_t slot) {
  Element elements[] = {0x01, 0x02, 0x03, 0x04, 0x05, kTagPinPolicy, kTagTouchPolicy};
  if (!read_elements(data, elements)) return Status::kInvalid;
  Result<Key> key = read_policies(elements[5], elements[6], slot);
  if (!key.ok()) return key.status();
  const Result<KeyPair> pair = engine.from_primes(
      type, {elements[0].value, elements[1].value, elements[2].value, elements[3].value, elements[4].value});
  if (!pair.ok()) return pair.status();
  key.value().pair = pair.value();
  return key;
}

// 06 scalar, AA PIN policy, AB touch policy
Result<Key> read_elliptic_import(KeyEngine& engine, KeyType type, ByteView data, std::uint8_t slot) {
  Element elements[] = {kTagScalar, kTagPinPolicy, kTagTouchPolicy};
  if (!read_elements(data, elements)) return Status::kInvalid;
  Result<Key> key = read_policies(elements[1], elements[2], slot);
  if (!key.ok()) return key.status();
  const Result<KeyPair> pair = engine.from_scalar(type, elements[0].value);
  if (!pair.ok()) return pair.status();
  key.value().pair = pair.value();
  return key;
}

}  // namespace

// The attestation key is made with the device, and stays.
StatusWord Piv::may_change_key(std::uint8_t slot) const {
  if (slot == kSlotAttestation) return sw::kConditions;
  if (!is_key_slot(slot)) return sw::kWrongP1P2;
  return management_.authenticated() ? sw::kOk : sw::kSecurityStatus;
}

StatusWord Piv::generate(const Command& command, Writer& response) {
  if (command.p1 != 0) return sw::kWrongP1P2;
  const StatusWord refusal = may_change_key(command.p2);
  if (refusal != sw::kOk) return refusal;
  if (command.data.empty()) return sw::kWrongLength;
  Result<Generation> asked = read_generation(command.data, command.p2);
  if (!asked.ok()) return sw::kWrongData;
  const Result<KeyPair> pair = engine_.generate(asked.value().type);
  if (!pair.ok()) return status_word(pair.status());
  asked.value().key.pair = pair.value();
  const Status status = keys_.write(command.p2, asked.value().key);
  if (status != Status::kOk) return status_word(status);
  TlvWriter tlv(response);
  const std::size_t outer = tlv.begin(0x7F49);
  write_public_key(pair.value().open, response);
  tlv.end(outer);
  return sw::kOk;
}

StatusWord Piv::import(const Command& command) {
  const Result<KeyType> type = key_type(command.p1);
  if (!type.ok()) return sw::kWrongP1P2;
  const StatusWord refusal = may_change_key(command.p2);
  if (refusal != sw::kOk) return refusal;
  if (command.data.empty()) return sw::kWrongLength;
  Result<Key> key = is_rsa(type.value())
                        ? read_rsa_import(engine_, type.value(), command.data, command.p2)
                        : read_elliptic_import(engine_, type.value(), command.data, command.p2);
  if (!key.ok()) return status_word(key.status());
  key.value().origin = Origin::kImported;
  return status_word(keys_.write(command.p2, key.value()));
}

// P1: where to, P2: where from. Certificates stay where they are.
StatusWord Piv::move_key(const Command& command) {
  const std::uint8_t to = command.p1;
  const std::uint8_t from = command.p2;
  StatusWord refusal = may_change_key(from);
  if (refusal == sw::kOk && to != kNoSlot) refusal = may_change_key(to);
  if (refusal != sw::kOk) return refusal;
  if (!command.data.empty()) return sw::kWrongLength;
  if (to == kNoSlot) return status_word(keys_.remove(from));
  if (!keys_.contains(from)) return sw::kReferenceNotFound;
  // Yubico's rule: a key is never moved over another.
  if (keys_.contains(to)) return sw::kConditions;
  return status_word(keys_.move(from, to));
}

void write_public_key(const PublicKey& key, Writer& response) {
  TlvWriter tlv(response);
  if (!is_rsa(key.type)) {
    tlv.element(0x86, key.bytes.view());
    return;
  }
  tlv.element(0x81, key.bytes.view());
  tlv.element(0x82, kRsaExponent);
}

}  // namespace sceau::firmware::piv
