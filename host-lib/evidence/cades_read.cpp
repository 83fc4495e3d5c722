// The strict reader of the profile. Every rule it applies is one that the writer follows.
#include <algorithm>
#include <optional>

#include "oids.h"
#include "sceau/evidence/cades.h"
#include "sceau/pki/der.h"
#include "signed_time.h"

namespace sceau::evidence {

namespace {

using pki::DerElement;
using pki::DerReader;

constexpr std::size_t max_certificates = 16;

Error bad_file(const std::string& what) {
  return {ErrorKind::invalid, "reading a signature: " + what + ": have it made again"};
}

bool equal(ByteView a, ByteView b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }
bool less(ByteView a, ByteView b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
}

bool take(DerReader& reader, ByteView whole) {
  if (reader.rest().size() < whole.size() || !equal(reader.rest().first(whole.size()), whole)) return false;
  return reader.next().has_value();
}

bool take_version_1(DerReader& reader) {
  constexpr std::uint8_t version[] = {pki::der_integer, 1, 1};
  return take(reader, version);
}

// The elements of a SET OF that are SEQUENCEs, in DER order and without repetition.
std::optional<std::vector<ByteView>> sequences(ByteView content, std::size_t most) {
  std::vector<ByteView> all;
  for (DerReader reader(content); !reader.done();) {
    const auto element = reader.next();
    if (!element || element->tag != pki::der_sequence || all.size() == most) return std::nullopt;
    if (!all.empty() && !less(all.back(), element->whole)) return std::nullopt;
    all.push_back(element->whole);
  }
  return all;
}

// The bytes of a certificate that issuerAndSerialNumber repeats: issuer name and serial number, whole
// elements.
struct Identity {
  ByteView issuer;
  ByteView serial;
};
std::optional<Identity> identity_of(ByteView certificate) {
  DerReader outer(certificate);
  const auto whole = outer.next(pki::der_sequence);
  if (!whole) return std::nullopt;
  DerReader parts(*whole);
  const auto to_be_signed = parts.next(pki::der_sequence);
  if (!to_be_signed) return std::nullopt;
  DerReader fields(*to_be_signed);
  if (!fields.next(pki::der_context(0))) return std::nullopt;  // version 3 says so
  const auto serial = fields.next();
  const auto algorithm = fields.next();
  const auto issuer = fields.next();
  if (!serial || !algorithm || !issuer || serial->tag != pki::der_integer) return std::nullopt;
  return Identity{issuer->whole, serial->whole};
}

bool set_digest(Digest& digest, ByteView bytes) {
  if (bytes.size() != digest.size()) return false;
  std::copy(bytes.begin(), bytes.end(), digest.begin());
  return true;
}

// SEQUENCE { SEQUENCE { SEQUENCE { OCTET STRING hash } } }, each the only one.
bool read_signing_certificate(ByteView value, Digest& digest) {
  for (int level = 0; level < 3; ++level) {
    DerReader reader(value);
    const auto inner = reader.next(pki::der_sequence);
    if (!inner || !reader.done()) return false;
    value = *inner;
  }
  DerReader reader(value);
  const auto hash = reader.next(pki::der_octet_string);
  return hash && reader.done() && set_digest(digest, *hash);
}

// Attributes met so far, one bit each.
constexpr unsigned content_type = 1;
constexpr unsigned message_digest = 2;
constexpr unsigned signing_time = 4;
constexpr unsigned signing_certificate = 8;
constexpr unsigned all_required = 15;
constexpr unsigned token = 16;

// One attribute with its one value; returns which it was, 0 when it does not belong or is malformed.
unsigned read_attribute(ByteView attribute, CadesView& view) {
  DerReader outer(attribute);
  DerReader parts(outer.next(pki::der_sequence).value_or(ByteView{}));
  const auto type = parts.next(pki::der_oid);
  const auto values = parts.next(pki::der_set);
  if (!type || !values || !parts.done()) return 0;
  DerReader value_reader(*values);
  const auto value = value_reader.next();
  if (!value || !value_reader.done()) return 0;
  if (equal(*type, oid::content_type)) {
    return value->tag == pki::der_oid && equal(value->value, oid::data) ? content_type : 0;
  }
  if (equal(*type, oid::message_digest)) {
    return value->tag == pki::der_octet_string && set_digest(view.message_digest, value->value)
               ? message_digest
               : 0;
  }
  if (equal(*type, oid::signing_time)) {
    const auto time = read_signing_time(*value);
    view.signing_time = time.value_or(0);
    return time ? signing_time : 0;
  }
  if (equal(*type, oid::signing_certificate_v2)) {
    return read_signing_certificate(value->whole, view.certificate_digest) ? signing_certificate : 0;
  }
  if (equal(*type, oid::token_statement) && value->tag == pki::der_sequence &&
      pki::is_strict_der(value->whole)) {
    view.token_statement = value->whole;
    return token;
  }
  return 0;
}

Status read_attributes(const DerElement& attributes, CadesView& view) {
  const auto all = sequences(attributes.value, 5);
  if (!all) return bad_file("its signed attributes are not a DER SET OF at most five");
  unsigned seen = 0;
  for (const ByteView attribute : *all) {
    const unsigned one = read_attribute(attribute, view);
    if (one == 0) return bad_file("a signed attribute is malformed or not of the profile");
    if ((seen & one) != 0) return bad_file("a signed attribute is there twice");
    seen |= one;
  }
  if ((seen & all_required) != all_required) {
    return bad_file("one of contentType, messageDigest, signingTime, signingCertificateV2 is missing");
  }
  view.attributes = attributes.whole;
  return {};
}

std::optional<SignatureAlgorithm> read_algorithm(DerReader& reader) {
  if (take(reader, oid::ecdsa_sha256)) return SignatureAlgorithm::ecdsa_sha256;
  if (take(reader, oid::rsa_pss_sha256)) return SignatureAlgorithm::rsa_pss_sha256;
  if (take(reader, oid::rsa_pkcs1)) return SignatureAlgorithm::rsa_pkcs1_sha256;
  return std::nullopt;
}

// Finds the signer's certificate among those of the file; the others become the chain.
Status find_certificate(const std::vector<ByteView>& certificates, ByteView issuer_and_serial,
                        CadesView& view) {
  DerReader wanted(issuer_and_serial);
  const auto issuer = wanted.next();
  const auto serial = wanted.next();
  if (!issuer || !serial || !wanted.done())
    return bad_file("it does not name its signer by issuer and serial number");
  for (const ByteView certificate : certificates) {
    const auto identity = identity_of(certificate);
    if (!identity) return bad_file("a certificate in it is not X.509 version 3");
    if (view.certificate.empty() && equal(identity->issuer, issuer->whole) &&
        equal(identity->serial, serial->whole)) {
      view.certificate = certificate;
    } else {
      view.chain.push_back(certificate);
    }
  }
  if (view.certificate.empty()) return bad_file("the signer's certificate is not in it");
  return {};
}

Result<CadesView> read_signer(ByteView signer_info, const std::vector<ByteView>& certificates) {
  CadesView view;
  view.signer_info = signer_info;
  DerReader outer(signer_info);
  DerReader fields(outer.next(pki::der_sequence).value_or(ByteView{}));
  if (!take_version_1(fields)) return bad_file("a SignerInfo is not of version 1");
  const auto issuer_and_serial = fields.next(pki::der_sequence);
  if (!issuer_and_serial) return bad_file("it does not name its signer by issuer and serial number");
  if (!take(fields, oid::sha256)) return bad_file("its digest algorithm is not SHA-256");
  const auto attributes = fields.next();
  if (!attributes || attributes->tag != pki::der_context(0)) return bad_file("it has no signed attributes");
  if (auto read = read_attributes(*attributes, view); !read) return read.error();
  const auto algorithm = read_algorithm(fields);
  if (!algorithm) {
    return bad_file(
        "its signature algorithm is not ECDSA with SHA-256, RSA-PSS with SHA-256 or RSA PKCS#1 v1.5");
  }
  view.algorithm = *algorithm;
  const auto signature = fields.next(pki::der_octet_string);
  if (!signature || signature->empty()) return bad_file("it has no signature");
  if (!fields.done()) return bad_file("something follows the signature: unsigned attributes are not taken");
  view.signature = *signature;
  if (auto found = find_certificate(certificates, *issuer_and_serial, view); !found) return found.error();
  return view;
}

// ContentInfo down to the fields of SignedData.
Result<DerReader> open_signed_data(ByteView cms) {
  DerReader file(cms);
  const auto content_info = file.next(pki::der_sequence);
  if (!content_info) return bad_file("it is not DER");
  if (!file.done()) return bad_file("bytes follow it");
  DerReader info(*content_info);
  const auto type = info.next(pki::der_oid);
  const auto explicit_content = info.next(pki::der_context(0));
  if (!type || !equal(*type, oid::signed_data) || !explicit_content || !info.done()) {
    return bad_file("it is not a CMS SignedData in DER");
  }
  DerReader content(*explicit_content);
  const auto body = content.next(pki::der_sequence);
  if (!body || !content.done()) return bad_file("it is not a CMS SignedData in DER");
  return DerReader(*body);
}

}  // namespace

Result<std::vector<CadesView>> read_signers(ByteView cms) {
  auto body = open_signed_data(cms);
  if (!body) return body.error();
  DerReader& fields = *body;
  if (!take_version_1(fields)) return bad_file("its SignedData is not of version 1");
  const auto algorithms = fields.next(pki::der_set);
  if (!algorithms || !equal(*algorithms, oid::sha256))
    return bad_file("its one digest algorithm is not SHA-256");
  DerReader content(fields.next(pki::der_sequence).value_or(ByteView{}));
  const auto content_type_oid = content.next(pki::der_oid);
  if (!content_type_oid || !equal(*content_type_oid, oid::data))
    return bad_file("its content type is not data");
  if (!content.done()) return bad_file("it holds the content itself: it must be detached");
  const auto certificate_set = fields.next(pki::der_context(0));
  if (!certificate_set) return bad_file("it holds no certificates");
  const auto certificates = sequences(*certificate_set, max_certificates);
  if (!certificates) return bad_file("its certificates are not a DER SET OF at most 16");
  if (fields.peek() == pki::der_context(1)) return bad_file("it holds CRLs, which are kept beside it");
  const auto signer_set = fields.next(pki::der_set);
  if (!signer_set || !fields.done()) return bad_file("its signers are not where they belong");
  const auto signers = sequences(*signer_set, max_signatures);
  if (!signers || signers->empty()) return bad_file("its signers are not a DER SET OF 1 to 8");
  std::vector<CadesView> views;
  for (const ByteView signer : *signers) {
    auto view = read_signer(signer, *certificates);
    if (!view) return view.error();
    view->certificates = *certificate_set;
    views.push_back(std::move(*view));
  }
  return views;
}

Result<CadesView> read_cades(ByteView cms) {
  auto views = read_signers(cms);
  if (!views) return views.error();
  if (views->size() != 1)
    return bad_file("it has " + std::to_string(views->size()) + " signers where one is meant");
  return std::move(views->front());
}

}  // namespace sceau::evidence
