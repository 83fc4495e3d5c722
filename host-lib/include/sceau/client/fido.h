// FIDO2 keys of people: a credential made for somebody, its enrolment, and the public keys that signatures of
// such keys are verified with.
//
// A WebAuthn assertion carries no certificate: whose key it is says the entry that enrolled it. Who verifies
// without the whole ledger has that from the gate, or from the file that 'sceau extract --evidence' writes.
#pragma once

#include <map>
#include <string>

#include "sceau/client/enrolment.h"
#include "sceau/evidence/fido_attestation.h"
#include "sceau/token/fido_key.h"
#include "sceau/token/signer.h"

namespace sceau::client {

struct FidoKeys {
  struct Key {
    std::string person, serial;
    Bytes public_key;  // SubjectPublicKeyInfo, DER
  };
  evidence::RelyingParty party;
  std::map<Digest, Key> keys;  // by SHA-256 of the credential id
};

// The relying party that a gate's policy names: "localhost" where it names none.
Result<evidence::RelyingParty> relying_party(const statement::Value& policy);
// Of the registry's list of tokens, the FIDO2 keys. invalid: an entry that breaks its form.
Result<FidoKeys> fido_keys(evidence::RelyingParty party, const statement::Array& tokens);

// Canonical JSON {keys: [{credential, person, public_key, serial}], origins, rp_id}; credential: SHA-256 of
// its id.
Bytes write_fido_keys(const FidoKeys& keys);
Result<FidoKeys> read_fido_keys(ByteView bytes);

// For whom a credential is made.
struct FidoPerson {
  std::string realm, id;
  Bytes handle;  // token::user_handle
  std::string rp_id;
  bool unattested = false;  // policy takes self attestation, and none
};

// Makes a discoverable credential, its user verified, and describes it for enrolment. The client data is
// written here, as a program that is no browser does. Fails as FidoKey does; refused: the key attests
// nothing, or only itself, and policy wants more.
Result<Enrolment> make_fido_enrolment(token::FidoKey& key, const FidoPerson& person, token::PinSource& pins);

}  // namespace sceau::client
