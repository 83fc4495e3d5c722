// Makes a blank token a person's: keys on the card, certificates from an authority whose key is in an
// administrator's token, secrets sealed to the recovery people. What comes out is public and goes into a
// token.enrol or genesis statement.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "holder.h"
#include "sceau/pki/authority.h"
#include "sceau/pki/certificate.h"
#include "sceau/statement/value.h"
#include "sceau/token/escrow.h"
#include "sceau/token/initialise.h"

namespace sceau::tool {

// An authority that can issue now: its certificate, and its key in a token.
struct Issuer {
  pki::Certificate certificate;
  pki::SignCallback sign;
};

// TOKEN, and the certificates and attestations that it names.
struct TokenDescription {
  statement::Value token;
  std::vector<Bytes> blobs;
};

// Whose token it will be.
struct NewHolder {
  std::string person, name, organisation;
};

// How `sceau init` and `sceau token init` make keys.
struct KeyOptions {
  bool touch = false;          // 9A and 9C want the button too
  bool authority_key = false;  // one more key, in slot 83, for an authority
};

// The keys and their policies, as token::initialise takes them.
std::vector<token::KeyPlan> key_plans(const KeyOptions& options);

// Certificates for every key but the recovery key, written to the card under its new management key.
// `until`: how long they hold, bounded by the authority's own certificate.
Result<TokenDescription> certify(Workplace& place, Holder& holder, const token::InitialisedToken& made,
                                 const NewHolder& who, const Issuer& issuer, Time until);

// A key in the token's clear-sign application, for requests and decisions, with a certificate of its own:
// added to the description. Its button is pressed after each page that the token shows.
Status add_clear_sign_key(Workplace& place, Holder& holder, const Secret& pin, const NewHolder& who,
                          const Issuer& issuer, Time until, TokenDescription& description);

// ESCROW: the secrets sealed k of n.
Result<statement::Value> seal_escrow(Workplace& place, const token::TokenSecrets& secrets, int threshold,
                                     const std::vector<token::Recipient>& recipients,
                                     const token::EscrowContext& context);

// A new PIN for the token, asked of its holder and checked, then known to `holder`.
Result<Secret> choose_pin(Holder& holder, const std::string& person);

// Fails with refused when the token was initialised before, and says how to erase it.
Status check_blank(Holder& holder);

}  // namespace sceau::tool
