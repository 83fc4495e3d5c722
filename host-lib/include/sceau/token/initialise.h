// A fresh PIV token made a person's: keys generated and attested, PIN of the holder's choice, PUK and
// management key random and never the factory's again.
//
// Order: keys and objects first, under the factory's management key; then `keep` gets the new secrets
// (to escrow them, durably); then PUK, PIN and management key are changed, management key last. A
// failure before `keep` leaves a token that can be initialised again; a later one says so and how to
// reset. Nothing is left half-known: what `keep` got opens the token in every later state.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sceau/token/piv.h"

namespace sceau::token {

// What an administrator must never hold alone: see escrow.h.
struct TokenSecrets {
  Secret puk;             // 8 digits
  Secret management_key;  // AES-256
};

struct KeyPlan {
  Slot slot = Slot::signature;
  PinPolicy pin = PinPolicy::always;
  TouchPolicy touch = TouchPolicy::never;
};

// 9C (PIN always), 9A and 9D (PIN once) and the session key in 82 (PIN once); touch as given for the first,
// never for the session key.
std::vector<KeyPlan> standard_keys(TouchPolicy touch, bool session_key);

struct InitialiseOptions {
  std::vector<KeyPlan> keys = standard_keys(TouchPolicy::never, true);
  // Called once, with the new secrets, before the card learns them. A failure stops.
  std::function<Status(const TokenSecrets&)> keep;
};

struct NewKey {
  Slot slot = Slot::signature;
  Bytes public_key;   // SubjectPublicKeyInfo, DER
  Bytes attestation;  // DER certificate by the token's attestation key
};

struct InitialisedToken {
  std::string serial;
  std::string version;
  std::vector<NewKey> keys;
  Bytes attestation_certificate;  // slot F9's, DER: attestations chain to it, it to a maker's root
  TokenSecrets secrets;
};

// `pin`: 6 to 8 digits, not the factory's 123456. Fails as PivCard does, and with refused for a token
// whose management key is no longer the factory's (somebody initialised it) or a PIN that is not allowed.
Result<InitialisedToken> initialise(PivCard& card, const Secret& pin, const InitialiseOptions& options,
                                    Random& random);

// What a card leaves the factory with.
Secret factory_management_key();

// Whether a PIN may be chosen: 6 to 8 ASCII digits, not the factory's, not one digit repeated.
Status check_new_pin(const Secret& pin);

// Erases a token whose secrets are lost: blocks PIN and PUK by wrong ones, then RESET. All keys go.
Status erase(PivCard& card, Random& random);

}  // namespace sceau::token
