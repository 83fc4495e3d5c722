// GENERAL AUTHENTICATE (SP 800-73-5 part 2, 3.2.4): signing, key agreement, and the management key.
#include "core/tlv.h"
#include "piv/piv.h"

namespace sceau::firmware::piv {

// The dynamic authentication template (table 7): which elements came, and their values.
struct Piv::Template {
  struct Element {
    bool present = false;
    ByteView value;
    bool asks() const { return present && value.empty(); }
    bool given() const { return present && !value.empty(); }
  };
  Element witness;    // 80
  Element challenge;  // 81
  Element response;   // 82
  Element point;      // 85

  Element* element(std::uint32_t tag) {
    switch (tag) {
      case 0x80:
        return &witness;
      case 0x81:
        return &challenge;
      case 0x82:
        return &response;
      case 0x85:
        return &point;
      default:
        return nullptr;
    }
  }

  // Whether `data` is one template, with known elements, none twice.
  bool read(ByteView data) {
    TlvReader outer(data);
    const Result<Tlv> whole = outer.next();
    if (!whole.ok() || whole.value().tag != 0x7C || !outer.done()) return false;
    TlvReader inner(whole.value().value);
    while (!inner.done()) {
      const Result<Tlv> next = inner.next();
      if (!next.ok()) return false;
      Element* known = element(next.value().tag);
      if (known == nullptr || known->present) return false;
      *known = Element{true, next.value().value};
    }
    return true;
  }
};

namespace {

void write_element(std::uint32_t tag, ByteView value, Writer& response) {
  TlvWriter tlv(response);
  const std::size_t whole = tlv.begin(0x7C);
  tlv.element(tag, value);
  tlv.end(whole);
}

}  // namespace

StatusWord Piv::general_authenticate(const Command& command, Writer& response) {
  Template asked;
  const bool readable = asked.read(command.data);
  if (readable && command.p2 == kSlotManagement) return authenticate_management(command, asked, response);
  management_.drop_challenge();
  if (!readable) return command.data.empty() ? sw::kWrongLength : sw::kWrongData;
  if (!is_key_slot(command.p2)) return sw::kWrongP1P2;
  return use_key(command, asked, response);
}

StatusWord Piv::authenticate_management(const Command& command, const Template& asked, Writer& response) {
  const bool asks_witness = asked.witness.asks() && !asked.challenge.present && !asked.response.present;
  const bool asks_challenge = asked.challenge.asks() && !asked.witness.present && !asked.response.present;
  if (asks_challenge && command.p1 == kAlgorithmUnnamed) return unnamed_challenge(response);
  const Result<ManagementKey> key = management_.key();
  if (!key.ok() || !serves(key.value(), command.p1)) {
    management_.drop_challenge();
    return key.ok() ? sw::kWrongP1P2 : status_word(key.status());
  }
  if (!asks_witness && !asks_challenge) return answer_management(command, asked, key.value(), response);
  const Result<Block> question =
      asks_witness ? management_.begin_mutual(command.p1) : management_.begin_single(command.p1);
  if (!question.ok()) return status_word(question.status());
  write_element(asks_witness ? 0x80 : 0x81, question.value().view(), response);
  return sw::kOk;
}

// A challenge for no key in particular, which is how hosts fetch random bytes (SP 800-73-5 part 2, 3.2.4):
// no answer to it opens anything.
StatusWord Piv::unnamed_challenge(Writer& response) {
  management_.drop_challenge();
  TlvWriter tlv(response);
  const std::size_t whole = tlv.begin(0x7C);
  const std::size_t challenge = tlv.begin(0x81);
  const Status status = write_random(board_, kAesBlock, response);
  tlv.end(challenge);
  tlv.end(whole);
  if (status != Status::kOk) response.clear();
  return status_word(status);
}

StatusWord Piv::answer_management(const Command& command, const Template& asked, const ManagementKey& key,
                                  Writer& response) {
  const bool mutual = asked.witness.given() && asked.challenge.given() && !asked.response.given();
  const bool single = asked.response.given() && !asked.witness.present && !asked.challenge.present;
  const StatusWord touch =
      mutual || single ? touched(key.touch_policy, "Touch to use the management key", 0) : sw::kWrongData;
  if (touch != sw::kOk) {
    management_.log_out();
    return touch;
  }
  if (single) {
    const Status status = management_.finish_single(command.p1, asked.response.value);
    return status == Status::kInvalid ? sw::kSecurityStatus : status_word(status);
  }
  const Result<Block> answer =
      management_.finish_mutual(command.p1, asked.witness.value, asked.challenge.value);
  if (!answer.ok()) {
    return answer.status() == Status::kInvalid ? sw::kSecurityStatus : status_word(answer.status());
  }
  write_element(0x82, answer.value().view(), response);
  return sw::kOk;
}

// A hash to sign or a block of an RSA key's size comes as a challenge (81), a point to agree with as an
// exponentiation (85). What the key cannot take is refused before anybody is asked for anything.
StatusWord Piv::use_key(const Command& command, const Template& asked, Writer& response) {
  const bool uses = asked.challenge.given() && !asked.point.present;
  const bool agrees = asked.point.given() && !asked.challenge.present;
  if (asked.witness.present || asked.response.given() || uses == agrees) return sw::kWrongData;
  const Result<Key> key = keys_.read(command.p2);
  if (!key.ok()) return status_word(key.status());
  if (command.p1 != key.value().algorithm()) return sw::kWrongP1P2;
  const KeyPair& pair = key.value().pair;
  const bool takes = uses ? KeyEngine::can_use(pair.open, asked.challenge.value)
                          : engine_.can_agree(pair.open, asked.point.value);
  if (!takes) return sw::kWrongData;

  std::string_view what = uses ? "Touch to sign" : "Touch to decipher";
  if (is_rsa(pair.type())) what = "Touch to sign or decipher";  // the card sees no difference
  const StatusWord permitted = permit(command.p2, key.value(), what);
  if (permitted != sw::kOk) return permitted;
  const Result<KeyOutput> output =
      uses ? engine_.use(pair, asked.challenge.value) : engine_.agree(pair, asked.point.value);
  if (!output.ok()) return status_word(output.status());
  write_element(0x82, output.value().view(), response);
  return sw::kOk;
}

// The key's PIN policy, then its touch policy. A PIN for "always" is spent here, whatever comes after.
StatusWord Piv::permit(std::uint8_t slot, const Key& key, std::string_view what) {
  switch (key.pin_policy) {
    case PinPolicy::kNever:
      break;
    case PinPolicy::kOnce:
      if (!pin_verified_) return sw::kSecurityStatus;
      break;
    case PinPolicy::kAlways:
      if (!pin_fresh_) return sw::kSecurityStatus;
      pin_fresh_ = false;
      break;
  }
  return touched(key.touch_policy, what, slot);
}

StatusWord Piv::touched(TouchPolicy policy, std::string_view what, std::uint8_t slot) {
  if (policy == TouchPolicy::kNever) return sw::kOk;
  const std::uint64_t now = board_.milliseconds();
  if (policy == TouchPolicy::kCached && touch_cached_ && now - touched_at_ < kTouchCache) return sw::kOk;
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const std::array<char, 7> name{'s', 'l', 'o', 't', ' ', kDigits[slot >> 4], kDigits[slot & 0x0F]};
  const std::string_view lines[] = {what, slot == 0 ? std::string_view() : std::string_view(name.data(), 7)};
  board_.display(std::span<const std::string_view>(lines).first(slot == 0 ? 1 : 2));
  const Touch touch = board_.wait_for_touch(kTouchWait);
  board_.display({});
  if (touch != Touch::kTouched) return sw::kSecurityStatus;
  touch_cached_ = true;
  touched_at_ = board_.milliseconds();
  return sw::kOk;
}

}  // namespace sceau::firmware::piv
