// Checks signatures over statements, fast: certificates, keys and paths are read once and remembered.
//
// A remembered path holds only for the trust store it was checked with (TrustStore::version(): a new CRL
// takes effect at once) and while certificate and CRL are in date. Thread-safe.
#pragma once

#include <memory>

#include "sceau/base/clock.h"
#include "sceau/evidence/cades.h"
#include "sceau/evidence/evidence.h"
#include "sceau/pki/trust.h"

namespace sceau::evidence {

struct Verified {
  pki::Certificate certificate;
  Time signing_time = 0;
  pki::PathRecord path;
};

class Verifier {
 public:
  Verifier();
  ~Verifier();
  Verifier(const Verifier&) = delete;
  Verifier& operator=(const Verifier&) = delete;

  // Everything about one signature: form, digest, signature, certificate's use, path, revocation at `at`.
  // Whether the certificate is enrolled for the person is the registry's to say. Fails with invalid (form,
  // digest, signature) or refused (certificate).
  Result<Verified> verify(const Signature& signature, const Digest& statement_digest,
                          const pki::TrustStore& trust, pki::KeyUse use, Time at);

  // The same without path and use: whether the certificate in it made this signature.
  Result<pki::Certificate> verify_signature_only(const Signature& signature, const Digest& statement_digest);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sceau::evidence
