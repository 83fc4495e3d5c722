// A WebAuthn assertion as a signature over a statement: what a FIDO2 key, behind this library or behind a
// browser, makes in the place of a CAdES signature.
//
// The challenge is the statement's digest, so that the signature, over `authenticatorData ||
// SHA-256(clientDataJSON)`, is over the statement. Source of the rules: W3C Web Authentication Level 2,
// sections 5.8.1 (client data), 6.1 (authenticator data), 6.3.3 and 7.2 (assertions); keys are ES256 (RFC
// 9053 section 2.1).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sceau/base/digest.h"
#include "sceau/base/result.h"

namespace sceau::evidence {

inline constexpr std::size_t max_credential_id_bytes = 1023;  // section 6.5.2, step "credentialIdLength"

struct Assertion {
  Bytes credential;          // credential id, 1 to 1,023 bytes
  Bytes authenticator_data;  // as the key signed it
  Bytes client_data;         // UTF-8 JSON, as the client wrote it
  Bytes signature;           // DER (r, s)
  bool operator==(const Assertion&) const = default;
};

// Canonical JSON {authenticator_data, client_data, credential, signature}, each in base64.
Bytes serialise(const Assertion& assertion);
// Fails with invalid: not canonical, a field missing, unknown, empty or too long.
Result<Assertion> read_assertion(ByteView bytes);

// A key made by an authenticator: section 6.5.1.
struct AttestedCredential {
  std::array<std::uint8_t, 16> aaguid{};
  Bytes id;
  Bytes public_key;  // SubjectPublicKeyInfo, DER
};

struct AuthenticatorData {
  Digest rp_id_hash{};
  bool user_present = false;   // UP
  bool user_verified = false;  // UV
  std::uint32_t counter = 0;   // 0 where the key has none
  std::optional<AttestedCredential> attested;
};

// Reads the whole of it; what extensions say is not looked at. Fails with invalid: a length, a reserved
// combination of flags, a key that is not ES256 in CTAP2's canonical form.
Result<AuthenticatorData> read_authenticator_data(ByteView bytes);

// Who asked: the RP id, and the origins whose clients may speak for it.
struct RelyingParty {
  std::string id;
  std::vector<std::string> origins;  // "https://gate.example"; "https://localhost:*" is any port of it
};

enum class Ceremony { create, get };

// The client data that a program that is no browser writes for itself: origin "https://" and the RP id.
Bytes client_data(Ceremony ceremony, const Digest& challenge, const std::string& origin);

// Whether `client_data` is for this ceremony, challenge and one of the origins: the limited verification
// algorithm of section 5.8.1.2, which compares bytes and parses nothing. Fails with refused, naming what does
// not fit.
Status check_client_data(ByteView client_data, Ceremony ceremony, const Digest& challenge,
                         const RelyingParty& party);

// Everything about one assertion but whose key it is: challenge, the signature by `public_key`
// (SubjectPublicKeyInfo, DER), origin, RP id, user verified. User presence is the caller's to demand: an act
// in a session goes without. Fails with invalid when it is not this key's signature over the challenge, with
// refused when it is and is not good enough.
Result<AuthenticatorData> verify_assertion(const Assertion& assertion, const Digest& challenge,
                                           ByteView public_key, const RelyingParty& party);

}  // namespace sceau::evidence
