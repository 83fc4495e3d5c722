#include "contents.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "certificate.h"

namespace sceau::pkcs11 {
namespace {

constexpr std::uint32_t kKeyHistory = 0x5FC10C;
constexpr std::array kFirstSlots{token::Slot::authentication, token::Slot::signature,
                                 token::Slot::key_management, token::Slot::card_authentication};
constexpr std::uint8_t kFirstRetired = 0x82;
constexpr std::uint8_t kLastRetired = 0x95;
constexpr std::string_view kHeader = "sceau-pkcs11-cache 1";

bool is_gone(const Error& error) { return error.kind == ErrorKind::unavailable; }

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

void Contents::forget_all() {
  const std::size_t revision = revision_;
  *this = Contents();
  revision_ = revision + 1;
}

void Contents::set_chuid(ByteView value) {
  data_[kTagChuid] = {value.empty() ? Knowledge::absent : Knowledge::present, false, to_bytes(value)};
  ++revision_;
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
  if (!interest.keys && !interest.certificates) return {};
  for (const token::Slot slot : kFirstSlots)
    if (is_wanted(interest, slot))
      if (auto learnt = learn_slot(card, slot, interest); !learnt) return learnt;
  if (interest.slots.empty()) return learn_retired(card, interest);
  for (const token::Slot slot : interest.slots)
    if (static_cast<std::uint8_t>(slot) < 0x9A || slot == token::Slot::attestation)
      if (auto learnt = learn_slot(card, slot, interest); !learnt) return learnt;
  return {};
}

sceau::Status Contents::learn_slot(token::PivCard& card, token::Slot slot, const Interest& interest) {
  if (slot == token::Slot::attestation) return learn_certificate(card, slot);
  if (auto learnt = learn_key(card, slot); !learnt) return learnt;
  // Without a key there is no certificate to look for; without metadata the certificate tells of the key.
  if (!interest.certificates || slots_[slot].key == Knowledge::absent) return {};
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

std::string Contents::serialise() const {
  std::string text(kHeader);
  text += has_metadata_ ? "\nmetadata" : "\nplain";
  text += retired_walked_ ? " walked\n" : " unwalked\n";
  for (const auto& [slot, here] : slots_) {
    const auto& facts = here.facts;
    text += token::slot_text(slot);
    for (const int number :
         {static_cast<int>(here.key), static_cast<int>(here.certificate), static_cast<int>(facts.algorithm),
          static_cast<int>(facts.pin), static_cast<int>(facts.touch), facts.generated ? 1 : 0,
          here.policies_known ? 1 : 0})
      text += " " + std::to_string(number);
    text += " -" + to_base64(facts.public_key) + " -" + to_base64(here.certificate_der) + "\n";
  }
  return text;
}

namespace {

// Words of a line, split at single spaces.
std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at <= line.size();) {
    const std::size_t end = std::min(line.find(' ', at), line.size());
    words.push_back(line.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

std::optional<int> small_number(std::string_view word, int limit) {
  int value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size() || value < 0 || value > limit)
    return std::nullopt;
  return value;
}

std::optional<Bytes> dashed_bytes(std::string_view word) {
  if (word.empty() || word[0] != '-') return std::nullopt;
  auto bytes = from_base64(word.substr(1));
  if (!bytes) return std::nullopt;
  return std::move(*bytes);
}

std::optional<std::pair<token::Slot, KeySlot>> parse_slot(std::string_view line) {
  const auto words = words_of(line);
  if (words.size() != 10) return std::nullopt;
  const auto slot = words[0] == "F9" ? sceau::Result<token::Slot>(token::Slot::attestation)
                                     : token::slot_from_text(words[0]);
  std::array<int, 7> numbers{};
  constexpr std::array kLimits{2, 2, 0x14, 3, 3, 1, 1};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto number = small_number(words[i + 1], kLimits[i]);
    if (!number) return std::nullopt;
    numbers[i] = *number;
  }
  auto spki = dashed_bytes(words[8]);
  auto certificate = dashed_bytes(words[9]);
  if (!slot || !spki || !certificate) return std::nullopt;
  KeySlot here;
  here.key = static_cast<Knowledge>(numbers[0]);
  here.certificate = static_cast<Knowledge>(numbers[1]);
  here.facts = {static_cast<token::Algorithm>(numbers[2]), static_cast<token::PinPolicy>(numbers[3]),
                static_cast<token::TouchPolicy>(numbers[4]), numbers[5] == 1, std::move(*spki)};
  here.policies_known = numbers[6] == 1;
  here.certificate_der = std::move(*certificate);
  return std::pair{*slot, std::move(here)};
}

}  // namespace

sceau::Result<Contents> Contents::parse(std::string_view text) {
  const Error broken{ErrorKind::invalid, "this is no cache of a card's contents: delete it"};
  Contents contents;
  int number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return broken;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (number == 0 && line != kHeader) return broken;
    if (number == 1) {
      contents.has_metadata_ = line.starts_with("metadata ");
      contents.retired_walked_ = line.ends_with(" walked");
    }
    if (number++ < 2) continue;
    auto slot = parse_slot(line);
    if (!slot) return broken;
    contents.slots_.insert(std::move(*slot));
  }
  if (number < 2) return broken;
  return contents;
}

}  // namespace sceau::pkcs11
