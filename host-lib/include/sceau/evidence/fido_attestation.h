// What a FIDO2 authenticator's maker says of a key that it made: WebAuthn attestation in the format "packed".
//
// Attestation by a certificate is taken. Self attestation, and none, say nothing that software could not:
// they are taken where the caller allows it. Source of the rules: W3C Web Authentication Level 2,
// sections 7.1, 8.2 and 8.2.1.
#pragma once

#include <span>

#include "sceau/base/clock.h"
#include "sceau/evidence/fido_metadata.h"
#include "sceau/evidence/webauthn.h"
#include "sceau/pki/certificate.h"

namespace sceau::evidence {

inline constexpr std::size_t max_attestation_certificates = 4;

struct FidoAttestation {
  Bytes authenticator_data;  // with the new credential in it
  Bytes client_data;         // UTF-8 JSON
  Bytes signature;  // DER (r, s), by the first certificate's key; without one by the new key, or empty
  std::vector<Bytes> certificates;  // DER, the attestation's own first; at most 4
  bool operator==(const FidoAttestation&) const = default;
};

// Canonical JSON {authenticator_data, certificates, client_data, signature}, in base64: kept as a blob.
Bytes serialise(const FidoAttestation& attestation);
// Fails with invalid: not canonical, a field missing, unknown or empty.
Result<FidoAttestation> read_fido_attestation(ByteView bytes);

// The challenge that a credential for `person` in `realm` is made with. The statement that enrols it is
// signed by the new key itself, so that an attestation heard elsewhere is of no use.
Digest enrolment_challenge(std::string_view realm, std::string_view person);

// What a token is called whose credential this is: "fido2-" and 16 hexadecimal characters of the id's digest.
std::string fido_serial(ByteView credential_id);

// Whose word is taken for a key's being in hardware.
struct FidoTrust {
  std::span<const pki::Certificate> roots;
  const FidoMetadata* metadata = nullptr;  // of a model in it, its roots count and no others
  bool unattested = false;                 // self attestation, or none, will do
};

// Checks all of it: client data, RP id, user present and verified, signature, certificate (version 3, unit
// "Authenticator Attestation", no authority, the same AAGUID), its path to one of the roots at `at`, and that
// nothing is known against the model. Fails with invalid (form) or refused (what it says is not enough).
Result<AttestedCredential> check_fido_attestation(const FidoAttestation& attestation, const Digest& challenge,
                                                  const RelyingParty& party, const FidoTrust& trust, Time at);

}  // namespace sceau::evidence
