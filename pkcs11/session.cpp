#include "session.h"

namespace sceau::pkcs11 {

CK_STATE Session::state() const {
  switch (token_->login()) {
    case Login::user:
      return read_write_ ? CKS_RW_USER_FUNCTIONS : CKS_RO_USER_FUNCTIONS;
    case Login::security_officer:
      return CKS_RW_SO_FUNCTIONS;
    default:
      return read_write_ ? CKS_RW_PUBLIC_SESSION : CKS_RO_PUBLIC_SESSION;
  }
}

void Session::close() {
  if (!closed_.exchange(true)) token_->session_closed(read_write_);
}

ObjectPtr Session::object(CK_OBJECT_HANDLE handle) {
  const auto own = own_objects_.find(handle);
  return own != own_objects_.end() ? own->second : token_->object(handle);
}

}  // namespace sceau::pkcs11
