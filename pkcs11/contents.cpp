#include "contents.h"

#include <algorithm>
#include <array>
#include <utility>

#include "certificate.h"

namespace sceau::pkcs11 {
namespace {

constexpr std::uint32_t kKeyHistory = 0x5FC10C;
constexpr std::array kFirstSlots{token::Slot::authentication, token::Slot::signature,
                                 token::Slot::key_management, token::Slot::card_authentication};
constexpr std::uint8_t kFirstRetired = 0x82;
constexpr std::uint8_t kLastRetired = 0x95;

bool is_wanted(const Interest& interest, token::Slot slot) {
  return interest.slots.empty() || interest.slots.contains(slot);
}

// Key History (SP 800-73-5 part 1, 3.3.3): C1 counts the retired keys whose certificates are on the card.
std::uint8_t retired_in_history(ByteView object) {
  if (object.size() < 3 || object[0] != 0xC1 || object[1] != 1) return 0;
  return std::min<std::uint8_t>(object[2], kLastRetired - kFirstRetired + 1);
}

}  // namespace

std::span<const DataName> data_names() {
  static constexpr std::array kNames{
      DataName{0x5FC107, "Card Capability Container", "2.16.840.1.101.3.7.1.219.0"},
      DataName{kTagChuid, "Card Holder Unique Identifier", "2.16.840.1.101.3.7.2.48.0"},
      DataName{0x5FC103, "Cardholder Fingerprints", "2.16.840.1.101.3.7.2.96.16"},
      DataName{0x5FC106, "Security Object", "2.16.840.1.101.3.7.2.144.0"},
      DataName{0x5FC108, "Cardholder Facial Image", "2.16.840.1.101.3.7.2.96.48"},
      DataName{0x5FC109, "Printed Information", "2.16.840.1.101.3.7.2.48.1"},
      DataName{0x7E, "Discovery Object", "2.16.840.1.101.3.7.2.96.80"},
      DataName{kKeyHistory, "Key History Object", "2.16.840.1.101.3.7.2.96.96"},
      DataName{0x5FC121, "Cardholder Iris Images", "2.16.840.1.101.3.7.2.16.21"},
  };
  return kNames;
}

void Contents::forget(token::Slot slot) {
  slots_.erase(slot);
  ++revision_;
}

void Contents::forget_all() { replace(Contents()); }

void Contents::replace(Contents&& cached) {
  const std::size_t revision = revision_;
  *this = std::move(cached);
  revision_ = revision + 1;
}

void Contents::keep_attestation(token::Slot slot, ByteView certificate) {
  const auto here = slots_.find(slot);
  if (here == slots_.end() || here->second.key != Knowledge::present) return;
  here->second.attestation_der = to_bytes(certificate);
  ++revision_;
}

void Contents::set_chuid(ByteView value) {
  data_[kTagChuid] = {value.empty() ? Knowledge::absent : Knowledge::present, false, to_bytes(value)};
  ++revision_;
}

void Contents::take(const token::Directory& directory) {
  const auto settle = [](const std::vector<token::Slot>& listed, token::Slot slot, Knowledge& known) {
    const bool is_there = std::find(listed.begin(), listed.end(), slot) != listed.end();
    if (!is_there) known = Knowledge::absent;
    if (is_there && known == Knowledge::absent) known = Knowledge::unknown;
  };
  for (const token::Slot slot : token::all_slots()) {
    KeySlot& here = slots_[slot];
    settle(directory.keys, slot, here.key);
    settle(directory.certificates, slot, here.certificate);
  }
  ClearSignKeys listed;
  for (const token::ClearSlot slot : directory.clear_sign) listed[slot] = std::move(clear_sign_[slot]);
  clear_sign_ = std::move(listed);
  mark_ = directory.mark;
  ++revision_;
}

sceau::Status Contents::learn_clear_sign(token::PivCard& card) {
  for (auto at = clear_sign_.begin(); at != clear_sign_.end();) {
    if (at->second) {
      ++at;
      continue;
    }
    auto key = card.clear_sign_key(at->first);
    if (!key && is_gone(key.error())) return key.error();
    if (!key && key.error().kind == ErrorKind::corrupt) doubtful_ = true;
    ++revision_;
    if (key) at->second = std::move(*key);
    at = key ? std::next(at) : clear_sign_.erase(at);
  }
  return {};
}

sceau::Status Contents::learn_data(token::PivCard& card) {
  for (const DataName& name : data_names()) {
    DataObject& here = data_[name.tag];
    if (here.known != Knowledge::unknown) continue;
    auto value = card.object(name.tag);
    if (!value && is_gone(value.error())) return value.error();
    here.wants_pin = !value && value.error().kind == ErrorKind::authentication;
    here.known = value || here.wants_pin ? Knowledge::present : Knowledge::absent;
    if (value) here.value = std::move(*value);
    ++revision_;
  }
  return {};
}

sceau::Status Contents::learn(token::PivCard& card, const Interest& interest) {
  if (interest.data)
    if (auto learnt = learn_data(card); !learnt) return learnt;
  if (interest.clear_sign)
    if (auto learnt = learn_clear_sign(card); !learnt) return learnt;
  if (!interest.keys && !interest.certificates) return {};
  if (!mark_.empty()) return learn_listed(card, interest);
  for (const token::Slot slot : kFirstSlots)
    if (is_wanted(interest, slot))
      if (auto learnt = learn_slot(card, slot, interest); !learnt) return learnt;
  if (interest.slots.empty()) return learn_retired(card, interest);
  for (const token::Slot slot : interest.slots)
    if (static_cast<std::uint8_t>(slot) < 0x9A || slot == token::Slot::attestation)
      if (auto learnt = learn_slot(card, slot, interest); !learnt) return learnt;
  return {};
}

// With a directory, every slot is known to be empty, or worth a command.
sceau::Status Contents::learn_listed(token::PivCard& card, const Interest& interest) {
  for (const token::Slot slot : token::all_slots())
    if (is_wanted(interest, slot))
      if (auto learnt = learn_slot(card, slot, interest); !learnt) return learnt;
  if (interest.slots.contains(token::Slot::attestation))
    return learn_slot(card, token::Slot::attestation, interest);
  return {};
}

sceau::Status Contents::learn_slot(token::PivCard& card, token::Slot slot, const Interest& interest) {
  if (slot == token::Slot::attestation) return learn_certificate(card, slot);
  if (auto learnt = learn_key(card, slot); !learnt) return learnt;
  // Without a key there is no certificate to look for, unless the card lists one; without metadata the
  // certificate tells of the key.
  if (!interest.certificates || (mark_.empty() && slots_[slot].key == Knowledge::absent)) return {};
  return learn_certificate(card, slot);
}

sceau::Status Contents::learn_key(token::PivCard& card, token::Slot slot) {
  KeySlot& here = slots_[slot];
  if (here.key != Knowledge::unknown) return {};
  if (has_metadata_) {
    auto metadata = card.metadata(slot);
    if (metadata) {
      here.facts = std::move(*metadata);
      here.policies_known = true;
    } else if (is_gone(metadata.error())) {
      return metadata.error();
    } else if (metadata.error().kind == ErrorKind::refused) {
      has_metadata_ = false;
    } else if (metadata.error().kind == ErrorKind::corrupt) {
      doubtful_ = true;
    }
    ++revision_;
    if (has_metadata_) {
      here.key = metadata ? Knowledge::present : Knowledge::absent;
      return {};
    }
  }
  if (auto learnt = learn_certificate(card, slot); !learnt) return learnt;
  const auto key = key_of_certificate(here.certificate_der);
  here.key = key ? Knowledge::present : Knowledge::absent;
  if (key) here.facts = {key->algorithm, {}, {}, false, key->spki};
  return {};
}

sceau::Status Contents::learn_certificate(token::PivCard& card, token::Slot slot) {
  KeySlot& here = slots_[slot];
  if (here.certificate != Knowledge::unknown) return {};
  auto certificate = card.certificate(slot);
  if (!certificate && is_gone(certificate.error())) return certificate.error();
  if (!certificate && certificate.error().kind == ErrorKind::corrupt) doubtful_ = true;
  here.certificate = certificate ? Knowledge::present : Knowledge::absent;
  if (certificate) here.certificate_der = std::move(*certificate);
  ++revision_;
  return {};
}

// The retired slots fill from 82 upward: with metadata, the first empty one ends the search; without, the key
// history counts them.
sceau::Status Contents::learn_retired(token::PivCard& card, const Interest& interest) {
  std::uint8_t end = kLastRetired + 1;
  if (!has_metadata_ && !retired_walked_) {
    auto history = card.object(kKeyHistory);
    if (!history && is_gone(history.error())) return history.error();
    end = static_cast<std::uint8_t>(kFirstRetired + (history ? retired_in_history(*history) : 0));
  }
  for (std::uint8_t number = kFirstRetired; number < end; ++number) {
    const auto slot = static_cast<token::Slot>(number);
    const auto known = slots_.find(slot);
    const bool here = known != slots_.end() && known->second.key == Knowledge::present;
    if (retired_walked_ && !here) continue;
    if (auto learnt = learn_slot(card, slot, interest); !learnt) return learnt;
    if (has_metadata_ && !retired_walked_ && slots_[slot].key == Knowledge::absent) break;
  }
  if (!retired_walked_) ++revision_;
  retired_walked_ = true;
  return {};
}

}  // namespace sceau::pkcs11
