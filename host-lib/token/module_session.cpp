#include "module_session.h"

#include <array>

namespace sceau::token {
namespace {

using cryptoki::call;
using cryptoki::failure;

constexpr std::size_t kMostObjects = 4096;
constexpr std::size_t kLongestAttribute = 65536;
constexpr std::size_t kMostMechanisms = 4096;
constexpr std::size_t kLongestSignature = 2048;

}  // namespace

Result<std::unique_ptr<ModuleSession>> ModuleSession::open(std::shared_ptr<Module> module,
                                                           const ModuleToken& token) {
  auto session = std::unique_ptr<ModuleSession>(new ModuleSession(std::move(module), token));
  CK_SESSION_HANDLE handle = 0;
  const CK_RV code = call(session->list().C_OpenSession, token.slot, CK_FLAGS{CKF_SERIAL_SESSION},
                          static_cast<void*>(nullptr), CK_NOTIFY(nullptr), &handle);
  if (code != CKR_OK) return failure(session->doing("opening"), code);
  session->handle_ = handle;
  return session;
}

ModuleSession::~ModuleSession() {
  if (handle_ != 0) call(list().C_CloseSession, handle_);
}

Result<std::vector<CK_OBJECT_HANDLE>> ModuleSession::find(std::span<CK_ATTRIBUTE> wanted) {
  CK_RV code = call(list().C_FindObjectsInit, handle_, wanted.data(), CK_ULONG{wanted.size()});
  if (code != CKR_OK) return failure(doing("searching"), code);
  std::vector<CK_OBJECT_HANDLE> found;
  bool overflow = false;
  while (code == CKR_OK) {
    std::array<CK_OBJECT_HANDLE, 32> some{};
    CK_ULONG count = 0;
    code = call(list().C_FindObjects, handle_, some.data(), CK_ULONG{some.size()}, &count);
    if (code != CKR_OK || count == 0) break;
    overflow = count > some.size() || found.size() + count > kMostObjects;
    if (overflow) break;
    found.insert(found.end(), some.begin(), some.begin() + static_cast<std::ptrdiff_t>(count));
  }
  call(list().C_FindObjectsFinal, handle_);
  if (code != CKR_OK) return failure(doing("searching"), code);
  if (overflow) return Error{ErrorKind::corrupt, doing("searching") + ": the module counts wrong"};
  return found;
}

Result<Bytes> ModuleSession::attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
  CK_ATTRIBUTE asked{type, nullptr, 0};
  CK_RV code = call(list().C_GetAttributeValue, handle_, object, &asked, CK_ULONG{1});
  const bool absent = code == CKR_ATTRIBUTE_TYPE_INVALID || code == CKR_ATTRIBUTE_SENSITIVE ||
                      (code == CKR_OK && asked.ulValueLen == CK_UNAVAILABLE_INFORMATION);
  if (absent)
    return Error{ErrorKind::not_found, doing("reading an object of") + ": it has no such attribute"};
  if (code != CKR_OK) return failure(doing("reading an object of"), code);
  if (asked.ulValueLen > kLongestAttribute)
    return Error{ErrorKind::corrupt, doing("reading an object of") + ": an attribute of " +
                                         std::to_string(asked.ulValueLen) + " bytes"};
  Bytes value(asked.ulValueLen);
  if (value.empty()) return value;
  asked.pValue = value.data();
  code = call(list().C_GetAttributeValue, handle_, object, &asked, CK_ULONG{1});
  if (code != CKR_OK) return failure(doing("reading an object of"), code);
  if (asked.ulValueLen > value.size())
    return Error{ErrorKind::corrupt, doing("reading an object of") + ": the module wrote more than it may"};
  value.resize(asked.ulValueLen);
  return value;
}

bool ModuleSession::flag(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
  const auto value = attribute(object, type);
  return value && value->size() == sizeof(unsigned char) && value->front() != CK_FALSE;
}

Result<std::vector<CK_MECHANISM_TYPE>> ModuleSession::mechanisms() {
  CK_ULONG count = 0;
  CK_RV code = call(list().C_GetMechanismList, token_.slot, static_cast<CK_MECHANISM_TYPE*>(nullptr), &count);
  if (code != CKR_OK) return failure(doing("asking the mechanisms of"), code);
  if (count > kMostMechanisms)
    return Error{ErrorKind::corrupt, doing("asking the mechanisms of") + ": the module counts wrong"};
  std::vector<CK_MECHANISM_TYPE> all(count);
  code = call(list().C_GetMechanismList, token_.slot, all.data(), &count);
  if (code != CKR_OK) return failure(doing("asking the mechanisms of"), code);
  if (count > all.size())
    return Error{ErrorKind::corrupt, doing("asking the mechanisms of") + ": the module counts wrong"};
  all.resize(count);
  return all;
}

Result<bool> ModuleSession::log_in(CK_USER_TYPE user, const Secret* pin) {
  // Cryptoki takes the PIN as if it might write to it: it is given a copy, wiped with this call.
  Secret copy = pin == nullptr ? Secret() : pin->clone();
  const CK_RV code = call(list().C_Login, handle_, user, pin == nullptr ? nullptr : copy.writable().data(),
                          CK_ULONG{copy.size()});
  if (code == CKR_OK) return true;
  if (code == CKR_USER_ALREADY_LOGGED_IN) return false;
  Error error = failure(doing("logging in to"), code);
  if (error.kind != ErrorKind::authentication) return error;
  const auto now = module_->token(token_.slot);
  if (now && now->pin_locked) {
    error.message = doing("logging in to") + ": its PIN is blocked: have it unblocked by who issued it";
  } else if (now && now->pin_final_try) {
    error.message += ": one try left";
  } else if (now && now->pin_low) {
    error.message += ": few tries left";
  }
  return error;
}

void ModuleSession::log_out() { call(list().C_Logout, handle_); }

CK_RV ModuleSession::begin_signature(CK_OBJECT_HANDLE key, CK_MECHANISM& mechanism) {
  return call(list().C_SignInit, handle_, &mechanism, key);
}

Result<Bytes> ModuleSession::finish_signature(ByteView data) {
  Bytes input = to_bytes(data);
  Bytes signature(kLongestSignature);
  CK_ULONG size = signature.size();
  const CK_RV code =
      call(list().C_Sign, handle_, input.data(), CK_ULONG{input.size()}, signature.data(), &size);
  if (code != CKR_OK) return failure(doing("signing with"), code);
  if (size == 0 || size > signature.size())
    return Error{ErrorKind::corrupt,
                 doing("signing with") + ": a signature of " + std::to_string(size) + " bytes"};
  signature.resize(size);
  return signature;
}

}  // namespace sceau::token
