// What is known of a card as text, and back: what the cache keeps.
#include <array>
#include <charconv>
#include <utility>

#include "contents.h"

namespace sceau::pkcs11 {
namespace {

constexpr std::string_view kHeader = "sceau-pkcs11-cache 3";

}  // namespace

std::string Contents::serialise() const {
  std::string text(kHeader);
  text += has_metadata_ ? "\nmetadata" : "\nplain";
  text += retired_walked_ ? " walked " : " unwalked ";
  text.append(std::to_string(learnt_at_)).append(" -").append(to_base64(mark_)).append("\n");
  for (const auto& [slot, here] : slots_) {
    const auto& facts = here.facts;
    text += token::slot_text(slot);
    for (const int number :
         {static_cast<int>(here.key), static_cast<int>(here.certificate), static_cast<int>(facts.algorithm),
          static_cast<int>(facts.pin), static_cast<int>(facts.touch), facts.generated ? 1 : 0,
          here.policies_known ? 1 : 0})
      text.append(" ").append(std::to_string(number));
    for (const Bytes* bytes : {&facts.public_key, &here.certificate_der, &here.attestation_der})
      text.append(" -").append(to_base64(*bytes));
    text += '\n';
  }
  for (const auto& [slot, key] : clear_sign_) {
    if (!key) continue;
    text += token::clear_slot_text(slot);
    for (const Bytes* bytes : {&key->public_key, &key->policy, &key->certificate})
      text.append(" -").append(to_base64(*bytes));
    text += '\n';
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
  if (words.size() != 11) return std::nullopt;
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
  auto attestation = dashed_bytes(words[10]);
  if (!slot || !spki || !certificate || !attestation) return std::nullopt;
  KeySlot here;
  here.key = static_cast<Knowledge>(numbers[0]);
  here.certificate = static_cast<Knowledge>(numbers[1]);
  here.facts = {static_cast<token::Algorithm>(numbers[2]), static_cast<token::PinPolicy>(numbers[3]),
                static_cast<token::TouchPolicy>(numbers[4]), numbers[5] == 1, std::move(*spki)};
  here.policies_known = numbers[6] == 1;
  here.certificate_der = std::move(*certificate);
  here.attestation_der = std::move(*attestation);
  return std::pair{*slot, std::move(here)};
}

}  // namespace

bool Contents::parse_state(std::string_view line) {
  const auto words = words_of(line);
  if (words.size() != 4) return false;
  auto mark = dashed_bytes(words[3]);
  const auto [end, error] = std::from_chars(words[2].data(), words[2].data() + words[2].size(), learnt_at_);
  if (!mark || error != std::errc() || end != words[2].data() + words[2].size()) return false;
  has_metadata_ = words[0] == "metadata";
  retired_walked_ = words[1] == "walked";
  mark_ = std::move(*mark);
  return true;
}

// "C1", SubjectPublicKeyInfo, policy, certificate.
bool Contents::parse_clear_sign(const std::vector<std::string_view>& words) {
  if (words.size() != 4 || words[0].size() != 2 || words[0][0] != 'C') return false;
  const auto slot = static_cast<token::ClearSlot>(0xC0 + (words[0][1] - '0'));
  auto spki = dashed_bytes(words[1]);
  auto policy = dashed_bytes(words[2]);
  auto certificate = dashed_bytes(words[3]);
  if (slot < token::kFirstClearSlot || slot > token::kLastClearSlot || !spki || !policy || !certificate)
    return false;
  clear_sign_[slot] = token::ShownKey{std::move(*spki), std::move(*policy), std::move(*certificate)};
  return true;
}

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
    if (number == 1 && !contents.parse_state(line)) return broken;
    if (number++ < 2 || contents.parse_clear_sign(words_of(line))) continue;
    auto slot = parse_slot(line);
    if (!slot) return broken;
    contents.slots_.insert(std::move(*slot));
  }
  if (number < 2) return broken;
  return contents;
}

}  // namespace sceau::pkcs11
