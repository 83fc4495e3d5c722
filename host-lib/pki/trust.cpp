#include "sceau/pki/trust.h"

#include <algorithm>

#include "openssl.h"

namespace sceau::pki {

namespace {

std::string named(const Certificate& certificate) {
  return "certificate of \"" + certificate.subject_text() + "\" ";
}

}  // namespace

TrustStore::TrustStore() { rebuild(Digest{}); }

// A store cannot forget a CRL, and a copy of this object shares it: every change makes a new one.
void TrustStore::rebuild(const Digest& change) {
  version_ = sha256({version_, change});
  X509_STORE* store = X509_STORE_new();
  store_ = std::shared_ptr<x509_store_st>(store, X509_STORE_free);
  for (const Certificate& authority : authorities_) X509_STORE_add_cert(store, authority.handle());
  for (const auto& [issuer, crl] : crls_) X509_STORE_add_crl(store, crl.handle());
}

Status TrustStore::add_authority(const Certificate& authority) {
  if (std::find(authorities_.begin(), authorities_.end(), authority) != authorities_.end()) return {};
  if (auto fit = check_key_use(authority, KeyUse::authority); !fit) {
    return Error{ErrorKind::invalid, "trusting an authority: " + fit.error().message};
  }
  authorities_.push_back(authority);
  rebuild(sha256({as_bytes("authority"), authority.digest()}));
  return {};
}

void TrustStore::add_pinned(const Certificate& certificate) {
  if (std::find(pinned_.begin(), pinned_.end(), certificate) != pinned_.end()) return;
  pinned_.push_back(certificate);
  rebuild(sha256({as_bytes("pinned"), certificate.digest()}));
}

Status TrustStore::add_crl(const Crl& crl) {
  const auto issued = [&](const Certificate& authority) {
    return authority.subject_name() == crl.issuer() && crl.check_signature(authority).ok();
  };
  if (std::none_of(authorities_.begin(), authorities_.end(), issued)) {
    return Error{ErrorKind::invalid, "taking a revocation list of \"" + crl.issuer_text() +
                                         "\": no configured authority signed it: add the authority first"};
  }
  if (const Crl* present = crl_of(crl.issuer())) {
    const auto age = [](const Crl& c) { return std::pair(c.number(), c.this_update()); };
    if (age(crl) <= age(*present)) return {};
    crls_.erase(crl.issuer());
  }
  crls_.emplace(crl.issuer(), crl);
  rebuild(sha256({as_bytes("crl"), crl.digest()}));
  return {};
}

std::vector<Crl> TrustStore::crls() const {
  std::vector<Crl> all;
  for (const auto& [issuer, crl] : crls_) all.push_back(crl);
  return all;
}

const Crl* TrustStore::crl_of(const Bytes& issuer_name) const {
  const auto found = crls_.find(issuer_name);
  return found == crls_.end() ? nullptr : &found->second;
}

std::string TrustStore::to_pem() const {
  std::string pem;
  for (const Certificate& authority : authorities_) pem += authority.to_pem();
  for (const auto& [issuer, crl] : crls_) pem += crl.to_pem();
  return pem;
}

Status check_key_use(const Certificate& certificate, KeyUse use) {
  const auto usage = certificate.key_usage();
  if (use == KeyUse::authority) {
    if (!certificate.is_ca())
      return Error{ErrorKind::refused,
                   named(certificate) + "is not an authority's: its basicConstraints lack CA"};
    if (!usage || (*usage & usage_key_cert_sign) == 0 || (*usage & usage_crl_sign) == 0) {
      return Error{ErrorKind::refused,
                   named(certificate) + "cannot issue: keyUsage lacks keyCertSign or cRLSign"};
    }
    return {};
  }
  const bool login = use == KeyUse::login;
  if (certificate.is_ca())
    return Error{ErrorKind::refused, named(certificate) + "is an authority's: use a person's own key"};
  if (usage == (login ? usage_digital_signature : usage_non_repudiation)) return {};
  return Error{ErrorKind::refused, named(certificate) + "cannot " + (login ? "log in" : "sign") +
                                       ": keyUsage lacks " + (login ? "digitalSignature" : "nonRepudiation") +
                                       " as sole usage: have it issued for this use"};
}

}  // namespace sceau::pki
