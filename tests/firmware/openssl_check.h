// What an outsider sees: the card's keys, signatures and certificates, judged by OpenSSL.
#pragma once

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

#include "card.h"

namespace sceau::firmware::test {

template <auto kFree>
struct Freer {
  template <typename T>
  void operator()(T* handle) const {
    kFree(handle);
  }
};
using OpenSslKey = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;

inline OpenSslKey read_public_key(const Bytes& info) {
  const unsigned char* at = info.data();
  return OpenSslKey(d2i_PUBKEY(nullptr, &at, static_cast<long>(info.size())));
}

// From a point of P-256 or P-384, or a modulus of 2048 or 3072 bits that goes with 65537.
inline OpenSslKey public_key(const Bytes& bytes) {
  switch (bytes.size()) {
    case 65:
      return read_public_key(hex("3059301306072a8648ce3d020106082a8648ce3d030107034200") + bytes);
    case 97:
      return read_public_key(hex("3076301006072a8648ce3d020106052b81040022036200") + bytes);
    case 256:
      return read_public_key(hex("30820122300d06092a864886f70d01010105000382010f003082010a0282010100") +
                             bytes + hex("0203010001"));
    case 384:
      return read_public_key(hex("308201a2300d06092a864886f70d01010105000382018f003082018a0282018100") +
                             bytes + hex("0203010001"));
    default:
      return nullptr;
  }
}

inline bool verifies(EVP_PKEY* key, const Bytes& hash, const Bytes& signature) {
  const std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX_free>> context(EVP_PKEY_CTX_new(key, nullptr));
  return EVP_PKEY_verify_init(context.get()) == 1 &&
         EVP_PKEY_verify(context.get(), signature.data(), signature.size(), hash.data(), hash.size()) == 1;
}

inline Certificate read_certificate(const Bytes& der) {
  const unsigned char* at = der.data();
  Certificate certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (certificate != nullptr && at != der.data() + der.size()) certificate.reset();
  return certificate;
}

// Path from `leaf` through `between` to `root`, with OpenSSL's strict checks. 0 (X509_V_OK) or the error.
inline int path_error(X509* leaf, X509* between, X509* root) {
  const std::unique_ptr<X509_STORE, Freer<X509_STORE_free>> store(X509_STORE_new());
  const std::unique_ptr<X509_STORE_CTX, Freer<X509_STORE_CTX_free>> context(X509_STORE_CTX_new());
  X509_STORE_add_cert(store.get(), root);
  STACK_OF(X509)* chain = sk_X509_new_null();
  sk_X509_push(chain, between);
  X509_STORE_CTX_init(context.get(), store.get(), leaf, chain);
  X509_STORE_CTX_set_flags(context.get(), X509_V_FLAG_X509_STRICT);
  X509_verify_cert(context.get());
  const int error = X509_STORE_CTX_get_error(context.get());
  sk_X509_free(chain);
  return error;
}

// Content of the extension with this dotted object identifier; empty when there is none.
inline Bytes extension(X509* certificate, const char* oid) {
  const std::unique_ptr<ASN1_OBJECT, Freer<ASN1_OBJECT_free>> object(OBJ_txt2obj(oid, 1));
  const int index = X509_get_ext_by_OBJ(certificate, object.get(), -1);
  if (index < 0) return {};
  const ASN1_OCTET_STRING* value = X509_EXTENSION_get_data(X509_get_ext(certificate, index));
  return {value->data, value->data + value->length};
}

}  // namespace sceau::firmware::test
