// PIN and PUK commands (SP 800-73-5 part 2, 3.2.1 to 3.2.3), and Yubico's SET RETRIES and RESET.
#include "piv/piv.h"

namespace sceau::firmware::piv {

namespace {

StatusWord tries_word(std::uint8_t left) {
  if (left == 0) return sw::kBlocked;
  return static_cast<StatusWord>(sw::kTriesLeft | (left < 0x0F ? left : 0x0F));
}

}  // namespace

void Piv::forget_pin() {
  pin_verified_ = false;
  pin_fresh_ = false;
}

// What a wrong, right or blocked value is answered with; 9000 for the right one.
StatusWord Piv::check_reference(Reference which, ByteView value) {
  const Result<Match> match = pins_.verify(which, value);
  if (!match.ok()) return status_word(match.status());
  if (match.value() == Match::kYes) return sw::kOk;
  if (match.value() == Match::kBlocked) return sw::kBlocked;
  const Result<Tries> tries = pins_.tries(which);
  return tries.ok() ? tries_word(tries.value().left) : status_word(tries.status());
}

StatusWord Piv::pin_status() {
  if (pin_verified_) return sw::kOk;
  const Result<Tries> tries = pins_.tries(Reference::kPin);
  return tries.ok() ? tries_word(tries.value().left) : status_word(tries.status());
}

StatusWord Piv::verify(const Command& command) {
  if (command.p2 != kReferencePin) return command.p1 == 0 ? sw::kReferenceNotFound : sw::kWrongP1P2;
  if (command.p1 == 0xFF && command.data.empty()) {
    forget_pin();
    return sw::kOk;
  }
  if (command.p1 != 0) return sw::kWrongP1P2;
  if (command.data.empty()) return pin_status();
  if (command.data.size() != kPinSize) return sw::kWrongData;
  forget_pin();
  const StatusWord word = check_reference(Reference::kPin, command.data);
  pin_verified_ = word == sw::kOk;
  pin_fresh_ = pin_verified_;
  return word;
}

StatusWord Piv::change_reference_data(const Command& command) {
  if (command.p1 != 0) return sw::kWrongP1P2;
  if (command.p2 != kReferencePin && command.p2 != kReferencePuk) return sw::kReferenceNotFound;
  const auto which = static_cast<Reference>(command.p2);
  if (command.data.size() != 2 * kPinSize) return sw::kWrongData;
  const ByteView fresh = command.data.subspan(kPinSize);
  if (!PinVault::well_formed(fresh)) return sw::kWrongData;
  if (which == Reference::kPin) forget_pin();
  const StatusWord word = check_reference(which, command.data.first(kPinSize));
  if (word != sw::kOk) return word;
  const Result<Tries> tries = pins_.tries(which);
  if (!tries.ok()) return status_word(tries.status());
  const Status status = pins_.replace(which, fresh, tries.value().limit);
  if (status == Status::kOk && which == Reference::kPin) pin_verified_ = true;
  return status_word(status);
}

StatusWord Piv::reset_retry_counter(const Command& command) {
  if (command.p1 != 0) return sw::kWrongP1P2;
  if (command.p2 != kReferencePin) return sw::kReferenceNotFound;
  if (command.data.size() != 2 * kPinSize) return sw::kWrongData;
  const ByteView fresh = command.data.subspan(kPinSize);
  if (!PinVault::well_formed(fresh)) return sw::kWrongData;
  const StatusWord word = check_reference(Reference::kPuk, command.data.first(kPinSize));
  if (word != sw::kOk) return word;
  const Result<Tries> tries = pins_.tries(Reference::kPin);
  if (!tries.ok()) return status_word(tries.status());
  forget_pin();
  return status_word(pins_.replace(Reference::kPin, fresh, tries.value().limit));
}

// P1: tries of the PIN, P2: of the PUK. Both go back to their defaults.
StatusWord Piv::set_retries(const Command& command) {
  if (!command.data.empty()) return sw::kWrongLength;
  if (command.p1 == 0 || command.p2 == 0) return sw::kWrongP1P2;
  if (!management_.authenticated() || !pin_verified_) return sw::kSecurityStatus;
  forget_pin();
  return status_word(pins_.restore_defaults(command.p1, command.p2, {}));
}

// Only a card whose PIN and PUK are both blocked can be emptied.
StatusWord Piv::reset(const Command& command) {
  if (command.p1 != 0 || command.p2 != 0) return sw::kWrongP1P2;
  if (!command.data.empty()) return sw::kWrongLength;
  const Result<Tries> pin = pins_.tries(Reference::kPin);
  const Result<Tries> puk = pins_.tries(Reference::kPuk);
  if (!pin.ok() || !puk.ok()) return sw::kMemoryFailure;
  if (pin.value().left != 0 || puk.value().left != 0) return sw::kConditions;
  deselect();
  return status_word(make_fresh(kDefaultTries, kDefaultTries));
}

}  // namespace sceau::firmware::piv
