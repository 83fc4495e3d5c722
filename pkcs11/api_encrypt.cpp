// Encrypting to RSA public keys, through OpenSSL (PKCS#11 3.0, 5.8): in one part, as RSA's mechanisms are.
#include "api.h"
#include "padding.h"

namespace sceau::pkcs11::api {

Status EncryptInit(Session& session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
  if (session.operation()) return Failure{CKR_OPERATION_ACTIVE};
  auto use = mechanism_of(session, mechanism, CKF_ENCRYPT);
  if (!use) return use.failure();
  auto found = key_of(session, key, CKO_PUBLIC_KEY);
  if (!found) return found.failure();
  if (auto fits = check_key(**found, *use, CKA_ENCRYPT); !fits) return fits;
  session.operation() = EncryptOperation{std::move(*found), std::move(*use)};
  return {};
}

Status Encrypt(Session& session, CK_BYTE* data, CK_ULONG data_size, CK_BYTE* encrypted_data,
               CK_ULONG* encrypted_data_size) {
  auto operation = session.current<EncryptOperation>();
  if (!operation) return operation.failure();
  if ((data == nullptr && data_size != 0) || encrypted_data_size == nullptr)
    return end_operation(session, {CKR_ARGUMENTS_BAD});
  const PublicKey& key = *(*operation)->key->key;
  const CK_ULONG size = key.bits() / 8;
  if (encrypted_data == nullptr || *encrypted_data_size < size) {
    *encrypted_data_size = size;
    return encrypted_data == nullptr ? Status() : Failure{CKR_BUFFER_TOO_SMALL};
  }
  auto encrypted = encrypt(key, (*operation)->use, {data, data_size});
  session.operation().reset();
  if (!encrypted) return encrypted.failure();
  return give(std::span<const CK_BYTE>(*encrypted), encrypted_data, encrypted_data_size);
}

}  // namespace sceau::pkcs11::api
