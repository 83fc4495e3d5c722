// One owner for each OpenSSL handle that this room holds, and OpenSSL's own reason for a failure.
#pragma once

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <string>
#include <string_view>
#include <vector>

#include "sceau/base/bytes.h"
#include "sceau/base/clock.h"
#include "sceau/base/handle.h"
#include "sceau/base/result.h"
#include "sceau/pki/der.h"

namespace sceau::pki {

using BioHandle = Handle<BIO, BIO_free_all>;
using CertificatesHandle = Handle<STACK_OF(X509), [](STACK_OF(X509) * all) { sk_X509_free(all); }>;
using CrlHandle = Handle<X509_CRL, X509_CRL_free>;
using DigestContextHandle = Handle<EVP_MD_CTX, EVP_MD_CTX_free>;
using KeyHandle = Handle<EVP_PKEY, EVP_PKEY_free>;
using KeyContextHandle = Handle<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using NameHandle = Handle<X509_NAME, X509_NAME_free>;
using PathContextHandle = Handle<X509_STORE_CTX, X509_STORE_CTX_free>;
using RequestHandle = Handle<X509_REQ, X509_REQ_free>;
using RevokedHandle = Handle<X509_REVOKED, X509_REVOKED_free>;
using StoreHandle = Handle<X509_STORE, X509_STORE_free>;
using TimeHandle = Handle<ASN1_TIME, ASN1_STRING_free>;
using X509Handle = Handle<X509, X509_free>;

// DER through one of OpenSSL's i2d functions.
template <typename T, typename Writer>
Bytes to_der(T* object, Writer writer) {
  const int length = writer(object, nullptr);
  if (length <= 0) return {};
  Bytes der(static_cast<std::size_t>(length));
  unsigned char* at = der.data();
  writer(object, &at);
  return der;
}

// An object through one of OpenSSL's d2i functions; null unless all bytes are one strict DER element.
template <typename T, typename Reader>
T* from_exact_der(ByteView bytes, Reader reader) {
  if (!is_strict_der(bytes)) return nullptr;
  const unsigned char* at = bytes.data();
  T* object = reader(nullptr, &at, static_cast<long>(bytes.size()));
  if (object == nullptr) ERR_clear_error();
  return object;
}

// internal: what was being done, and the newest reason OpenSSL gives; its queue is empty afterwards.
Error openssl_failed(const std::string& doing);

Time to_time(const ASN1_TIME* time);
TimeHandle to_asn1_time(Time time);
// "CN=Alice Martin, serialNumber=alice": UTF-8, control characters escaped.
std::string name_text(const X509_NAME* name);
// The first value of an attribute, as UTF-8; empty when there is none.
std::string name_attribute(const X509_NAME* name, int nid);
// The content of a memory BIO.
std::string bio_text(BIO* bio);
// The PEM blocks of that kind in a text, decoded. A block that cannot be decoded ends the list.
std::vector<Bytes> pem_blocks(std::string_view pem, std::string_view kind);

}  // namespace sceau::pki
