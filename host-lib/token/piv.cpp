#include "sceau/token/piv.h"

#include <algorithm>
#include <array>
#include <utility>

#include "commands.h"
#include "tlv.h"

namespace sceau::token {
namespace {

// SP 800-73-5 part 1, 2.2, without the version, as part 2, 3.1.1 allows.
constexpr std::array<std::uint8_t, 5> kApplication{0xA0, 0x00, 0x00, 0x03, 0x08};

// Answers that only another application than PIV, selected by another program, may have given. What says
// that a try or a touch was used up is not one of them: those commands must not be sent again.
bool may_be_another_application(std::uint16_t status) {
  return status != 0x9000 && status != status::kBlocked && status != status::kConditions &&
         (status & 0xFFF0U) != status::kTriesLeft;
}

// Answers to a PIN or PUK that nobody compared with anything: no such command, class, mode or reference. Any
// other may stand for a try, whatever PIV would have said, and the PIN must not be sent again.
bool compared_nothing(std::uint16_t status) {
  constexpr std::array<std::uint16_t, 6> kAnswers{0x6A81, 0x6A86, 0x6A88, 0x6B00, 0x6D00, 0x6E00};
  return std::find(kAnswers.begin(), kAnswers.end(), status) != kAnswers.end();
}

// VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER.
bool carries_secret(const Command& command) {
  return !command.data.empty() && (command.ins == 0x20 || command.ins == 0x24 || command.ins == 0x2C);
}

}  // namespace

std::string slot_text(Slot slot) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto value = static_cast<std::uint8_t>(slot);
  return {kDigits[value >> 4U], kDigits[value & 0x0FU]};
}

Result<Slot> slot_from_text(std::string_view text) {
  std::string upper(text);
  for (char& letter : upper)
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  for (const Slot slot : all_slots())
    if (slot_text(slot) == upper) return slot;
  return Error{ErrorKind::invalid,
               "\"" + std::string(text) + "\" is no key slot: use 9A, 9C, 9D, 9E or 82 to 95"};
}

std::vector<Slot> all_slots() {
  std::vector<Slot> slots{Slot::authentication, Slot::signature, Slot::key_management,
                          Slot::card_authentication};
  for (std::uint8_t retired = 0x82; retired <= 0x95; ++retired) slots.push_back(static_cast<Slot>(retired));
  return slots;
}

PivCard::PivCard(std::unique_ptr<Channel> channel) : channel_(std::move(channel)) {}
PivCard::~PivCard() = default;

PivCard::Hold::~Hold() {
  if (card_ != nullptr) card_->end();
}

Result<PivCard::Hold> PivCard::hold() {
  if (auto begun = begin(); !begun) return begun.error();
  return Hold(*this);
}

Status PivCard::begin() {
  if (holds_ == 0) {
    auto state = channel_->begin();
    if (!state) {
      selected_ = false;
      return state.error();
    }
    if (*state == CardState::reset) selected_ = false;
    // Another program may have selected its own application while we did not hold the card.
    doubtful_ = selected_;
  }
  ++holds_;
  return {};
}

void PivCard::end() {
  if (--holds_ == 0) channel_->end();
}

Status PivCard::select() {
  auto held = hold();
  if (!held) return held.error();
  selected_ = false;
  auto response = send({0x00, 0xA4, 0x04, 0x00, kApplication, true});
  if (!response) return response.error();
  if (!response->success())
    return Error{ErrorKind::not_found,
                 where() + " has no PIV application: answer " + status_text(response->status)};
  selected_ = true;
  doubtful_ = false;
  const auto properties = only_element(response->data, tag::kApplicationProperties);
  const auto label = properties ? find_element(*properties, tag::kApplicationLabel) : std::nullopt;
  label_ = label ? to_text(*label) : std::string();
  return {};
}

Result<Response> PivCard::send(const Command& command) {
  auto response = exchange(*channel_, command);
  if (!response) selected_ = false;
  return response;
}

Result<Response> PivCard::send_selected(const Command& command) {
  if (!selected_)
    if (auto selected = select(); !selected) return selected.error();
  auto response = send(command);
  const bool again = response && doubtful_ &&
                     (carries_secret(command) ? compared_nothing(response->status)
                                              : may_be_another_application(response->status));
  if (again) {
    if (auto selected = select(); !selected) return selected.error();
    response = send(command);
  }
  doubtful_ = false;
  return response;
}

std::string PivCard::where() const { return "card in reader \"" + channel_->name() + "\""; }

Error PivCard::failure(const std::string& doing, std::uint16_t status) const {
  const std::string said = doing + " with the " + where() + ": answer " + status_text(status);
  switch (status) {
    case status::kSecurity:
      return {ErrorKind::authentication, said};
    case status::kBlocked:
      return {ErrorKind::authentication, said + ": unblock it with 'sceau token unblock'"};
    case status::kNotFound:
    case status::kReferenceNotFound:
      return {ErrorKind::not_found, said};
    case status::kMemoryFailure:
      return {ErrorKind::unavailable, said + ": try again; if it stays so, replace the token"};
    default:
      return {ErrorKind::refused, said};
  }
}

Error PivCard::malformed(const std::string& doing) const {
  return {ErrorKind::corrupt,
          doing + " with the " + where() + ": its answer breaks the format: use another card"};
}

Result<std::string> PivCard::serial() {
  auto held = hold();
  if (!held) return held.error();
  auto response = send_selected({0x00, 0xF8, 0x00, 0x00, {}, true});
  if (!response) return response.error();
  if (!response->success()) return failure("cannot read the serial number", response->status);
  if (response->data.size() != 4) return malformed("cannot read the serial number");
  std::uint32_t number = 0;
  for (const std::uint8_t byte : response->data) number = number << 8U | byte;
  return std::to_string(number);
}

Result<std::string> PivCard::version() {
  auto held = hold();
  if (!held) return held.error();
  auto response = send_selected({0x00, 0xFD, 0x00, 0x00, {}, true});
  if (!response) return response.error();
  if (!response->success()) return failure("cannot read the version", response->status);
  const Bytes& version = response->data;
  if (version.size() != 3) return malformed("cannot read the version");
  return std::to_string(version[0]) + "." + std::to_string(version[1]) + "." + std::to_string(version[2]);
}

Channel& PivCard::lend() {
  selected_ = false;
  return *channel_;
}

std::string PivCard::reader() const { return channel_->name(); }
bool PivCard::extended_length() const { return channel_->extended_length(); }

Status PivCard::reset() {
  auto held = hold();
  if (!held) return held.error();
  auto response = send_selected({0x00, 0xFB, 0x00, 0x00, {}, false});
  if (!response) return response.error();
  if (!response->success()) return failure("cannot erase the PIV application", response->status);
  selected_ = false;
  tries_left_.reset();
  return {};
}

}  // namespace sceau::token
