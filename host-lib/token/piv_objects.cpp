// Data objects and certificates (SP 800-73-5 part 1, 3 and appendix A; part 2, 3.1.2 and 3.3.2).
#include <algorithm>
#include <array>

#include "commands.h"
#include "openssl.h"
#include "sceau/token/clear_card.h"
#include "sceau/token/piv.h"
#include "tlv.h"

namespace sceau::token {
namespace {

constexpr std::uint32_t kDiscovery = 0x7E;
constexpr std::uint32_t kDirectory = 0x5FFF20;
constexpr std::uint32_t kShownKeys = 0x5FFF00;  // + slot
constexpr std::size_t kLongestMark = 64;
constexpr std::uint32_t kBiometricTemplates = 0x7F61;

std::uint32_t certificate_tag(Slot slot) {
  switch (slot) {
    case Slot::authentication:
      return 0x5FC105;
    case Slot::signature:
      return 0x5FC10A;
    case Slot::key_management:
      return 0x5FC10B;
    case Slot::card_authentication:
      return 0x5FC101;
    case Slot::attestation:
      return 0x5FFF01;
    default:  // 82..95
      return 0x5FC10D + static_cast<std::uint32_t>(slot) - 0x82;
  }
}

Bytes tag_list(std::uint32_t tag) {
  Bytes bytes;
  for (unsigned shift = 24; shift > 0; shift -= 8)
    if (tag >> shift != 0) bytes.push_back(static_cast<std::uint8_t>(tag >> shift));
  bytes.push_back(static_cast<std::uint8_t>(tag));
  Bytes list;
  append_tlv(list, tag::kTagList, bytes);
  return list;
}

// Those of the slots there are that are named; what else a card says is nobody's business.
std::vector<Slot> slots_in(ByteView named) {
  std::vector<Slot> slots = all_slots();
  const auto is_missing = [&](Slot slot) {
    return std::find(named.begin(), named.end(), static_cast<std::uint8_t>(slot)) == named.end();
  };
  slots.erase(std::remove_if(slots.begin(), slots.end(), is_missing), slots.end());
  return slots;
}

std::string tag_text(std::uint32_t tag) { return to_hex(ByteView(tag_list(tag)).subspan(2)); }

}  // namespace

Result<Bytes> PivCard::object(std::uint32_t tag) {
  auto held = hold();
  if (!held) return held.error();
  const std::string doing = "cannot read object " + tag_text(tag);
  const Bytes list = tag_list(tag);
  auto response = send_selected({0x00, 0xCB, 0x3F, 0xFF, list, true});
  if (!response) return response.error();
  if (!response->success()) return failure(doing, response->status);
  // These two answer with their own tag instead of 53.
  const std::uint32_t outer = tag == kDiscovery || tag == kBiometricTemplates ? tag : tag::kData;
  const auto value = only_element(response->data, outer);
  if (!value) return malformed(doing);
  if (value->empty()) return Error{ErrorKind::not_found, doing + " with the " + where() + ": it is empty"};
  return to_bytes(*value);
}

Result<Directory> PivCard::directory() {
  auto content = object(kDirectory);
  if (!content) return content.error();
  const auto mark = find_element(*content, 0x80);
  const auto keys = find_element(*content, 0x81);
  const auto certificates = find_element(*content, 0x82);
  // Firmware that is older does not tell.
  const auto clear_sign = find_element(*content, 0x83).value_or(ByteView());
  if (!mark || mark->empty() || mark->size() > kLongestMark || !keys || !certificates)
    return malformed("cannot read the directory");
  Directory directory{to_bytes(*mark), slots_in(*keys), slots_in(*certificates), {}};
  std::copy_if(clear_sign.begin(), clear_sign.end(), std::back_inserter(directory.clear_sign),
               [](std::uint8_t slot) { return slot >= kFirstClearSlot && slot <= kLastClearSlot; });
  return directory;
}

Result<ShownKey> PivCard::clear_sign_key(std::uint8_t slot) {
  auto content = object(kShownKeys + slot);
  if (!content) return content.error();
  const auto point = find_element(*content, 0x80);
  const auto policy = find_element(*content, 0x81);
  const auto certificate = find_element(*content, 0x82);
  const KeyOwner key = point ? key_from_point(Algorithm::p256, *point) : KeyOwner();
  if (!key || !policy || !certificate)
    return malformed("cannot read clear-sign slot " + clear_slot_text(slot));
  return ShownKey{spki_of(key.get()), to_bytes(*policy), to_bytes(*certificate)};
}

Status PivCard::put_object(std::uint32_t tag, ByteView value) {
  auto held = hold();
  if (!held) return held.error();
  Bytes data = tag_list(tag);
  append_tlv(data, tag::kData, value);
  auto response = send_selected({0x00, 0xDB, 0x3F, 0xFF, data, false});
  if (!response) return response.error();
  if (!response->success()) return failure("cannot write object " + tag_text(tag), response->status);
  return {};
}

Result<Bytes> PivCard::certificate(Slot slot) {
  auto content = object(certificate_tag(slot));
  const std::string doing = "cannot read the certificate of slot " + slot_text(slot);
  if (!content) {
    if (content.error().kind != ErrorKind::not_found) return content.error();
    return Error{ErrorKind::not_found, where() + " has no certificate in slot " + slot_text(slot) +
                                           ": enrol it with 'sceau token enrol'"};
  }
  const auto certificate = find_element(*content, tag::kCertificate);
  const auto info = find_element(*content, tag::kCertificateInfo);
  if (!certificate || certificate->empty()) return malformed(doing);
  if (info && info->size() == 1 && (*info)[0] != 0)
    return Error{ErrorKind::refused,
                 doing + " with the " + where() + ": it is stored compressed: write it again uncompressed"};
  return to_bytes(*certificate);
}

Status PivCard::put_certificate(Slot slot, ByteView certificate) {
  Bytes content;
  if (!certificate.empty()) {
    append_tlv(content, tag::kCertificate, certificate);
    append_tlv(content, tag::kCertificateInfo, std::array<std::uint8_t, 1>{0});
    append_tlv(content, tag::kErrorDetection, {});
  }
  return put_object(certificate_tag(slot), content);
}

}  // namespace sceau::token
