#include "forge.h"

#include <openssl/cms.h>
#include <openssl/err.h>

#include <algorithm>
#include <cstdlib>

#include "sceau/pki/der.h"

namespace sceau::test {

namespace {

using pki::der;

const Bytes oid_data{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01};
const Bytes oid_signed_data{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02};
const Bytes oid_sha256{0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01};
const Bytes oid_ecdsa_sha256{0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02};

void require(bool ok) {
  if (!ok) std::abort();
}

Bytes joined(std::vector<Bytes> parts, bool sort) {
  if (sort) std::sort(parts.begin(), parts.end());
  Bytes all;
  for (const Bytes& part : parts) append(all, part);
  return all;
}

std::string reason() {
  const char* text = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return text == nullptr ? "refused" : text;
}

}  // namespace

Bytes attribute(const Bytes& oid, const Bytes& value) {
  return der(0x30, {der(0x06, oid), der(0x31, value)});
}
Bytes content_type_attribute() {
  return attribute({0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x03}, der(0x06, oid_data));
}
Bytes message_digest_attribute(const Digest& digest) {
  return attribute({0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x04}, der(0x04, digest));
}
Bytes signing_time_attribute(const std::string& utc_time) {
  return attribute({0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x05}, der(0x17, as_bytes(utc_time)));
}
Bytes signing_certificate_attribute(const Digest& certificate) {
  return attribute({0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x02, 0x2F},
                   der(0x30, der(0x30, der(0x30, der(0x04, certificate)))));
}
Bytes token_statement_attribute() {
  const Bytes octets = der(0x04, Bytes(32, 0x5A));
  const Bytes yes{0x01, 0x01, 0xFF};
  return attribute({0x69, 0x81, 0xDE, 0x9D, 0xAE, 0xA7, 0xC5, 0xB6, 0xD2, 0xB2,
                    0x9D, 0x9D, 0x9F, 0xD6, 0xCF, 0xB1, 0xF0, 0xB1, 0x9A, 0x28},
                   der(0x30, {Bytes{0x02, 0x01, 0x01}, octets, octets, Bytes{0x02, 0x01, 0x07}, yes, yes,
                              octets, octets}));
}

Forge& Forge::fill() {
  attributes = {content_type_attribute(), message_digest_attribute(statement),
                signing_time_attribute("261122093000Z"),
                signing_certificate_attribute(certificate->digest())};
  certificates = {certificate->der()};
  digest_algorithm = der(0x30, der(0x06, oid_sha256));
  digest_algorithms = digest_algorithm;
  content_info = der(0x30, der(0x06, oid_data));
  signer_identifier = der(0x30, {certificate->issuer_name(), der(0x02, certificate->serial_number())});
  signature_algorithm = der(0x30, der(0x06, oid_ecdsa_sha256));
  return *this;
}

Bytes Forge::set_of_attributes() const { return der(0x31, joined(attributes, sort_attributes)); }

Bytes Forge::build() const {
  const Bytes set = set_of_attributes();
  Bytes signature = *signer_of(key)(set);
  if (change_signature) signature = change_signature(signature);
  Bytes implicit = set;
  implicit[0] = 0xA0;
  if (attributes.empty()) implicit.clear();
  const Bytes signer = der(0x30, {signer_version, signer_identifier, digest_algorithm, implicit,
                                  signature_algorithm, der(0x04, signature), unsigned_attributes});
  const Bytes certificate_set = certificates.empty() ? Bytes{} : der(0xA0, joined(certificates, true));
  const Bytes body = der(
      0x30, {version, der(0x31, digest_algorithms), content_info, certificate_set, crls, der(0x31, signer)});
  return der(0x30, {der(0x06, oid_signed_data), der(0xA0, body)});
}

Bytes openssl_cades(const pki::Certificate& certificate, const std::vector<pki::Certificate>& chain,
                    const std::vector<Bytes>& attributes, const Bytes& signature) {
  CMS_ContentInfo* cms =
      CMS_sign(nullptr, nullptr, nullptr, nullptr, CMS_PARTIAL | CMS_DETACHED | CMS_BINARY | CMS_STREAM);
  require(cms != nullptr);
  CMS_SignerInfo* signer = CMS_add1_signer(cms, certificate.handle(), certificate.public_key(), EVP_sha256(),
                                           CMS_PARTIAL | CMS_NOSMIMECAP);
  require(signer != nullptr);
  for (const auto& other : chain) require(CMS_add1_cert(cms, other.handle()) == 1);
  for (const Bytes& bytes : attributes) {
    const unsigned char* at = bytes.data();
    X509_ATTRIBUTE* one = d2i_X509_ATTRIBUTE(nullptr, &at, static_cast<long>(bytes.size()));
    require(one != nullptr && CMS_signed_add1_attr(signer, one) == 1);
    X509_ATTRIBUTE_free(one);
  }
  require(ASN1_STRING_set(CMS_SignerInfo_get0_signature(signer), signature.data(),
                          static_cast<int>(signature.size())) == 1);
  unsigned char* out = nullptr;
  const int length = i2d_CMS_ContentInfo(cms, &out);
  require(length > 0);
  Bytes bytes(out, out + length);
  OPENSSL_free(out);
  CMS_ContentInfo_free(cms);
  return bytes;
}

std::string openssl_verdict(ByteView cms, ByteView content, const pki::TrustStore& trust, Time at) {
  const unsigned char* begin = cms.data();
  CMS_ContentInfo* info = d2i_CMS_ContentInfo(nullptr, &begin, static_cast<long>(cms.size()));
  if (info == nullptr) return reason();
  X509_STORE* store = X509_STORE_new();
  for (const auto& authority : trust.authorities()) X509_STORE_add_cert(store, authority.handle());
  for (const auto& crl : trust.crls()) X509_STORE_add_crl(store, crl.handle());
  X509_VERIFY_PARAM* parameters = X509_STORE_get0_param(store);
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_CRL_CHECK);
  X509_VERIFY_PARAM_set_time(parameters, at);
  X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_ANY);
  BIO* data = BIO_new_mem_buf(content.data(), static_cast<int>(content.size()));
  const int verdict = CMS_verify(info, nullptr, store, data, nullptr, CMS_CADES | CMS_BINARY);
  const std::string text = verdict == 1 ? "" : reason();
  ERR_clear_error();
  BIO_free(data);
  X509_STORE_free(store);
  CMS_ContentInfo_free(info);
  return text;
}

}  // namespace sceau::test
