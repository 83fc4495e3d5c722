// The check of a path: OpenSSL walks it, this file asks for the strict form and words the refusals.
#include <algorithm>

#include "openssl.h"
#include "sceau/pki/trust.h"

namespace sceau::pki {

namespace {

std::string name_of(const X509* x509) {
  return "certificate of \"" + (x509 == nullptr ? "" : name_text(X509_get_subject_name(x509))) + "\" ";
}

std::string authority_of(const X509* x509) {
  return "\"" + (x509 == nullptr ? "" : name_text(X509_get_issuer_name(x509))) + "\"";
}

Error crl_past(const TrustStore& trust, const X509* x509) {
  const Crl* crl =
      x509 == nullptr ? nullptr : trust.crl_of(to_der(X509_get_issuer_name(x509), i2d_X509_NAME));
  return Error{ErrorKind::refused, "CRL of " + authority_of(x509) + " is past its next update" +
                                       (crl == nullptr ? "" : " of " + to_rfc3339(crl->next_update())) +
                                       ": publish a new one"};
}

Error worded(const TrustStore& trust, X509_STORE_CTX* context) {
  const int code = X509_STORE_CTX_get_error(context);
  const X509* x509 = X509_STORE_CTX_get_current_cert(context);
  switch (code) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return Error{ErrorKind::refused, name_of(x509) + "expired on " +
                                           to_rfc3339(to_time(X509_get0_notAfter(x509))) + ": renew it"};
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return Error{ErrorKind::refused, name_of(x509) + "is not valid before " +
                                           to_rfc3339(to_time(X509_get0_notBefore(x509))) +
                                           ": wait, or check the clock"};
    case X509_V_ERR_CERT_REVOKED:
      return Error{ErrorKind::refused, name_of(x509) + "is revoked: enrol a new token"};
    case X509_V_ERR_UNABLE_TO_GET_CRL:
      return Error{ErrorKind::refused, "no CRL of " + authority_of(x509) + " is known: publish one"};
    case X509_V_ERR_CRL_HAS_EXPIRED:
      return crl_past(trust, x509);
    case X509_V_ERR_CRL_NOT_YET_VALID:
      return Error{ErrorKind::refused, "CRL of " + authority_of(x509) + " is not valid yet: check the clock"};
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return Error{ErrorKind::refused,
                   name_of(x509) +
                       "has no path to a configured authority: add its authority, or have it issued by one"};
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return Error{ErrorKind::refused,
                   name_of(x509) + "was not signed by " + authority_of(x509) + ": have it issued again"};
    default:
      return Error{ErrorKind::refused,
                   name_of(x509) + "is not acceptable: " + X509_verify_cert_error_string(code)};
  }
}

// OpenSSL checks the leaf's CRL and walks no further than the first configured authority. One above the leaf
// is still refused when a CRL that we know names it.
Result<PathRecord> record_of(const TrustStore& trust, X509_STORE_CTX* context) {
  const STACK_OF(X509)* chain = X509_STORE_CTX_get0_chain(context);
  std::vector<Certificate> certificates;
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    auto certificate = Certificate::from_der(to_der(sk_X509_value(chain, i), i2d_X509));
    if (!certificate) return certificate.error();
    certificates.push_back(std::move(*certificate));
  }
  // Neither certificate nor CRL holds any more at the very second of notAfter or nextUpdate.
  PathRecord record{{}, certificates.back(), certificates[0].not_before(), certificates[0].not_after() - 1};
  for (const Certificate& certificate : certificates) {
    record.valid_from = std::max(record.valid_from, certificate.not_before());
    record.valid_until = std::min(record.valid_until, certificate.not_after() - 1);
    const Crl* crl = trust.crl_of(certificate.issuer_name());
    if (crl == nullptr) continue;
    if (crl->is_revoked(certificate))
      return Error{ErrorKind::refused, name_of(certificate.handle()) + "is revoked: enrol a new token"};
    if (std::find(record.crls.begin(), record.crls.end(), crl->digest()) == record.crls.end()) {
      record.crls.push_back(crl->digest());
    }
  }
  const Crl& own = *trust.crl_of(certificates[0].issuer_name());
  record.valid_from = std::max(record.valid_from, own.this_update());
  record.valid_until = std::min(record.valid_until, own.next_update() - 1);
  return record;
}

Result<PathRecord> check_pinned(const Certificate& leaf, Time at) {
  if (at < leaf.not_before() || at >= leaf.not_after()) {
    return Error{ErrorKind::refused, "certificate of \"" + leaf.subject_text() + "\" is valid only from " +
                                         to_rfc3339(leaf.not_before()) + " to " +
                                         to_rfc3339(leaf.not_after()) + ": rotate the key"};
  }
  return PathRecord{{}, leaf, leaf.not_before(), leaf.not_after() - 1};
}

}  // namespace

Result<PathRecord> check_path(const TrustStore& trust, const Certificate& leaf,
                              std::span<const Certificate> intermediates, KeyUse use, Time at) {
  if (auto fit = check_key_use(leaf, use); !fit) return fit.error();
  const auto& pinned = trust.pinned();
  if (use == KeyUse::result && std::find(pinned.begin(), pinned.end(), leaf) != pinned.end()) {
    return check_pinned(leaf, at);
  }
  const CertificatesHandle untrusted(sk_X509_new_null());
  const PathContextHandle context(X509_STORE_CTX_new());
  for (const Certificate& certificate : intermediates) sk_X509_push(untrusted.get(), certificate.handle());
  if (context == nullptr ||
      X509_STORE_CTX_init(context.get(), trust.handle(), leaf.handle(), untrusted.get()) != 1) {
    return openssl_failed("checking a certificate's path");
  }
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_flags(parameters,
                              X509_V_FLAG_X509_STRICT | X509_V_FLAG_CRL_CHECK | X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_time(parameters, at);
  X509_VERIFY_PARAM_set_depth(parameters, 4);
  X509_VERIFY_PARAM_set_auth_level(parameters, 2);
  const bool holds = X509_verify_cert(context.get()) == 1;
  ERR_clear_error();
  if (!holds) return worded(trust, context.get());
  return record_of(trust, context.get());
}

}  // namespace sceau::pki
