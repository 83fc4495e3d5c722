// Sessions, log-in and PINs (PKCS#11 3.0, 5.6).
#include <array>

#include "api.h"

namespace sceau::pkcs11::api {
namespace {

Result<Secret> read_pin(const CK_BYTE* pin, CK_ULONG size) {
  if (pin == nullptr || size > 4096) return Failure{pin == nullptr ? CKR_ARGUMENTS_BAD : CKR_PIN_INCORRECT};
  return Secret(ByteView(pin, size));
}

// The PIN for one use of the key that the session is about to use.
Status log_in_for_operation(Session& session, const Secret& pin) {
  auto& operation = session.operation();
  bool* authenticated = nullptr;
  const Object* key = nullptr;
  if (operation) {
    if (auto* sign = std::get_if<SignOperation>(&*operation)) {
      authenticated = &sign->authenticated;
      key = sign->key.get();
    } else if (auto* decrypt = std::get_if<DecryptOperation>(&*operation)) {
      authenticated = &decrypt->authenticated;
      key = decrypt->key.get();
    }
  }
  if (key == nullptr || !flag_of(key->attributes, CKA_ALWAYS_AUTHENTICATE))
    return Failure{CKR_OPERATION_NOT_INITIALIZED};
  auto verified = session.token().verify_again(pin);
  if (verified) *authenticated = true;
  return verified;
}

}  // namespace

Result<ObjectPtr> key_of(Session& session, CK_OBJECT_HANDLE handle, CK_OBJECT_CLASS object_class) {
  ObjectPtr key = session.object(handle);
  if (!key || key->object_class() != object_class) return Failure{CKR_KEY_HANDLE_INVALID};
  // An administrator sees the user's keys, to destroy them, and cannot use them.
  if (key->is_private() && session.token().login() != pkcs11::Login::user)
    return Failure{CKR_USER_NOT_LOGGED_IN};
  return key;
}

Status end_operation(Session& session, Failure failure) {
  session.operation().reset();
  return failure;
}

Status OpenSession(Provider& provider, CK_SLOT_ID slot_id, CK_FLAGS flags, CK_VOID_PTR application,
                   CK_NOTIFY notify, CK_SESSION_HANDLE* session) {
  auto slot = provider.slot(slot_id);
  if (!slot) return slot.failure();
  if (session == nullptr) return Failure{CKR_ARGUMENTS_BAD};
  if ((flags & CKF_SERIAL_SESSION) == 0) return Failure{CKR_SESSION_PARALLEL_NOT_SUPPORTED};
  const auto foreign = provider.foreign_slot(**slot, true);
  auto opened = foreign ? provider.open_foreign_session(**slot, *foreign, flags, application, notify)
                        : provider.open_session(**slot, (flags & CKF_RW_SESSION) != 0);
  if (!opened) return opened.failure();
  *session = *opened;
  return {};
}

Status CloseSession(Provider& provider, CK_SESSION_HANDLE session) { return provider.close_session(session); }

Status CloseAllSessions(Provider& provider, CK_SLOT_ID slot_id) {
  if (auto slot = provider.slot(slot_id); !slot) return slot.failure();
  provider.close_all_sessions(slot_id);
  return {};
}

Status GetSessionInfo(Session& session, CK_SESSION_INFO* info) {
  if (info == nullptr) return Failure{CKR_ARGUMENTS_BAD};
  info->slotID = session.slot();
  info->state = session.state();
  info->flags = CKF_SERIAL_SESSION | (session.read_write() ? CKF_RW_SESSION : 0);
  info->ulDeviceError = 0;
  return {};
}

Status Login(Session& session, CK_USER_TYPE user_type, CK_BYTE* pin, CK_ULONG pin_size) {
  if (user_type > CKU_CONTEXT_SPECIFIC) return Failure{CKR_USER_TYPE_INVALID};
  auto secret = read_pin(pin, pin_size);
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
  auto before = read_pin(old_pin, old_size);
  auto after = read_pin(new_pin, new_size);
  if (!before) return before.failure();
  if (!after) return after.failure();
  if (session.state() == CKS_RW_SO_FUNCTIONS) return session.token().set_management_key(*before, *after);
  return session.token().set_pin(*before, *after);
}

Status SessionCancel(Session& session, CK_FLAGS flags) {
  auto& operation = session.operation();
  if (!operation) return {};
  constexpr std::array kFlags{CK_FLAGS{CKF_FIND_OBJECTS}, CK_FLAGS{CKF_DIGEST}, CK_FLAGS{CKF_SIGN},
                              CK_FLAGS{CKF_VERIFY}, CK_FLAGS{CKF_DECRYPT}};
  if ((flags & kFlags.at(operation->index())) != 0) operation.reset();
  return {};
}

Status GetFunctionStatus(Session& /*session*/) { return Failure{CKR_FUNCTION_NOT_PARALLEL}; }
Status CancelFunction(Session& /*session*/) { return Failure{CKR_FUNCTION_NOT_PARALLEL}; }

Status SeedRandom(Session& /*session*/, CK_BYTE* seed, CK_ULONG seed_size) {
  if (seed == nullptr && seed_size != 0) return Failure{CKR_ARGUMENTS_BAD};
  return Failure{CKR_RANDOM_SEED_NOT_SUPPORTED};
}

Status GenerateRandom(Session& session, CK_BYTE* random_data, CK_ULONG random_size) {
  if (random_data == nullptr) return Failure{CKR_ARGUMENTS_BAD};
  return session.token().fill_random({random_data, random_size});
}

}  // namespace sceau::pkcs11::api
