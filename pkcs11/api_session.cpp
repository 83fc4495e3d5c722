// Sessions (PKCS#11 3.0, 5.6).
#include <array>

#include "api.h"

namespace sceau::pkcs11::api {
Result<ObjectPtr> key_of(Session& session, CK_OBJECT_HANDLE handle, CK_OBJECT_CLASS object_class) {
  ObjectPtr key = session.object(handle);
  if (!key || key->object_class() != object_class) return Failure{CKR_KEY_HANDLE_INVALID};
  // An administrator sees the user's keys, to destroy them, and cannot use them.
  if (key->is_private() && session.token().login() != pkcs11::Login::user)
    return Failure{CKR_USER_NOT_LOGGED_IN};
  return key;
}

Result<MechanismUse> mechanism_of(Session& session, const CK_MECHANISM* mechanism, CK_FLAGS use) {
  auto read = read_mechanism(mechanism, use);
  if (read && !session.token().has(*read->mechanism)) return Failure{CKR_MECHANISM_INVALID};
  return read;
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

Status SessionCancel(Session& session, CK_FLAGS flags) {
  auto& operation = session.operation();
  if (!operation) return {};
  constexpr std::array kFlags{CK_FLAGS{CKF_FIND_OBJECTS}, CK_FLAGS{CKF_DIGEST},  CK_FLAGS{CKF_SIGN},
                              CK_FLAGS{CKF_VERIFY},       CK_FLAGS{CKF_DECRYPT}, CK_FLAGS{CKF_ENCRYPT}};
  if ((flags & kFlags.at(operation->index())) != 0) operation.reset();
  return {};
}

// Our tokens make no statement about how an operation was validated.
Status GetSessionValidationFlags(Session& /*session*/, CK_SESSION_VALIDATION_FLAGS_TYPE type,
                                 CK_FLAGS* flags) {
  if (flags == nullptr || type != CKS_LAST_VALIDATION_OK) return Failure{CKR_ARGUMENTS_BAD};
  *flags = 0;
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
