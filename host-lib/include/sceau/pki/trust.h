// Whom we believe: configured authorities and the newest CRL of each; and the check of a path to them.
//
// Rule: RFC 5280 section 6 through OpenSSL with X509_V_FLAG_X509_STRICT, at a given time. A path ends at the
// first configured authority; the leaf needs a fresh CRL, and nothing on the path may be named by a CRL we
// know. OpenSSL accepts signing certificates without nonRepudiation, so the use is checked here (ETSI EN 319
// 412-2, type A: nonRepudiation as the signing key's sole usage).
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sceau/pki/certificate.h"
#include "sceau/pki/crl.h"

struct x509_store_st;

namespace sceau::pki {

enum class KeyUse {
  sign,       // a person's signing key: keyUsage is nonRepudiation and nothing else
  login,      // a person's log-in key: keyUsage is digitalSignature and nothing else
  authority,  // an issuing key: CA, keyCertSign and cRLSign
  result,     // the gate's own key: keyUsage is nonRepudiation and nothing else; trusted by its digest
};

class TrustStore {
 public:
  TrustStore();

  // A certificate whose key may issue. Fails with invalid when it is not an authority's (basicConstraints
  // CA, keyUsage keyCertSign).
  Status add_authority(const Certificate& authority);
  // A certificate that is its own trust anchor for one use, as a gate's pinned self-signed one: it needs
  // neither path nor CRL.
  void add_pinned(const Certificate& certificate);
  // Keeps the newest CRL of each issuer (by cRLNumber, then thisUpdate); an older one is ignored. Fails
  // with invalid when no configured authority signed it.
  Status add_crl(const Crl& crl);

  [[nodiscard]] const std::vector<Certificate>& authorities() const { return authorities_; }
  [[nodiscard]] const std::vector<Certificate>& pinned() const { return pinned_; }
  [[nodiscard]] std::vector<Crl> crls() const;
  // The newest CRL of the issuer with that DER name; null when there is none.
  [[nodiscard]] const Crl* crl_of(const Bytes& issuer_name) const;
  // Changes with every accepted change of content: caches of paths are keyed on it.
  [[nodiscard]] const Digest& version() const { return version_; }
  // Authorities and CRLs in one PEM text, as `openssl cms -CAfile` takes it.
  [[nodiscard]] std::string to_pem() const;

  // For this room and evidence's tests.
  [[nodiscard]] x509_store_st* handle() const { return store_.get(); }

 private:
  void rebuild(const Digest& change);

  std::vector<Certificate> authorities_;
  std::vector<Certificate> pinned_;
  std::map<Bytes, Crl> crls_;  // by issuer name
  Digest version_{};
  std::shared_ptr<x509_store_st> store_;
};

struct PathRecord {
  std::vector<Digest> crls;  // those the path was checked against, nearest the leaf first
  Certificate root;
  Time valid_from = 0;  // the path holds, with these CRLs, within valid_from..valid_until, both included
  Time valid_until = 0;
};

// Whether `leaf` is fit for `use` at `at`. Fails with refused, and a line that names certificate, reason
// and what to do: expired, not yet valid, revoked, CRL missing or past its next update, wrong keyUsage, no
// path to a configured authority.
Result<PathRecord> check_path(const TrustStore& trust, const Certificate& leaf,
                              std::span<const Certificate> intermediates, KeyUse use, Time at);

// The use alone, without a path.
Status check_key_use(const Certificate& certificate, KeyUse use);

}  // namespace sceau::pki
