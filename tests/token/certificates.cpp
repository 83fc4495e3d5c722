#include "certificates.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <cstdlib>
#include <string>

namespace sceau::test {
namespace {

EVP_PKEY* read_key(ByteView spki) {
  const unsigned char* at = spki.data();
  EVP_PKEY* key = d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size()));
  if (key == nullptr) std::abort();
  return key;
}

}  // namespace

Bytes make_certificate(ByteView spki, std::size_t padding) {
  EVP_PKEY* issuer = EVP_EC_gen("P-256");
  EVP_PKEY* subject = read_key(spki);
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 365L * 86400);
  X509_NAME* name = X509_get_subject_name(certificate);
  const std::string text = "A person";
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(text.data()),
                             static_cast<int>(text.size()), -1, 0);
  for (; padding > 0; padding -= padding < 60 ? padding : 60) {
    const std::string unit(padding < 60 ? padding : 60, 'x');
    X509_NAME_add_entry_by_txt(name, "OU", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(unit.data()),
                               static_cast<int>(unit.size()), -1, 0);
  }
  X509_set_pubkey(certificate, subject);
  X509_sign(certificate, issuer, EVP_sha256());
  Bytes out(static_cast<std::size_t>(i2d_X509(certificate, nullptr)));
  unsigned char* at = out.data();
  i2d_X509(certificate, &at);
  X509_free(certificate);
  EVP_PKEY_free(subject);
  EVP_PKEY_free(issuer);
  return out;
}

SoftwareKey::SoftwareKey() : key_(EVP_EC_gen("P-256")) {}
SoftwareKey::~SoftwareKey() { EVP_PKEY_free(static_cast<EVP_PKEY*>(key_)); }

Bytes SoftwareKey::spki() const {
  auto* key = static_cast<EVP_PKEY*>(key_);
  Bytes out(static_cast<std::size_t>(i2d_PUBKEY(key, nullptr)));
  unsigned char* at = out.data();
  i2d_PUBKEY(key, &at);
  return out;
}

// A P-256 SubjectPublicKeyInfo ends with the uncompressed point.
Bytes SoftwareKey::point() const {
  const Bytes info = spki();
  return {info.end() - 65, info.end()};
}

Bytes SoftwareKey::sign_digest(ByteView digest) const {
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(static_cast<EVP_PKEY*>(key_), nullptr);
  EVP_PKEY_sign_init(context);
  Bytes out(80);
  std::size_t size = out.size();
  if (EVP_PKEY_sign(context, out.data(), &size, digest.data(), digest.size()) != 1) std::abort();
  out.resize(size);
  EVP_PKEY_CTX_free(context);
  return out;
}

Bytes SoftwareKey::agree(ByteView point) const {
  Bytes peer_info = spki();
  std::copy(point.begin(), point.end(), peer_info.end() - 65);
  EVP_PKEY* peer = read_key(peer_info);
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(static_cast<EVP_PKEY*>(key_), nullptr);
  EVP_PKEY_derive_init(context);
  EVP_PKEY_derive_set_peer(context, peer);
  Bytes out(32);
  std::size_t size = out.size();
  if (EVP_PKEY_derive(context, out.data(), &size) != 1) std::abort();
  EVP_PKEY_CTX_free(context);
  EVP_PKEY_free(peer);
  return out;
}

bool verifies(ByteView spki, ByteView message, ByteView signature) {
  EVP_PKEY* key = read_key(spki);
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  const bool good =
      EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, key) == 1 &&
      EVP_DigestVerify(context, signature.data(), signature.size(), message.data(), message.size()) == 1;
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(key);
  return good;
}

}  // namespace sceau::test
