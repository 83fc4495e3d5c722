// A small certificate authority whose private key is somewhere else, usually in an administrator's token:
// every function makes the bytes to be signed, hands them to a callback, and puts the answer in place.
//
// Certificates follow RFC 5280; persons' ones ETSI EN 319 412-2 (subject: CN, serialNumber = registry id,
// O = organisation). Serial numbers are 127 random bits. Signatures are ECDSA P-256 with SHA-256.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sceau/base/random.h"
#include "sceau/base/secret.h"
#include "sceau/pki/certificate.h"
#include "sceau/pki/crl.h"
#include "sceau/pki/trust.h"

namespace sceau::pki {

// Given the to-be-signed bytes, returns a DER ECDSA-Sig-Value over their SHA-256.
using SignCallback = std::function<Result<Bytes>(ByteView to_be_signed)>;

struct Validity {
  Time from = 0;
  Time until = 0;  // last second included
};

struct Subject {
  std::string name;          // commonName
  std::string person;        // serialNumber: registry id; may be empty
  std::string organisation;  // organizationName; may be empty
};

// A certificate-signing request, its own signature checked.
struct Csr {
  Bytes spki;
  std::string subject_text;
};
// Fails with invalid: not one DER PKCS#10, or its signature is not by the key it names.
Result<Csr> read_csr(ByteView der);
// PKCS#10 over `spki`, signed by its key.
Result<Bytes> make_csr(ByteView spki, const Subject& subject, const SignCallback& sign);

// A self-signed authority: CA with path length 0, keyUsage keyCertSign and cRLSign. Fails with invalid (a
// key that is not P-256, names, dates), or as the callback does.
Result<Certificate> self_sign_authority(ByteView spki, const Subject& subject, Validity validity,
                                        const SignCallback& sign, Random& random);

// An end certificate for `use`: keyUsage nonRepudiation (sign, result) or digitalSignature (login) alone.
// Fails as above; with refused for KeyUse::authority or dates outside the authority's.
Result<Certificate> issue(const Certificate& authority, ByteView spki, const Subject& subject, KeyUse use,
                          Validity validity, const SignCallback& sign, Random& random);

// RFC 5280 section 5.3.1 reason codes, those that make sense here.
enum class RevocationReason {
  unspecified = 0,
  key_compromise = 1,
  affiliation_changed = 3,
  superseded = 4,
  cessation = 5,
  hold = 6,
};

struct Revoked {
  Bytes serial;  // Certificate::serial_number()
  Time time = 0;
  RevocationReason reason = RevocationReason::unspecified;
};
// What a CRL lists now, to start the next one from.
std::vector<Revoked> revoked_in(const Crl& crl);
Result<Bytes> issue_crl(const Certificate& authority, const std::vector<Revoked>& revoked,
                        std::uint64_t number, Time this_update, Time next_update, const SignCallback& sign);

// A P-256 key in memory: the gate's own, and tests'.
class SoftwareKey {
 public:
  static Result<SoftwareKey> generate();
  // PKCS#8 PEM without a passphrase. Fails with invalid, also for a curve that is not P-256.
  static Result<SoftwareKey> from_pem(ByteView pem);
  [[nodiscard]] Secret to_pem() const;
  [[nodiscard]] const Bytes& spki() const { return spki_; }
  // DER ECDSA-Sig-Value over SHA-256 of `message`.
  [[nodiscard]] Result<Bytes> sign(ByteView message) const;
  [[nodiscard]] SignCallback signer() const;
  [[nodiscard]] evp_pkey_st* handle() const { return key_.get(); }

 private:
  explicit SoftwareKey(std::shared_ptr<evp_pkey_st> key);
  std::shared_ptr<evp_pkey_st> key_;
  Bytes spki_;
};

// A gate's own certificate: self-signed, keyUsage nonRepudiation alone, not a CA; pinned by its digest.
Result<Certificate> self_signed_gate(const SoftwareKey& key, const std::string& gate, Validity validity,
                                     Random& random);

}  // namespace sceau::pki
