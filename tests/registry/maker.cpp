#include "maker.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <memory>

#include "sceau/base/handle.h"

namespace sceau::test {
namespace {

constexpr Time kYear = 366 * 86400;

void require(bool good) {
  if (!good) std::abort();
}

void add_name(X509_NAME* name, const std::string& text) {
  require(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()), -1, 0) == 1);
}

void add_standard(X509* certificate, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const Handle<X509_EXTENSION, X509_EXTENSION_free> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  require(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1);
}

void add_own(X509* certificate, const char* oid, const Bytes& content) {
  const Handle<ASN1_OBJECT, ASN1_OBJECT_free> object(OBJ_txt2obj(oid, 1));
  const Handle<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> octets(ASN1_OCTET_STRING_new());
  require(ASN1_OCTET_STRING_set(octets.get(), content.data(), static_cast<int>(content.size())) == 1);
  const Handle<X509_EXTENSION, X509_EXTENSION_free> extension(
      X509_EXTENSION_create_by_OBJ(nullptr, object.get(), 0, octets.get()));
  require(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1);
}

Handle<X509, X509_free> begin(const std::string& subject, const std::string& issuer, ByteView spki,
                              Time now) {
  Handle<X509, X509_free> certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  static long serial = 1000;
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), ++serial);
  ASN1_TIME_set(X509_getm_notBefore(certificate.get()), now - kYear);
  ASN1_TIME_set(X509_getm_notAfter(certificate.get()), now + 20 * kYear);
  add_name(X509_get_subject_name(certificate.get()), subject);
  add_name(X509_get_issuer_name(certificate.get()), issuer);
  const unsigned char* bytes = spki.data();
  const Handle<EVP_PKEY, EVP_PKEY_free> key(d2i_PUBKEY(nullptr, &bytes, static_cast<long>(spki.size())));
  require(key != nullptr && X509_set_pubkey(certificate.get(), key.get()) == 1);
  return certificate;
}

Bytes finish(X509* certificate, const pki::SoftwareKey& signer) {
  require(X509_sign(certificate, signer.handle(), EVP_sha256()) > 0);
  unsigned char* out = nullptr;
  const int size = i2d_X509(certificate, &out);
  require(size > 0);
  Bytes der(out, out + size);
  OPENSSL_free(out);
  return der;
}

constexpr const char* kRootName = "Sceau test token maker root";
std::string token_name(const std::string& serial) {
  return "Sceau test token " + serial + " attestation key";
}

pki::Certificate make_root(const pki::SoftwareKey& key, Time now) {
  const auto certificate = begin(kRootName, kRootName, key.spki(), now);
  add_standard(certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  add_standard(certificate.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  add_standard(certificate.get(), NID_subject_key_identifier, "hash");
  return pki::Certificate::from_der(finish(certificate.get(), key)).value();
}

}  // namespace

Maker::Maker(Time now) : now_(now), key_(pki::SoftwareKey::generate().value()), root_(make_root(key_, now)) {}

Maker::Token Maker::make_token(const std::string& serial) const {
  pki::SoftwareKey key = pki::SoftwareKey::generate().value();
  const auto certificate = begin(token_name(serial), kRootName, key.spki(), now_);
  add_standard(certificate.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_standard(certificate.get(), NID_key_usage, "critical,keyCertSign");
  Bytes der = finish(certificate.get(), key_);
  return {std::move(key), std::move(der)};
}

Bytes Maker::attest(const Token& token, const Bytes& public_key, const Attestation& about) const {
  const auto issuer = pki::Certificate::from_der(token.certificate).value();
  const auto certificate =
      begin("YubiKey PIV Attestation " + about.slot, issuer.common_name(), public_key, now_);
  Bytes serial{0x02, 0x04};
  const auto number = static_cast<std::uint32_t>(std::stoul(about.serial));
  for (int shift = 24; shift >= 0; shift -= 8) serial.push_back(static_cast<std::uint8_t>(number >> shift));
  add_own(certificate.get(), "1.3.6.1.4.1.41482.3.3", {5, 7, 0});
  add_own(certificate.get(), "1.3.6.1.4.1.41482.3.7", serial);
  add_own(certificate.get(), "1.3.6.1.4.1.41482.3.8",
          {static_cast<std::uint8_t>(about.pin_policy), static_cast<std::uint8_t>(about.touch_policy)});
  if (!about.key_policy.empty())
    add_own(certificate.get(), "2.25.147696762654192748190812530891524164905", about.key_policy);
  return finish(certificate.get(), token.key);
}

}  // namespace sceau::test
