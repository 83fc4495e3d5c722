// Deciphering and agreeing on keys (PKCS#11 3.0, 5.9 and 5.18).
#include "api.h"
#include "derive.h"
#include "handles.h"
#include "padding.h"

namespace sceau::pkcs11::api {
namespace {

Result<Secret> decipher(Session& session, const DecryptOperation& operation, ByteView encrypted) {
  if (flag_of(operation.key->attributes, CKA_ALWAYS_AUTHENTICATE) && !operation.authenticated)
    return Failure{CKR_USER_NOT_LOGGED_IN};
  if (encrypted.size() != operation.key->key->bits() / 8) return Failure{CKR_ENCRYPTED_DATA_LEN_RANGE};
  auto block = session.token().rsa_private(*operation.key, encrypted);
  if (!block) return block;
  return unpad_deciphered(operation.use, *block);
}

}  // namespace

Status DecryptInit(Session& session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
  if (session.operation()) return Failure{CKR_OPERATION_ACTIVE};
  auto use = mechanism_of(session, mechanism, CKF_DECRYPT);
  if (!use) return use.failure();
  auto found = key_of(session, key, CKO_PRIVATE_KEY);
  if (!found) return found.failure();
  if (auto fits = check_key(**found, *use, CKA_DECRYPT); !fits) return fits;
  session.operation() = DecryptOperation{std::move(*found), std::move(*use)};
  return {};
}

Status Decrypt(Session& session, CK_BYTE* encrypted_data, CK_ULONG encrypted_data_size, CK_BYTE* data,
               CK_ULONG* data_size) {
  auto operation = session.current<DecryptOperation>();
  if (!operation) return operation.failure();
  if (encrypted_data == nullptr || data_size == nullptr) return end_operation(session, {CKR_ARGUMENTS_BAD});
  if (data == nullptr) {
    *data_size = (*operation)->key->key->bits() / 8;  // at most
    return {};
  }
  auto& plain = (*operation)->plain;
  if (!plain) {
    auto deciphered = decipher(session, **operation, {encrypted_data, encrypted_data_size});
    if (!deciphered) return end_operation(session, deciphered.failure());
    plain = std::move(*deciphered);
  }
  auto given = give(std::span<const CK_BYTE>(plain->view()), data, data_size);
  if (given) session.operation().reset();
  return given;
}

Status DeriveKey(Session& session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE base_key,
                 CK_ATTRIBUTE* attributes, CK_ULONG attribute_count, CK_OBJECT_HANDLE* key) {
  if (key == nullptr) return Failure{CKR_ARGUMENTS_BAD};
  auto use = mechanism_of(session, mechanism, CKF_DERIVE);
  if (!use) return use.failure();
  auto wanted = read_template(attributes, attribute_count);
  if (!wanted) return wanted.failure();
  auto base = key_of(session, base_key, CKO_PRIVATE_KEY);
  if (!base) return base.failure();
  if (auto fits = check_key(**base, *use, CKA_DERIVE); !fits) return fits;
  auto agreement = read_agreement(*mechanism, *(*base)->key);
  if (!agreement) return agreement.failure();
  if (auto size = derived_size(*wanted, *agreement); !size) return size.failure();
  auto shared = session.token().agree(**base, agreement->point);
  if (!shared) return shared.failure();
  auto derived = derive_secret(*agreement, *shared, *wanted);
  if (!derived) return derived.failure();
  *key = session.add_own(std::move(*derived));
  return {};
}

}  // namespace sceau::pkcs11::api
