// Making, changing and destroying objects (PKCS#11 3.0, 5.7 and 5.17).
#include <utility>

#include "api.h"
#include "own_object.h"

namespace sceau::pkcs11::api {
namespace {

// For what changes the card.
Status require_administrator(const Session& session) {
  if (!session.read_write()) return Failure{CKR_SESSION_READ_ONLY};
  if (session.token().login() != pkcs11::Login::security_officer)
    return Failure{CKR_USER_NOT_LOGGED_IN, "log in as security officer, with the management key"};
  return {};
}

std::optional<std::uint32_t> tag_of_template(const Attributes& wanted) {
  const ByteView identifier = bytes_of(wanted, CKA_OBJECT_ID);
  const std::string_view label = as_text(bytes_of(wanted, CKA_LABEL));
  for (const DataName& name : data_names()) {
    const Bytes own = identifier_der(name.identifier);
    if (identifier.empty() ? label == name.label
                           : std::equal(own.begin(), own.end(), identifier.begin(), identifier.end()))
      return name.tag;
  }
  return std::nullopt;
}

Result<CK_OBJECT_HANDLE> write_certificate(Token& token, const Attributes& wanted) {
  auto slot = slot_of_template(wanted);
  if (!slot) return slot.failure();
  if (!wanted.contains(CKA_VALUE)) return Failure{CKR_TEMPLATE_INCOMPLETE};
  if (!read_certificate(wanted.at(CKA_VALUE))) return Failure{CKR_ATTRIBUTE_VALUE_INVALID};
  return token.put_certificate(*slot, wanted.at(CKA_VALUE));
}

Result<CK_OBJECT_HANDLE> write_key(Token& token, const Attributes& wanted) {
  auto slot = slot_of_template(wanted);
  if (!slot) return slot.failure();
  auto policy = pin_policy_of_template(wanted);
  if (!policy) return policy.failure();
  auto key = private_key_of_template(wanted);
  if (!key) return key.failure();
  auto pair = token.import_key(*slot, *key, *policy);
  if (!pair) return pair.failure();
  return pair->private_key;
}

Result<CK_OBJECT_HANDLE> write_data(Token& token, const Attributes& wanted) {
  const auto tag = tag_of_template(wanted);
  if (!tag)
    return Failure{CKR_ATTRIBUTE_VALUE_INVALID, "PIV's data objects are named by their OBJECT IDENTIFIER"};
  return token.put_data(*tag, bytes_of(wanted, CKA_VALUE));
}

Result<CK_OBJECT_HANDLE> write_to_card(Session& session, const Attributes& wanted) {
  if (auto allowed = require_administrator(session); !allowed) return allowed.failure();
  switch (number_of(wanted, CKA_CLASS).value_or(CKO_VENDOR_DEFINED)) {
    case CKO_CERTIFICATE:
      return write_certificate(session.token(), wanted);
    case CKO_PRIVATE_KEY:
      return write_key(session.token(), wanted);
    case CKO_DATA:
      return write_data(session.token(), wanted);
    case CKO_VENDOR_DEFINED:
      return Failure{CKR_TEMPLATE_INCOMPLETE};
    default:
      return Failure{CKR_TEMPLATE_INCONSISTENT,
                     "a card holds certificates, private keys and PIV's data objects"};
  }
}

}  // namespace

Status CreateObject(Session& session, CK_ATTRIBUTE* attributes, CK_ULONG count, CK_OBJECT_HANDLE* object) {
  if (object == nullptr) return Failure{CKR_ARGUMENTS_BAD};
  auto wanted = read_template(attributes, count);
  if (!wanted) return wanted.failure();
  if (wanted->contains(CKA_UNIQUE_ID)) return Failure{CKR_ATTRIBUTE_READ_ONLY};
  Result<CK_OBJECT_HANDLE> made = CK_OBJECT_HANDLE{CK_INVALID_HANDLE};
  if (flag_of(*wanted, CKA_TOKEN)) {
    made = write_to_card(session, *wanted);
  } else {
    auto own = make_own_object(*wanted);
    made = own ? Result<CK_OBJECT_HANDLE>(session.add_own(std::move(*own))) : own.failure();
  }
  wipe_values(*wanted);
  if (!made) return made.failure();
  *object = *made;
  return {};
}

Status DestroyObject(Session& session, CK_OBJECT_HANDLE object) {
  if (session.own_objects().erase(object) != 0) return {};
  const ObjectPtr found = session.token().any_object(object);
  if (!found) return Failure{CKR_OBJECT_HANDLE_INVALID};
  if (!flag_of(found->attributes, CKA_DESTROYABLE)) return Failure{CKR_ACTION_PROHIBITED};
  if (auto allowed = require_administrator(session); !allowed) return allowed;
  return session.token().remove(*found);
}

Status SetAttributeValue(Session& session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE* attributes,
                         CK_ULONG count) {
  auto wanted = read_template(attributes, count);
  if (!wanted) return wanted.failure();
  const ObjectPtr found = session.object(object);
  if (!found) return Failure{CKR_OBJECT_HANDLE_INVALID};
  const bool value_only = wanted->size() == 1 && wanted->contains(CKA_VALUE);
  if (session.own_objects().contains(object)) return session.change_own(object, *wanted);
  if (!value_only)
    return Failure{CKR_ATTRIBUTE_READ_ONLY, "on a card, only the value of a certificate or data object"};
  if (auto allowed = require_administrator(session); !allowed) return allowed;
  Result<CK_OBJECT_HANDLE> written = Failure{CKR_ATTRIBUTE_READ_ONLY};
  if (found->object_class() == CKO_DATA) {
    written = session.token().put_data(found->tag, wanted->at(CKA_VALUE));
  } else if (found->object_class() == CKO_CERTIFICATE && flag_of(found->attributes, CKA_DESTROYABLE)) {
    if (!read_certificate(wanted->at(CKA_VALUE))) return Failure{CKR_ATTRIBUTE_VALUE_INVALID};
    written = session.token().put_certificate(*found->slot, wanted->at(CKA_VALUE));
  }
  if (!written) return written.failure();
  return {};
}

Status GenerateKeyPair(Session& session, CK_MECHANISM* mechanism, CK_ATTRIBUTE* public_key_template,
                       CK_ULONG public_key_attribute_count, CK_ATTRIBUTE* private_key_template,
                       CK_ULONG private_key_attribute_count, CK_OBJECT_HANDLE* public_key,
                       CK_OBJECT_HANDLE* private_key) {
  if (public_key == nullptr || private_key == nullptr) return Failure{CKR_ARGUMENTS_BAD};
  auto use = mechanism_of(session, mechanism, CKF_GENERATE_KEY_PAIR);
  if (!use) return use.failure();
  auto of_public = read_template(public_key_template, public_key_attribute_count);
  auto of_private = read_template(private_key_template, private_key_attribute_count);
  if (!of_public) return of_public.failure();
  if (!of_private) return of_private.failure();
  auto algorithm = algorithm_of_template(*of_public, use->mechanism->type);
  if (!algorithm) return algorithm.failure();
  auto policy = pin_policy_of_template(*of_private);
  if (!policy) return policy.failure();
  auto slot = slot_of_template(of_private->contains(CKA_ID) ? *of_private : *of_public);
  if (!slot) return slot.failure();
  if (auto allowed = require_administrator(session); !allowed) return allowed;
  auto pair = session.token().generate(*slot, *algorithm, *policy);
  if (!pair) return pair.failure();
  *public_key = pair->public_key;
  *private_key = pair->private_key;
  return {};
}

}  // namespace sceau::pkcs11::api
