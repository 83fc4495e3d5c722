// `sceau token …`: from a blank card to an enrolled token, and what may happen to it afterwards.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "personalise.h"
#include "sceau/client/enrolment.h"
#include "terms.h"

namespace sceau::tool {

Status list_tokens(Workplace& place);

struct TokenInitOptions {
  std::string token, person, authority, file;
  bool touch = false, authority_key = false, erase = false;
  bool clear_sign = false;  // one more key, in the clear-sign application
  bool fido2 = false;       // a credential on a FIDO2 key instead of all that
  std::int64_t days = kCertificateDays;
};
// Keys, certificates and escrow for a person who is registered already; writes the enrolment file.
Status initialise_token(Workplace& place, const TokenInitOptions& options);

struct EnrolOptions {
  std::string file;  // of 'sceau token init'; empty: the token behind a module is enrolled as it is
  std::string token, replaces, reason;
  std::vector<std::string> administrators;
  bool renew = false;
  std::string previous;  // renew: the holder's earlier token, where it can still sign
};
// Signed by the new key and by those who vouch for it.
Status enrol_token(Workplace& place, const EnrolOptions& options);

// A token behind a PKCS#11 module, with the keys and certificates that its maker gave it, as an enrolment
// without attestation or escrow. refused: it is a PIV card, or no authority that the registry trusts
// certified it.
Result<client::Enrolment> describe_module_token(Workplace& place, const std::string& token);

struct TokenStateOptions {
  std::string type;  // token.suspend, token.resume, token.revoke
  std::string serial, reason;
  std::vector<std::string> administrators;
};
Status set_token_state(Workplace& place, const TokenStateOptions& options);

struct UnblockOptions {
  std::string token, reason;
  std::vector<std::string> administrators, recovery;
};
// The recovery people open their shares, an administrator signs, the holder types a new PIN.
Status unblock_token(Workplace& place, const UnblockOptions& options);

struct JournalOptions {
  std::string token, signer;  // whose journal; who hands it in, the same unless told
};
// Reads the journal of a token with clear-sign keys and hands it in, signed; the gate holds it against what
// it has and raises an alarm for what is missing there. unavailable: the token signed meanwhile.
Status hand_in_journal(Workplace& place, const JournalOptions& options);

Status change_pin(Workplace& place, const std::string& token);

// The authority whose key is in slot 83 of this token, among those that the registry trusts.
struct Authority {
  Issuer issuer;
  statement::Value entry;  // {certificate, crl, holder, number}
};
Result<Authority> authority_of(Workplace& place, Holder& holder);

}  // namespace sceau::tool
