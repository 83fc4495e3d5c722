// A person's key puts its signature on a statement.
//
// One way for every kind of key that token::Signer stands for: the signed attributes (CAdES-BES) or the
// client data (WebAuthn) are built here (FORMATS.md, "Evidence"), the token signs them, and the signature is
// checked before it is given out.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sceau/base/clock.h"
#include "sceau/base/digest.h"
#include "sceau/evidence/evidence.h"
#include "sceau/evidence/verifier.h"
#include "sceau/pki/certificate.h"
#include "sceau/token/signer.h"

namespace sceau::client {

// Who a signing key speaks for, as its certificate says, or, of a FIDO2 key, the credential's user handle.
struct Signatory {
  std::string person;                           // registry id
  std::optional<pki::Certificate> certificate;  // none of a FIDO2 key
  std::vector<pki::Certificate> chain;          // intermediates the token holds, nearest issuer first
};

// Reads what stands behind a signer. Fails as the signer does; invalid when that names no person.
Result<Signatory> signatory(token::Signer& signer);

// What an approval, refusal or release is about: a clear-sign token shows it beside. Empty for other acts.
struct Decided {
  ByteView request{};   // canonical bytes
  ByteView evidence{};  // bytes, as the decision names them
};

// What whoever signs one statement after another need not find out again.
struct SigningMemory {
  evidence::Verifier verifier;
  std::map<Digest, Signatory> signatories;  // by what their certificates and chains are
};

// Signs a statement's bytes. Fails as the signer does (authentication: the PIN was wrong, said with the tries
// left), with invalid for bytes that are empty, and with corrupt when what came back does not verify. Of a
// FIDO2 key whose public key the signer does not tell, all but the signature itself is checked: the gate does
// that. `memory` is used, and kept up; null: one of its own.
Result<evidence::Signature> sign_statement(token::Signer& signer, token::PinSource& pins, ByteView statement,
                                           Time signing_time, const Decided& about = {},
                                           SigningMemory* memory = nullptr);

}  // namespace sceau::client
