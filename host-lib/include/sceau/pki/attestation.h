// What a token says about a key it made: PIV attestation, after Yubico's extensions.
//
// A token signs, with its own F9 key, a certificate over the public key it generated. Its F9 certificate
// chains to a maker's root. Extensions: 1.3.6.1.4.1.41482.3.3 firmware version (3 bytes), .3.7 serial
// (INTEGER), .3.8 PIN and touch policy (2 bytes). The subject says the slot: "CN=YubiKey PIV Attestation 9c"
// or any common name that ends in "Attestation <slot>".
// Rule: https://developers.yubico.com/PIV/Introduction/PIV_attestation.html
#pragma once

#include <span>
#include <string>

#include "sceau/pki/certificate.h"
#include "sceau/pki/key_policy.h"

namespace sceau::pki {

inline constexpr int pin_policy_never = 1;
inline constexpr int pin_policy_once = 2;
inline constexpr int pin_policy_always = 3;
inline constexpr int touch_policy_never = 1;
inline constexpr int touch_policy_always = 2;
inline constexpr int touch_policy_cached = 3;

struct Attested {
  std::string serial;    // decimal
  Bytes public_key;      // SubjectPublicKeyInfo, DER
  int pin_policy = 0;    // 1 never, 2 once, 3 always
  int touch_policy = 0;  // 1 never, 2 always, 3 cached
  std::string firmware;  // "5.4.3"
  std::string slot;      // "9c"
  // Of a clear-sign key of Sceau's own firmware: it signs nothing but statements, and of those only these.
  std::optional<KeyPolicy> clear_sign;
};

// Checks `attestation` against `chain` (the token's F9 certificate first, then any intermediates) and
// `roots` at `at`. Fails with refused: a certificate that no token's attestation key signed is called
// software-made; with invalid: DER or extensions that cannot be read.
Result<Attested> check_attestation(ByteView attestation, std::span<const Bytes> chain,
                                   std::span<const Certificate> roots, Time at);

// Whether `leaf`, over the certificates of `chain`, leads to one of `roots` at `at`; a root need not be
// self-signed. Fails with refused.
Status check_attestation_path(const Certificate& leaf, std::span<const Certificate> chain,
                              std::span<const Certificate> roots, Time at);

// Whether the token's own attestation key, whose certificate is `device`, signed these bytes (SHA-256). Fails
// with refused.
Status check_device_signature(const Certificate& device, ByteView message, ByteView signature);

// The clear-sign policy in an attestation that was checked before; nothing when the key is of another kind.
Result<std::optional<KeyPolicy>> attested_key_policy(ByteView attestation);

}  // namespace sceau::pki
