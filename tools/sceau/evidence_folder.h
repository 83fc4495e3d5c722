// What `extract --evidence DIR` leaves for whoever checks later, with stock tools or `sceau verify`:
//
//   request.json, request.p7s         the statement that was signed, and its detached CAdES signature
//   receipt.json                      the ledger's receipt for it
//   request.webauthn                  in the place of request.p7s: the assertion of a FIDO2 key; and its
//   parts: request.authenticator-data, request.client-data.json, request.signature, request.public-key.pem
//   fido2-keys.json                   whose FIDO2 keys they are, as the registry said
//   result.json, result.p7s           what the gate signed about the rows
//   result-receipt.json               the ledger's receipt for that
//   roots-and-crls.pem                authorities and revocation lists
//   gate.pem                          the gate's own certificate, which signs results
#pragma once

#include <string>

#include "act.h"

namespace sceau::tool {

// The statement and its signature alone. unavailable: the folder cannot be written.
Status keep_act(const std::string& folder, const SignedAct& act);

Status keep_request(Workplace& place, const std::string& folder, const SignedAct& act,
                    const statement::Value& receipt);

// The same for a request made earlier: its receipt comes from the gate. corrupt: it is another statement's.
Status fetch_and_keep_request(Workplace& place, const std::string& folder, const Digest& request);

struct SignedResult {
  Bytes statement;
  evidence::Evidence evidence;
  statement::Value receipt;
};
Status keep_result(const std::string& folder, const SignedResult& result);

}  // namespace sceau::tool
