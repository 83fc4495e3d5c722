#include "sceau/token/clear_card.h"

#include <array>

#include "clear_hold.h"
#include "commands.h"
#include "openssl.h"
#include "pin_pad.h"
#include "tlv.h"

namespace sceau::token {
namespace {

constexpr std::array<std::uint8_t, 7> kApplication{0xF0, 0x53, 0x43, 0x45, 0x41, 0x55, 0x01};
constexpr std::uint16_t kSuccess = 0x9000;
constexpr std::uint16_t kNotAllowed = 0x6A81;  // by the key's policy

constexpr std::uint8_t kSelect = 0xA4;
constexpr std::uint8_t kVerify = 0x20;
constexpr std::uint8_t kGenerate = 0x47;
constexpr std::uint8_t kDelete = 0xE4;
constexpr std::uint8_t kPutCertificate = 0xDA;
constexpr std::uint8_t kGetCertificate = 0xCA;
constexpr std::uint8_t kInformation = 0xF7;
constexpr std::uint8_t kAttest = 0xF9;
constexpr std::uint8_t kPin = 0x80;

std::uint32_t number_of(ByteView bytes) {
  std::uint32_t value = 0;
  for (const std::uint8_t byte : bytes) value = (value << 8U) | byte;
  return value;
}

}  // namespace

std::string clear_slot_text(ClearSlot slot) { return slot_text(static_cast<Slot>(slot)); }

ClearCard::ClearCard(std::unique_ptr<Channel> channel) : channel_(std::move(channel)) {}
ClearCard::~ClearCard() = default;

Result<Response> ClearCard::send(std::uint8_t ins, std::uint8_t p1, std::uint8_t p2, ByteView data) {
  Command command;
  command.ins = ins;
  command.p1 = p1;
  command.p2 = p2;
  command.data = data;
  auto response = exchange(*channel_, command);
  last_status_ = response ? response->status : 0;
  return response;
}

Result<Bytes> ClearCard::ask(std::uint8_t ins, std::uint8_t p1, std::uint8_t p2, ByteView data,
                             const std::string& doing) {
  auto response = send(ins, p1, p2, data);
  if (!response) return response.error();
  if (response->status != kSuccess) return failure(doing, response->status);
  return std::move(response->data);
}

Error ClearCard::malformed(const std::string& doing) const {
  return {ErrorKind::corrupt,
          doing + ": the token in reader \"" + reader() + "\" answered something that cannot be read"};
}

Error ClearCard::failure(const std::string& doing, std::uint16_t status) const {
  const std::string where = doing + ": the token in reader \"" + reader() + "\" ";
  switch (status) {
    case status::kSecurity:
      return {ErrorKind::refused, where + "did not get its PIN, or its button was not pressed: try again"};
    case status::kWrongData:
      return {ErrorKind::refused, where + "does not take what it was sent: it is not of the form it knows"};
    case kNotAllowed:
      return {ErrorKind::refused, where + "has a key whose policy does not allow this: use another key"};
    case status::kReferenceNotFound:
      return {ErrorKind::not_found, where + "has nothing there: name another slot"};
    case status::kConditions:
      return {ErrorKind::refused, where + "is not in the state for it: begin again"};
    default:
      return {ErrorKind::refused, where + "refused: " + status_text(status)};
  }
}

Status ClearCard::select() {
  auto response = send(kSelect, 0x04, 0x00, kApplication);
  if (!response) return response.error();
  if (response->status == kSuccess) return {};
  return Error{ErrorKind::not_found,
               "the token in reader \"" + reader() +
                   "\" has no clear-sign application: use a token of Sceau's own firmware"};
}

Status ClearCard::verify(const Secret& pin) {
  constexpr std::size_t kPinSize = 8;
  if (pin.size() < 6 || pin.size() > kPinSize)
    return Error{ErrorKind::invalid, "a PIN has 6 to 8 characters: type it again"};
  Secret padded = Secret::sized(kPinSize);
  for (std::size_t i = 0; i < kPinSize; ++i) padded.writable()[i] = i < pin.size() ? pin.view()[i] : 0xFF;
  auto response = send(kVerify, 0x00, kPin, padded.view());
  if (!response) return response.error();
  return pin_answer(response->status);
}

Status ClearCard::verify_pin(const Secret& pin) {
  auto hold = Hold::take(*this);
  if (!hold) return hold.error();
  return verify(pin);
}

Status ClearCard::verify_pin_on_pad() {
  auto hold = Hold::take(*this);
  if (!hold) return hold.error();
  const std::string doing = "verifying the PIN";
  auto answer = channel_->verify_on_pad(verify_structure(kPin));
  tries_left_.reset();
  if (!answer) return answer.error();
  if (answer->size() != 2) return malformed(doing);
  last_status_ = static_cast<std::uint16_t>((*answer)[0] << 8U | (*answer)[1]);
  if (last_status_ >= kPadTimedOut && last_status_ <= kPadWrongLength)
    return Error{ErrorKind::authentication,
                 doing + ": no PIN was typed on the reader \"" + reader() + "\": try again"};
  return pin_answer(last_status_);
}

Status ClearCard::pin_answer(std::uint16_t status) {
  tries_left_.reset();
  if (status == kSuccess) return {};
  if (status == status::kBlocked) {
    tries_left_ = 0;
    return Error{ErrorKind::authentication, "the PIN of the token in reader \"" + reader() +
                                                "\" is blocked: have an administrator unblock it"};
  }
  if ((status & 0xFFF0U) != status::kTriesLeft) return failure("verifying the PIN", status);
  tries_left_ = status & 0x0F;
  return Error{ErrorKind::authentication, "wrong PIN for the token in reader \"" + reader() +
                                              "\": " + std::to_string(*tries_left_) +
                                              (*tries_left_ == 1 ? " try left" : " tries left")};
}

Result<ClearToken> ClearCard::information() {
  const std::string doing = "reading what the token is";
  auto hold = Hold::take(*this);
  if (!hold) return hold.error();
  auto answer = ask(kInformation, 0, 0, {}, doing);
  if (!answer) return answer.error();
  const auto slots = find_element(*answer, 0x80);
  const auto longest = find_element(*answer, 0x81);
  const auto serial = find_element(*answer, 0x82);
  const auto firmware = find_element(*answer, 0x83);
  if (!slots || !longest || longest->size() != 2 || !serial || serial->size() != 4 || !firmware)
    return malformed(doing);
  return ClearToken{{slots->begin(), slots->end()},
                    number_of(*longest),
                    std::to_string(number_of(*serial)),
                    to_bytes(*firmware)};
}

Result<ClearKey> ClearCard::key(ClearSlot slot) {
  const std::string doing = "reading slot " + clear_slot_text(slot);
  auto hold = Hold::take(*this);
  if (!hold) return hold.error();
  auto answer = ask(kInformation, 0, slot, {}, doing);
  if (!answer) return answer.error();
  const auto point = find_element(*answer, 0x80);
  const auto policy = find_element(*answer, 0x81);
  const auto counter = find_element(*answer, 0x82);
  const auto certified = find_element(*answer, 0x83);
  if (!point || !policy || !counter || counter->size() != 4 || !certified || certified->size() != 1)
    return malformed(doing);
  const KeyOwner key = key_from_point(Algorithm::p256, *point);
  if (!key) return malformed(doing);
  return ClearKey{spki_of(key.get()), to_bytes(*policy), number_of(*counter), certified->front() != 0};
}

Result<Bytes> ClearCard::certificate(ClearSlot slot) {
  auto hold = Hold::take(*this);
  if (!hold) return hold.error();
  return ask(kGetCertificate, 0, slot, {}, "reading the certificate of slot " + clear_slot_text(slot));
}

Result<Bytes> ClearCard::attest(ClearSlot slot) {
  auto hold = Hold::take(*this);
  if (!hold) return hold.error();
  return ask(kAttest, slot, 0, {}, "attesting slot " + clear_slot_text(slot));
}

Result<Bytes> ClearCard::generate(ClearSlot slot, ByteView policy, const Secret& pin) {
  const std::string doing = "making a key in slot " + clear_slot_text(slot);
  auto hold = Hold::take(*this);
  if (!hold) return hold.error();
  if (auto verified = verify(pin); !verified) return verified.error();
  auto answer = ask(kGenerate, 0, slot, policy, doing);
  if (!answer) return answer;
  const auto made = only_element(*answer, tag::kPublicKey);
  const auto point = made ? only_element(*made, 0x86) : made;
  const KeyOwner key = point ? key_from_point(Algorithm::p256, *point) : KeyOwner();
  if (!key) return malformed(doing);
  return spki_of(key.get());
}

Status ClearCard::remove(ClearSlot slot, const Secret& pin) {
  auto hold = Hold::take(*this);
  if (!hold) return hold.error();
  if (auto verified = verify(pin); !verified) return verified;
  auto answer = ask(kDelete, 0, slot, {}, "deleting the key in slot " + clear_slot_text(slot));
  return answer ? Status{} : answer.error();
}

Status ClearCard::put_certificate(ClearSlot slot, ByteView der, const Secret& pin) {
  auto hold = Hold::take(*this);
  if (!hold) return hold.error();
  if (auto verified = verify(pin); !verified) return verified;
  auto answer =
      ask(kPutCertificate, 0, slot, der, "writing the certificate of slot " + clear_slot_text(slot));
  return answer ? Status{} : answer.error();
}

}  // namespace sceau::token
