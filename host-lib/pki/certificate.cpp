#include "sceau/pki/certificate.h"

#include <openssl/pem.h>

#include "openssl.h"

namespace sceau::pki {

struct Certificate::State {
  X509Handle x509;
  Bytes der;
  Digest digest{};
  Bytes spki;
  Bytes issuer;
  Bytes subject;
  Bytes serial;
  Time not_before = 0;
  Time not_after = 0;
  std::optional<std::uint32_t> usage;
  bool is_ca = false;
  KeyAlgorithm algorithm = KeyAlgorithm::other;
};

namespace {

KeyAlgorithm algorithm_of(const EVP_PKEY* key) {
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) return KeyAlgorithm::rsa;
  char group[32] = {};
  std::size_t length = 0;
  if (EVP_PKEY_get_group_name(key, group, sizeof group, &length) != 1) {
    ERR_clear_error();
    return KeyAlgorithm::other;
  }
  const std::string_view name(group, length);
  if (name == "prime256v1") return KeyAlgorithm::p256;
  if (name == "secp384r1") return KeyAlgorithm::p384;
  return KeyAlgorithm::other;
}

Error bad_certificate(const std::string& what) {
  return {ErrorKind::invalid, "reading a certificate: " + what};
}

}  // namespace

Result<Certificate> Certificate::from_der(ByteView der) {
  X509Handle x509(from_exact_der<X509>(der, d2i_X509));
  if (x509 == nullptr) return bad_certificate("the bytes are not one DER X.509 certificate: check the file");
  const std::uint32_t flags = X509_get_extension_flags(x509.get());
  if ((flags & EXFLAG_INVALID) != 0)
    return bad_certificate("an extension in it cannot be read: have it issued again");
  const EVP_PKEY* key = X509_get0_pubkey(x509.get());
  if (key == nullptr) {
    ERR_clear_error();
    return bad_certificate("its public key cannot be read: have it issued again");
  }
  auto state = std::make_shared<State>();
  state->der = to_bytes(der);
  state->digest = sha256(der);
  state->spki = to_der(X509_get_X509_PUBKEY(x509.get()), i2d_X509_PUBKEY);
  state->issuer = to_der(X509_get_issuer_name(x509.get()), i2d_X509_NAME);
  state->subject = to_der(X509_get_subject_name(x509.get()), i2d_X509_NAME);
  const Bytes serial = to_der(X509_get0_serialNumber(x509.get()), i2d_ASN1_INTEGER);
  state->serial = to_bytes(DerReader(serial).next(der_integer).value_or(ByteView{}));
  state->not_before = to_time(X509_get0_notBefore(x509.get()));
  state->not_after = to_time(X509_get0_notAfter(x509.get()));
  if ((flags & EXFLAG_KUSAGE) != 0) state->usage = X509_get_key_usage(x509.get());
  state->is_ca = (flags & EXFLAG_CA) != 0;
  state->algorithm = algorithm_of(key);
  state->x509 = std::move(x509);
  return Certificate(std::move(state));
}

Result<std::vector<Certificate>> Certificate::all_from_pem(std::string_view pem) {
  std::vector<Certificate> all;
  for (const Bytes& block : pem_blocks(pem, PEM_STRING_X509)) {
    auto certificate = from_der(block);
    if (!certificate) return certificate.error();
    all.push_back(std::move(*certificate));
  }
  return all;
}

Result<Certificate> Certificate::from_pem(std::string_view pem) {
  auto all = all_from_pem(pem);
  if (!all) return all.error();
  if (all->empty()) return bad_certificate("the text holds no CERTIFICATE block: give a PEM file");
  return all->front();
}

const Bytes& Certificate::der() const { return state_->der; }
const Digest& Certificate::digest() const { return state_->digest; }
const Bytes& Certificate::spki() const { return state_->spki; }
const Bytes& Certificate::issuer_name() const { return state_->issuer; }
const Bytes& Certificate::subject_name() const { return state_->subject; }
const Bytes& Certificate::serial_number() const { return state_->serial; }
Time Certificate::not_before() const { return state_->not_before; }
Time Certificate::not_after() const { return state_->not_after; }
std::optional<std::uint32_t> Certificate::key_usage() const { return state_->usage; }
bool Certificate::is_ca() const { return state_->is_ca; }
KeyAlgorithm Certificate::algorithm() const { return state_->algorithm; }
x509_st* Certificate::handle() const { return state_->x509.get(); }
evp_pkey_st* Certificate::public_key() const { return X509_get0_pubkey(state_->x509.get()); }

std::string Certificate::to_pem() const {
  const BioHandle bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr || PEM_write_bio_X509(bio.get(), handle()) != 1) return {};
  return bio_text(bio.get());
}

std::string Certificate::subject_text() const { return name_text(X509_get_subject_name(handle())); }

std::string Certificate::common_name() const {
  return name_attribute(X509_get_subject_name(handle()), NID_commonName);
}

std::string Certificate::person() const {
  auto person = name_attribute(X509_get_subject_name(handle()), NID_serialNumber);
  return person.empty() ? common_name() : person;
}

std::optional<Bytes> Certificate::extension(const std::string& oid) const {
  const Handle<ASN1_OBJECT, ASN1_OBJECT_free> object(OBJ_txt2obj(oid.c_str(), 1));
  const int index = object == nullptr ? -1 : X509_get_ext_by_OBJ(handle(), object.get(), -1);
  if (index < 0) return std::nullopt;
  const ASN1_OCTET_STRING* data = X509_EXTENSION_get_data(X509_get_ext(handle(), index));
  const unsigned char* bytes = ASN1_STRING_get0_data(data);
  return Bytes(bytes, bytes + ASN1_STRING_length(data));
}

}  // namespace sceau::pki
