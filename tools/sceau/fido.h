// FIDO2 keys as people's tokens: those on this machine with a credential made for this warehouse, making one,
// and the public keys that the registry knows.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sceau/client/fido.h"
#include "sceau/token/fido_key.h"
#include "tokens.h"

namespace sceau::tool {

// A credential on a key.
struct FidoToken {
  std::shared_ptr<token::FidoKey> key;
  token::FidoCredential credential;
  std::string rp_id, serial, person;
};

// The relying party of the gate's policy; empty when no gate answers.
std::string gate_relying_party(Workplace& place);

// The keys that `choice` may mean: empty (all), a path (/dev/hidraw0, a simulator's socket), or a reader's or
// key's name or part of it. Empty when there is none.
std::vector<std::shared_ptr<token::FidoKey>> fido_keys_for(Workplace& place, const std::string& choice);

// The credential that `choice` means: one of those, or the token's serial, "fido2-…". not_found and invalid
// (several) list what there is. Asks the gate for its policy, once there is a key.
Result<FidoToken> open_fido(Workplace& place, const std::string& choice);

// Makes a credential for a person and writes the enrolment file; chooses the key's PIN where it has none.
Status initialise_fido(Workplace& place, const TokenInitOptions& options);

// Whether a token is named as only FIDO2 keys are: "fido2-…", or a path.
bool names_fido(const std::string& choice);

// Asks for both PINs.
Status change_fido_pin(Workplace& place, const std::string& choice);

// Whose FIDO2 keys are, as the gate's registry says; `active` leaves out those that sign no more. The
// connection must have a session.
Result<client::FidoKeys> enrolled_fido_keys(Workplace& place, bool active);

}  // namespace sceau::tool
