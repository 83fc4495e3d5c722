#include "session.h"

#include <utility>

#include "handles.h"

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

CK_OBJECT_HANDLE Session::add_own(Object object) {
  SystemRandom random;
  object.handle = new_handle(random, [&](CK_OBJECT_HANDLE taken) {
    return own_objects_.contains(taken) || token_->object(taken) != nullptr;
  });
  put(object.attributes, CKA_UNIQUE_ID, std::string_view(to_hex(random.array<16>())));
  const CK_OBJECT_HANDLE handle = object.handle;
  own_objects_.emplace(handle, std::make_shared<const Object>(std::move(object)));
  return handle;
}

Status Session::change_own(CK_OBJECT_HANDLE handle, const Attributes& changes) {
  auto& place = own_objects_.at(handle);
  if (!flag_of(place->attributes, CKA_MODIFIABLE)) return Failure{CKR_ACTION_PROHIBITED};
  for (const auto& [type, value] : changes)
    if (type != CKA_LABEL && type != CKA_ID && type != CKA_APPLICATION)
      return Failure{CKR_ATTRIBUTE_READ_ONLY};
  Object changed = *place;
  for (const auto& [type, value] : changes) changed.attributes[type] = value;
  place = std::make_shared<const Object>(std::move(changed));
  return {};
}

}  // namespace sceau::pkcs11
