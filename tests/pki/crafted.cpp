#include "crafted.h"

#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <cstdlib>

namespace sceau::test {

namespace {

// A test that cannot make its own material has nothing to say.
void require(bool ok) {
  if (!ok) std::abort();
}

void add(X509* x509, X509* issuer, int nid, const std::string& value) {
  if (value.empty()) return;
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, x509, nullptr, nullptr, 0);
  X509V3_set_ctx_nodb(&context);
  X509_EXTENSION* extension = X509V3_EXT_nconf_nid(nullptr, &context, nid, value.c_str());
  require(extension != nullptr && X509_add_ext(x509, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

void add_raw(X509* x509, const std::string& oid, const Bytes& content) {
  ASN1_OCTET_STRING* data = ASN1_OCTET_STRING_new();
  ASN1_OBJECT* object = OBJ_txt2obj(oid.c_str(), 1);
  require(ASN1_OCTET_STRING_set(data, content.data(), static_cast<int>(content.size())) == 1);
  X509_EXTENSION* extension = X509_EXTENSION_create_by_OBJ(nullptr, object, 0, data);
  require(X509_add_ext(x509, extension, -1) == 1);
  X509_EXTENSION_free(extension);
  ASN1_OBJECT_free(object);
  ASN1_OCTET_STRING_free(data);
}

void add_name(X509_NAME* name, const char* field, const std::string& value) {
  if (value.empty()) return;
  require(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(value.data()),
                                     static_cast<int>(value.size()), -1, 0) == 1);
}

}  // namespace

Key craft_key(const std::string& kind) {
  EVP_PKEY* key = nullptr;
  if (kind == "RSA") key = EVP_RSA_gen(2048U);
  if (kind == "RSA-1024") key = EVP_RSA_gen(1024U);
  if (kind == "ED25519") key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  if (kind == "P-256" || kind == "P-384") key = EVP_EC_gen(kind.c_str());
  require(key != nullptr);
  return {key, EVP_PKEY_free};
}

Bytes spki_of(const Key& key) {
  unsigned char* der = nullptr;
  const int length = i2d_PUBKEY(key.get(), &der);
  require(length > 0);
  Bytes bytes(der, der + length);
  OPENSSL_free(der);
  return bytes;
}

pki::SignCallback signer_of(const Key& key) {
  return [key](ByteView message) -> Result<Bytes> {
    const EVP_MD* digest = EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_ED25519 ? nullptr : EVP_sha256();
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    std::size_t length = 0;
    require(EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key.get()) == 1);
    require(EVP_DigestSign(context.get(), nullptr, &length, message.data(), message.size()) == 1);
    Bytes signature(length);
    require(EVP_DigestSign(context.get(), signature.data(), &length, message.data(), message.size()) == 1);
    signature.resize(length);
    return signature;
  };
}

pki::Certificate craft(const Plan& plan) {
  X509* x509 = X509_new();
  static SystemRandom random;
  const auto serial = random.array<8>();
  const EVP_PKEY* issuer_key = plan.issuer == nullptr ? plan.key.get() : plan.issuer_key.get();
  X509* issuer = plan.issuer == nullptr ? x509 : plan.issuer->handle();
  require(X509_set_version(x509, X509_VERSION_3) == 1);
  require(ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), serial[0] | std::uint64_t{serial[1]} << 16U |
                                                                   std::uint64_t{serial[2]} << 32U |
                                                                   0x4000000000000000U) == 1);
  require(ASN1_TIME_set(X509_getm_notBefore(x509), plan.from) != nullptr);
  require(ASN1_TIME_set(X509_getm_notAfter(x509), plan.until) != nullptr);
  add_name(X509_get_subject_name(x509), "CN", plan.name);
  if (!plan.unit.empty()) add_name(X509_get_subject_name(x509), "OU", plan.unit);
  if (!plan.person.empty()) add_name(X509_get_subject_name(x509), "serialNumber", plan.person);
  require(X509_set_issuer_name(x509, X509_get_subject_name(issuer)) == 1);
  require(X509_set_pubkey(x509, plan.key.get()) == 1);
  add(x509, issuer, NID_basic_constraints, plan.basic_constraints);
  add(x509, issuer, NID_key_usage, plan.key_usage);
  add(x509, issuer, NID_subject_key_identifier, "hash");
  add(x509, issuer, NID_authority_key_identifier, "keyid:always");
  for (const auto& [oid, content] : plan.extensions) add_raw(x509, oid, content);
  const EVP_MD* digest = EVP_PKEY_get_base_id(issuer_key) == EVP_PKEY_ED25519 ? nullptr : EVP_sha256();
  require(X509_sign(x509, const_cast<EVP_PKEY*>(issuer_key), digest) > 0);
  unsigned char* der = nullptr;
  const int length = i2d_X509(x509, &der);
  require(length > 0);
  auto certificate = pki::Certificate::from_der({der, static_cast<std::size_t>(length)});
  OPENSSL_free(der);
  X509_free(x509);
  require(certificate.ok());
  return *certificate;
}

pki::Crl craft_crl(const pki::Certificate& authority, const Key& key,
                   const std::vector<pki::Certificate>& revoked, std::uint64_t number, Time from,
                   Time until) {
  std::vector<pki::Revoked> entries;
  for (const auto& certificate : revoked) {
    entries.push_back({certificate.serial_number(), from, pki::RevocationReason::key_compromise});
  }
  const auto der = pki::issue_crl(authority, entries, number, from, until, signer_of(key));
  require(der.ok());
  return *pki::Crl::from_der(*der);
}

}  // namespace sceau::test
