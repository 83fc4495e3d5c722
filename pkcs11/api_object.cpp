// Objects (PKCS#11 3.0, 5.7).
#include <algorithm>

#include "api.h"

namespace sceau::pkcs11::api {
namespace {

Result<ObjectPtr> object_of(Session& session, CK_OBJECT_HANDLE handle) {
  ObjectPtr object = session.object(handle);
  if (!object) return Failure{CKR_OBJECT_HANDLE_INVALID};
  return object;
}

}  // namespace

Status GetAttributeValue(Session& session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE* attributes,
                         CK_ULONG count) {
  if (attributes == nullptr || count == 0) return Failure{CKR_ARGUMENTS_BAD};
  auto found = object_of(session, object);
  if (!found) return found.failure();
  const auto asked = std::span(attributes, count);
  const bool missing = std::any_of(asked.begin(), asked.end(), [&](const CK_ATTRIBUTE& attribute) {
    return !(*found)->attributes.contains(attribute.type);
  });
  if (missing) {
    auto whole = session.token().complete(*found);
    if (!whole) return whole.failure();
    found = std::move(whole);
  }
  return write_attributes((*found)->attributes, (*found)->is_sensitive(), asked);
}

Status FindObjectsInit(Session& session, CK_ATTRIBUTE* attributes, CK_ULONG count) {
  if (session.operation()) return Failure{CKR_OPERATION_ACTIVE};
  auto wanted = read_template(attributes, count);
  if (!wanted) return wanted.failure();
  FindOperation operation;
  for (const auto& [handle, object] : session.own_objects())
    if (matches(object->attributes, *wanted)) operation.found.push_back(handle);
  auto found = session.token().find(*wanted);
  if (!found) return found.failure();
  operation.found.insert(operation.found.end(), found->begin(), found->end());
  session.operation() = std::move(operation);
  return {};
}

Status FindObjects(Session& session, CK_OBJECT_HANDLE* object, CK_ULONG max_object_count,
                   CK_ULONG* object_count) {
  if (object_count == nullptr || (object == nullptr && max_object_count != 0))
    return Failure{CKR_ARGUMENTS_BAD};
  auto operation = session.current<FindOperation>();
  if (!operation) return operation.failure();
  FindOperation& find = **operation;
  const std::size_t count = std::min<std::size_t>(max_object_count, find.found.size() - find.next);
  std::copy_n(find.found.begin() + static_cast<std::ptrdiff_t>(find.next), count, object);
  find.next += count;
  *object_count = count;
  return {};
}

Status FindObjectsFinal(Session& session) {
  if (auto operation = session.current<FindOperation>(); !operation) return operation.failure();
  session.operation().reset();
  return {};
}

Status GetObjectSize(Session& session, CK_OBJECT_HANDLE object, CK_ULONG* size) {
  if (size == nullptr) return Failure{CKR_ARGUMENTS_BAD};
  auto found = object_of(session, object);
  if (!found) return found.failure();
  *size = 0;
  for (const auto& [type, value] : (*found)->attributes) *size += value.size();
  return {};
}

}  // namespace sceau::pkcs11::api
