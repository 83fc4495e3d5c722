#include "fido_token.h"

#include <utility>

#include "pins.h"
#include "sceau_pkcs11.h"

namespace sceau::pkcs11 {
namespace {

// CTAP 2.1, 6.5.2: every key has as many.
constexpr int kTries = 8;
constexpr std::size_t kClientDataHash = 32;

bool is_fido_pin_sized(const Secret& pin) {
  return pin.size() >= kShortestFidoPin && pin.size() <= kLongestFidoPin;
}

CK_RV code_of(token::FidoPinFault fault) {
  switch (fault) {
    case token::FidoPinFault::pause:
    case token::FidoPinFault::blocked:
      return CKR_PIN_LOCKED;
    case token::FidoPinFault::not_set:
      return CKR_USER_PIN_NOT_INITIALIZED;
    default:
      return CKR_PIN_INCORRECT;
  }
}

}  // namespace

FidoToken::FidoToken(std::unique_ptr<token::FidoKey> key, bool on_card,
                     std::vector<std::string> relying_parties)
    : on_card_(on_card), relying_parties_(std::move(relying_parties)), key_(std::move(key)) {
  show({profile_object(CKP_PUBLIC_CERTIFICATES_TOKEN)}, key_->name());
}

// Called with the key's lock held.
Failure FidoToken::failure_of(const Error& error) {
  switch (error.kind) {
    case ErrorKind::unavailable:
      // Gone, or another program's just now.
      if (auto there = key_->information(); !there) removed_ = true;
      return {removed_ ? CKR_DEVICE_REMOVED : CKR_DEVICE_ERROR, error.message};
    case ErrorKind::authentication:
      return {code_of(key_->pin_fault()), error.message};
    case ErrorKind::refused:
      return {CKR_FUNCTION_CANCELED, error.message};
    case ErrorKind::not_found:
      return {CKR_KEY_HANDLE_INVALID, error.message};
    default:
      return {CKR_DEVICE_ERROR, error.message};
  }
}

Status FidoToken::ask_information() {
  auto information = key_->information();
  if (!information) return failure_of(information.error());
  information_ = std::move(*information);
  return {};
}

Result<TokenFacts> FidoToken::facts() {
  const std::lock_guard lock(key_mutex_);
  if (removed_) return Failure{CKR_DEVICE_REMOVED};
  if (!on_card_)
    if (auto asked = ask_information(); !asked) return asked.failure();
  TokenFacts facts;
  facts.is_fido = true;
  facts.label = ("FIDO2 " + key_->name()).substr(0, 32);
  facts.tries = kTries;
  facts.pin_set = information_ && information_->pin_set;
  if (!information_) return facts;
  facts.pin_pad = information_->verifies_by_itself;
  facts.tries_left = information_->tries_left;
  return facts;
}

bool FidoToken::has(const Mechanism& mechanism) const { return mechanism.key == KeyKind::webauthn; }

Status FidoToken::require_pin(const std::optional<Secret>& pin) {
  if (!information_)
    if (auto asked = ask_information(); !asked) return asked;
  if (!pin && !information_->verifies_by_itself)
    return Failure{CKR_ARGUMENTS_BAD, "there is no PIN, and the key does not know its user without"};
  // What no key takes is not sent, and is as wrong as any other.
  if (pin && !is_fido_pin_sized(*pin)) return Failure{CKR_PIN_INCORRECT};
  return {};
}

Status FidoToken::log_in(Login who, const std::optional<Secret>& pin) {
  if (who != Login::user) return Failure{CKR_USER_TYPE_INVALID, "a FIDO2 key has one user"};
  if (auto allowed = check_new_login(who); !allowed) return allowed;
  const std::lock_guard lock(key_mutex_);
  if (removed_) return Failure{CKR_DEVICE_REMOVED};
  if (auto given = require_pin(pin); !given) return given;
  std::vector<Object> objects = {profile_object(CKP_PUBLIC_CERTIFICATES_TOKEN)};
  for (const std::string& party : relying_parties_) {
    auto credentials = key_->credentials(party, pin ? &*pin : nullptr);
    if (!credentials) {
      Failure failure = failure_of(credentials.error());
      information_.reset();  // how many tries are left is another number now
      return failure;
    }
    for (const token::FidoCredential& one : *credentials) add_credential_objects(objects, party, one);
  }
  if (information_ && information_->tries_left) information_->tries_left = kTries;
  show(std::move(objects), key_->name());
  login_ = Login::user;
  return {};
}

// The key is asked at once, so that a wrong PIN is told here and not when somebody was to touch it.
Status FidoToken::verify_for(const Object& key, const std::optional<Secret>& pin) {
  const std::lock_guard lock(key_mutex_);
  if (removed_) return Failure{CKR_DEVICE_REMOVED};
  if (auto given = require_pin(pin); !given) return given;
  if (!pin) return {};
  if (auto known = key_->credentials(key.relying_party, &*pin); !known) {
    Failure failure = failure_of(known.error());
    information_.reset();
    return failure;
  }
  return {};
}

Status FidoToken::log_out() {
  if (login_ == Login::nobody) return Failure{CKR_USER_NOT_LOGGED_IN};
  end_login();
  return {};
}

// Without OpenSSL: its engines close their sessions when it has ended already.
void FidoToken::end_login() {
  Token::end_login();
  const std::lock_guard lock(state_mutex_);
  std::erase_if(objects_, [](const ObjectPtr& object) { return object->is_private(); });
}

Result<std::vector<CK_OBJECT_HANDLE>> FidoToken::find(const Attributes& wanted) {
  if (removed_) return Failure{CKR_DEVICE_REMOVED};
  return matching(wanted);
}

Result<Bytes> FidoToken::witness(const Object& key, const ToWitness& what) {
  if (what.data.size() != kClientDataHash) return Failure{CKR_DATA_LEN_RANGE};
  const std::lock_guard lock(key_mutex_);
  if (removed_) return Failure{CKR_DEVICE_REMOVED};
  token::FidoOrder order{key.relying_party, key.credential, {}, true};
  std::copy(what.data.begin(), what.data.end(), order.client_data.begin());
  auto answer = key_->sign(order, what.pin);
  if (!answer) return failure_of(answer.error());
  return write_assertion(key.credential, *answer);
}

std::size_t FidoToken::longest_witness(const Object& key) const {
  // Authenticator data without extensions (37 bytes), a signature (72), and CBOR's heads and names; with
  // room.
  constexpr std::size_t kAround = 256;
  return key.credential.size() + kAround;
}

Status FidoToken::set_pin(const Secret& old_pin, const Secret& new_pin) {
  if (!is_fido_pin_sized(new_pin)) return Failure{CKR_PIN_LEN_RANGE};
  if (!is_fido_pin_sized(old_pin)) return Failure{CKR_PIN_INCORRECT};
  const std::lock_guard lock(key_mutex_);
  if (removed_) return Failure{CKR_DEVICE_REMOVED};
  auto changed = key_->change_pin(old_pin, new_pin);
  information_.reset();
  if (changed) return {};
  // It does not take that PIN: too short for it, or one of those that it forbids.
  if (changed.error().kind == ErrorKind::refused) return Failure{CKR_PIN_INVALID, changed.error().message};
  return failure_of(changed.error());
}

}  // namespace sceau::pkcs11
