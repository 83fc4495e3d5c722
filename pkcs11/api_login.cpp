// Log-in and PINs (PKCS#11 3.0, 5.6.8 to 5.6.11 and 5.5.8 to 5.5.9).
#include <optional>
#include <utility>

#include "api.h"

namespace sceau::pkcs11::api {
namespace {

constexpr CK_ULONG kLongestText = 4096;

Result<Secret> read_pin(const CK_BYTE* pin, CK_ULONG size) {
  if (pin == nullptr) return Failure{CKR_ARGUMENTS_BAD};
  if (size > kLongestText) return Failure{CKR_PIN_INCORRECT};
  return Secret(ByteView(pin, size));
}

// A null pointer: it is to be typed on the reader.
Result<std::optional<Secret>> read_pin_or_none(const CK_BYTE* pin, CK_ULONG size) {
  if (pin == nullptr && size == 0) return std::optional<Secret>();
  auto read = read_pin(pin, size);
  if (!read) return read.failure();
  return std::optional(std::move(*read));
}

// The PIN for one use of the key that the session is about to use.
Status log_in_for_operation(Session& session, const std::optional<Secret>& pin) {
  auto& operation = session.operation();
  bool* authenticated = nullptr;
  SignOperation* signing = nullptr;
  const Object* key = nullptr;
  if (operation) {
    if (auto* sign = std::get_if<SignOperation>(&*operation)) {
      signing = sign;
      authenticated = &sign->authenticated;
      key = sign->key.get();
    } else if (auto* decrypt = std::get_if<DecryptOperation>(&*operation)) {
      authenticated = &decrypt->authenticated;
      key = decrypt->key.get();
    }
  }
  if (key == nullptr || !flag_of(key->attributes, CKA_ALWAYS_AUTHENTICATE))
    return Failure{CKR_OPERATION_NOT_INITIALIZED};
  auto verified = session.token().verify_for(*key, pin);
  if (verified) *authenticated = true;
  // A FIDO2 key is given the PIN with each request: until this operation's, and no longer.
  if (verified && signing != nullptr && pin && !key->credential.empty()) signing->pin = pin->clone();
  return verified;
}

}  // namespace

Status Login(Session& session, CK_USER_TYPE user_type, CK_BYTE* pin, CK_ULONG pin_size) {
  if (user_type > CKU_CONTEXT_SPECIFIC) return Failure{CKR_USER_TYPE_INVALID};
  auto secret = read_pin_or_none(pin, pin_size);
  if (!secret) return secret.failure();
  if (user_type == CKU_CONTEXT_SPECIFIC) return log_in_for_operation(session, *secret);
  return session.token().log_in(user_type == CKU_USER ? pkcs11::Login::user : pkcs11::Login::security_officer,
                                *secret);
}

Status LoginUser(Session& session, CK_USER_TYPE user_type, CK_BYTE* pin, CK_ULONG pin_size, CK_BYTE* username,
                 CK_ULONG username_size) {
  // A card has one user, without a name.
  if (username == nullptr ? username_size != 0 : username_size == 0) return Failure{CKR_ARGUMENTS_BAD};
  if (username_size != 0) return Failure{CKR_USER_TYPE_INVALID};
  return Login(session, user_type, pin, pin_size);
}

Status Logout(Session& session) { return session.token().log_out(); }

Status InitPIN(Session& session, CK_BYTE* pin, CK_ULONG pin_size) {
  auto secret = read_pin(pin, pin_size);
  if (!secret) return secret.failure();
  if (session.state() != CKS_RW_SO_FUNCTIONS) return Failure{CKR_USER_NOT_LOGGED_IN};
  return session.token().init_pin(*secret);
}

Status SetPIN(Session& session, CK_BYTE* old_pin, CK_ULONG old_size, CK_BYTE* new_pin, CK_ULONG new_size) {
  if (!session.read_write()) return Failure{CKR_SESSION_READ_ONLY};
  const bool is_officer = session.state() == CKS_RW_SO_FUNCTIONS;
  const bool on_pad = old_pin == nullptr && old_size == 0 && new_pin == nullptr && new_size == 0;
  // A management key is too long to be typed on a reader.
  if (on_pad && !is_officer) return session.token().set_pin_on_pad();
  auto before = read_pin(old_pin, old_size);
  auto after = read_pin(new_pin, new_size);
  if (!before) return before.failure();
  if (!after) return after.failure();
  if (is_officer) return session.token().set_management_key(*before, *after);
  return session.token().set_pin(*before, *after);
}

}  // namespace sceau::pkcs11::api
