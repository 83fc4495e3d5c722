// Certificates, revocation lists, requests and attestations, in DER and PEM, from strangers.
#include <string>

#include "fuzz.h"
#include "sceau/base/files.h"
#include "sceau/client/receipt.h"
#include "sceau/pki/attestation.h"
#include "sceau/pki/authority.h"
#include "sceau/pki/der.h"
#include "targets.h"

namespace sceau::fuzz {
namespace {

constexpr Time kNow = 1795339800;  // of tests/vectors/evidence

const pki::TrustStore& trust() {
  static const pki::TrustStore known = *client::read_trust(
      to_text(*read_file(std::string(SCEAU_TEST_VECTORS) + "/evidence/roots-and-crls.pem")));
  return known;
}

void look_at(const pki::Certificate& certificate) {
  require(pki::Certificate::from_der(certificate.der()).ok(),
          "a certificate that is refused the second time");
  require(pki::is_strict_der(certificate.der()), "a certificate that is no strict DER");
  static_cast<void>(certificate.subject_text());
  static_cast<void>(certificate.common_name());
  static_cast<void>(certificate.person());
  static_cast<void>(certificate.key_usage());
  static_cast<void>(certificate.is_ca());
  static_cast<void>(certificate.algorithm());
  static_cast<void>(certificate.extension("1.3.6.1.4.1.41482.3.7"));
  const auto again = pki::Certificate::from_pem(certificate.to_pem());
  require(again && *again == certificate, "a certificate that PEM changes");
  for (const pki::KeyUse use : {pki::KeyUse::sign, pki::KeyUse::login, pki::KeyUse::authority})
    static_cast<void>(pki::check_path(trust(), certificate, {}, use, kNow));
  const std::vector<Bytes> chain{certificate.der()};
  const std::vector<pki::Certificate> roots{certificate};
  static_cast<void>(pki::check_attestation(certificate.der(), chain, trust().authorities(), kNow));
  static_cast<void>(pki::check_attestation(certificate.der(), chain, roots, kNow));
}

void look_at(const pki::Crl& crl) {
  require(pki::Crl::from_der(crl.der()).ok(), "a revocation list that is refused the second time");
  static_cast<void>(crl.issuer_text());
  static_cast<void>(crl.number());
  static_cast<void>(pki::revoked_in(crl));
  for (const pki::Certificate& authority : trust().authorities()) {
    static_cast<void>(crl.is_revoked(authority));
    static_cast<void>(crl.check_signature(authority));
  }
  pki::TrustStore store = trust();
  static_cast<void>(store.add_crl(crl));
}

void walk(ByteView bytes) {
  pki::DerReader reader(bytes);
  std::size_t seen = 0;
  while (const auto element = reader.next()) seen += element->whole.size();
  require(seen + reader.rest().size() == bytes.size(), "elements that are not what they stand in");
}

}  // namespace

void certificate(ByteView input) {
  if (const auto read = pki::Certificate::from_der(input)) {
    require(read->der() == to_bytes(input), "a certificate with two spellings");
    look_at(*read);
  }
  if (const auto read = pki::Crl::from_der(input)) {
    require(read->der() == to_bytes(input), "a revocation list with two spellings");
    look_at(*read);
  }
  static_cast<void>(pki::read_csr(input));
  walk(input);
  static_cast<void>(pki::is_strict_der(input));
  if (const auto all = pki::Certificate::all_from_pem(as_text(input)))
    for (const auto& one : *all) look_at(one);
  if (const auto all = pki::Crl::all_from_pem(as_text(input)))
    for (const auto& one : *all) look_at(one);
}

}  // namespace sceau::fuzz
