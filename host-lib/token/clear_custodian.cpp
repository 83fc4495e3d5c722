// Custodians' keys of a clear-sign token: their shares, what is derived from them, and a master that moves.
#include <algorithm>
#include <charconv>

#include "clear_hold.h"
#include "openssl.h"
#include "sceau/base/digest.h"
#include "tlv.h"

namespace sceau::token {
namespace {

constexpr std::uint8_t kDerive = 0x36;
constexpr std::uint8_t kShares = 0x48;
constexpr std::uint8_t kRestore = 0x49;
constexpr std::uint8_t kBegin = 0;  // P1 of kRestore
constexpr std::uint8_t kBring = 1;

constexpr std::size_t kDerivedKey = 32;

std::optional<std::uint32_t> serial_number(const std::string& decimal) {
  std::uint32_t number = 0;
  const char* end = decimal.data() + decimal.size();
  const auto read = std::from_chars(decimal.data(), end, number);
  return read.ec == std::errc() && read.ptr == end ? std::optional(number) : std::nullopt;
}

// As firmware/clearsign/FORMATS.md has it, under "Restoring".
Bytes restoration_message(std::uint32_t serial, ClearSlot slot, ByteView point) {
  Bytes message = to_bytes("sceau restore v1");
  append_u32(message, serial);
  message.push_back(slot);
  append(message, point);
  return message;
}

}  // namespace

Result<std::vector<Bytes>> ClearCard::shares(ClearSlot slot, const Secret& pin) {
  const std::string doing = "cloning the master in slot " + clear_slot_text(slot);
  auto hold = Hold::take(*this);
  if (!hold) return hold.error();
  if (auto verified = verify(pin); !verified) return verified.error();
  auto answer = ask(kShares, 0, slot, {}, doing);
  if (!answer) return answer.error();
  std::vector<Bytes> shares;
  for (TlvReader reader(*answer); !reader.done();) {
    const auto share = reader.next();
    if (!share || share->tag != 0x80) return malformed(doing);
    shares.push_back(to_bytes(share->value));
  }
  if (shares.empty()) return malformed(doing);
  return shares;
}

Result<ClearDerivation> ClearCard::derive(const ClearOrder& order, const Secret& pin,
                                          const PageWatcher& pages) {
  const std::string doing = "deriving a key with slot " + clear_slot_text(order.slot);
  auto hold = Hold::take(*this);
  if (!hold) return hold.error();
  if (auto verified = verify(pin); !verified) return verified.error();
  auto lines = show_order(order, pages);
  if (!lines) return lines.error();
  auto made = ask(kDerive, 0, 0, {}, doing);
  if (!made) return made.error();
  const Secret answer(std::move(*made));
  const auto key = find_element(answer.view(), 0x82);
  if (!key || key->size() != kDerivedKey) return malformed(doing);
  Secret derived(*key);
  auto signature = read_signature(answer.view(), order, std::move(*lines));
  if (!signature) return signature.error();
  return ClearDerivation{std::move(*signature), std::move(derived)};
}

Result<RestorationPoint> ClearCard::begin_restoration(ClearSlot slot, const std::string& origin,
                                                      ClearSlot origin_slot, const Secret& pin) {
  const std::string doing = "restoring a master into slot " + clear_slot_text(slot);
  const auto made_by = serial_number(origin);
  if (!made_by) {
    return Error{
        ErrorKind::invalid,
        doing + ": \"" + origin + "\" is no serial number: give the decimal one of the token that made it"};
  }
  auto token = information();
  if (!token) return token.error();
  auto hold = Hold::take(*this);
  if (!hold) return hold.error();
  if (auto verified = verify(pin); !verified) return verified.error();
  Bytes what;
  append_u32(what, *made_by);
  what.push_back(origin_slot);
  auto answer = ask(kRestore, kBegin, slot, what, doing);
  if (!answer) return answer.error();
  const auto point = find_element(*answer, 0x80);
  const auto signature = find_element(*answer, 0x81);
  const KeyOwner key = point ? key_from_point(Algorithm::p256, *point) : KeyOwner();
  const auto serial = serial_number(token->serial);
  if (!key || !signature || !serial) return malformed(doing);
  return RestorationPoint{spki_of(key.get()), restoration_message(*serial, slot, *point),
                          to_bytes(*signature)};
}

Result<int> ClearCard::bring_share(ClearSlot slot, ByteView sealed) {
  const std::string doing = "bringing a share to slot " + clear_slot_text(slot);
  // Not selected again: that would end the restoration.
  if (auto state = channel_->begin(); !state) return state.error();
  auto answer = ask(kRestore, kBring, slot, sealed, doing);
  channel_->end();
  if (!answer) return answer.error();
  const auto missing = find_element(*answer, 0x80);
  if (!missing || missing->size() != 1) return malformed(doing);
  return static_cast<int>(missing->front());
}

Status check_restoration(const RestorationPoint& point, ByteView device_certificate) {
  const KeyOwner key = key_from_spki(point.public_key);
  const KeyOwner device = key_from_certificate(device_certificate);
  const Bytes own = key ? point_of(key.get()) : Bytes();
  const bool named = !own.empty() && point.message.size() > own.size() &&
                     std::equal(own.rbegin(), own.rend(), point.message.rbegin());
  if (named && device && verify_digest(device.get(), sha256(point.message), point.signature)) return {};
  return Error{
      ErrorKind::authentication,
      "the key that shares are to be sealed to is not vouched for by that token's device key: take it from "
      "the token itself, and read its certificate again"};
}

}  // namespace sceau::token
