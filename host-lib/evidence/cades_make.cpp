#include <algorithm>

#include "oids.h"
#include "sceau/evidence/cades.h"
#include "sceau/pki/der.h"
#include "signed_time.h"

namespace sceau::evidence {

namespace {

using pki::der;

// DER wants the elements of a SET OF in the order of their bytes (X.690 section 11.6).
Bytes set_of(std::uint8_t tag, std::vector<Bytes> elements) {
  std::sort(elements.begin(), elements.end());
  Bytes content;
  for (const Bytes& element : elements) append(content, element);
  return der(tag, content);
}

Bytes attribute(ByteView type, const Bytes& value) {
  return der(pki::der_sequence, {der(pki::der_oid, type), der(pki::der_set, value)});
}

ByteView identifier(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::ecdsa_sha256:
      return oid::ecdsa_sha256;
    case SignatureAlgorithm::rsa_pss_sha256:
      return oid::rsa_pss_sha256;
    default:
      return oid::rsa_pkcs1;
  }
}

// The DER INTEGER must be the certificate's own, leading zero octet included.
Bytes signer_info(const pki::Certificate& certificate, ByteView attributes, ByteView signature,
                  SignatureAlgorithm algorithm) {
  const Bytes version{pki::der_integer, 1, 1};
  const Bytes serial = der(pki::der_integer, certificate.serial_number());
  const Bytes issuer_and_serial = der(pki::der_sequence, {certificate.issuer_name(), serial});
  Bytes implicit = to_bytes(attributes);
  implicit[0] = pki::der_context(0);
  return der(pki::der_sequence, {version, issuer_and_serial, oid::sha256, implicit, identifier(algorithm),
                                 der(pki::der_octet_string, signature)});
}

Bytes signed_data(std::vector<Bytes> certificates, std::vector<Bytes> signers) {
  const Bytes version{pki::der_integer, 1, 1};
  const Bytes content = der(pki::der_sequence, der(pki::der_oid, oid::data));
  const Bytes body = der(pki::der_sequence, {version, der(pki::der_set, oid::sha256), content,
                                             set_of(pki::der_context(0), std::move(certificates)),
                                             set_of(pki::der_set, std::move(signers))});
  return der(pki::der_sequence, {der(pki::der_oid, oid::signed_data), der(pki::der_context(0), body)});
}

Error cannot_assemble(const std::string& what) {
  return {ErrorKind::invalid, "making a signature file: " + what};
}

}  // namespace

Bytes signed_attributes(const Digest& statement_digest, const pki::Certificate& certificate,
                        Time signing_time) {
  // SigningCertificateV2 ::= SEQUENCE { certs SEQUENCE OF ESSCertIDv2 }; SHA-256 is the default, so absent.
  const Bytes certificate_id = der(pki::der_sequence, der(pki::der_octet_string, certificate.digest()));
  const Bytes signing_certificate = der(pki::der_sequence, der(pki::der_sequence, certificate_id));
  return set_of(pki::der_set, {attribute(oid::content_type, der(pki::der_oid, oid::data)),
                               attribute(oid::message_digest, der(pki::der_octet_string, statement_digest)),
                               attribute(oid::signing_time, write_signing_time(signing_time)),
                               attribute(oid::signing_certificate_v2, signing_certificate)});
}

Result<Bytes> assemble_cades(const pki::Certificate& certificate, std::span<const pki::Certificate> chain,
                             ByteView attributes, ByteView signature, SignatureAlgorithm algorithm) {
  if (attributes.empty() || attributes[0] != pki::der_set || !pki::is_strict_der(attributes)) {
    return cannot_assemble("the signed attributes are not a DER SET");
  }
  std::vector<Bytes> certificates{certificate.der()};
  for (const pki::Certificate& issuer : chain) certificates.push_back(issuer.der());
  Bytes file =
      signed_data(std::move(certificates), {signer_info(certificate, attributes, signature, algorithm)});
  if (const auto read = read_cades(file); !read) return read.error().within("making a signature file");
  return file;
}

Result<Bytes> assemble_cades(const pki::Certificate& certificate, std::span<const pki::Certificate> chain,
                             ByteView attributes, ByteView signature) {
  const bool rsa = certificate.algorithm() == pki::KeyAlgorithm::rsa;
  return assemble_cades(certificate, chain, attributes, signature,
                        rsa ? SignatureAlgorithm::rsa_pkcs1_sha256 : SignatureAlgorithm::ecdsa_sha256);
}

Result<Bytes> merge_cades(std::span<const Bytes> signatures) {
  std::vector<Bytes> certificates;
  std::vector<Bytes> signers;
  std::optional<Digest> digest;
  for (const Bytes& file : signatures) {
    const auto view = read_cades(file);
    if (!view) return view.error().within("merging signatures");
    if (digest && *digest != view->message_digest)
      return cannot_assemble("the signatures are over different statements");
    digest = view->message_digest;
    signers.push_back(to_bytes(view->signer_info));
    certificates.push_back(to_bytes(view->certificate));
    for (const ByteView other : view->chain) certificates.push_back(to_bytes(other));
  }
  if (signers.empty() || signers.size() > max_signatures)
    return cannot_assemble("it needs 1 to 8 signatures");
  std::sort(certificates.begin(), certificates.end());
  certificates.erase(std::unique(certificates.begin(), certificates.end()), certificates.end());
  Bytes merged = signed_data(std::move(certificates), std::move(signers));
  if (const auto read = read_signers(merged); !read) return read.error().within("merging signatures");
  return merged;
}

}  // namespace sceau::evidence
