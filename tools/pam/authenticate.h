// What the three entry points do, in PAM's codes.
//
//   PAM_SUCCESS             everything that host/login.h asks for held
//   PAM_IGNORE              `nullok`, and nobody is bound to this account
//   PAM_AUTH_ERR            this card, person or PIN may not
//   PAM_MAXTRIES            the PIN is blocked
//   PAM_USER_UNKNOWN        nobody is bound to this account
//   PAM_CRED_INSUFFICIENT   `card_only`, and there is no card
//   PAM_ACCT_EXPIRED        (account management) the person or the binding has ended
//   PAM_AUTHINFO_UNAVAIL    anything else: reader, service, copy, clock, disk, memory, defect
#pragma once

#include "conversation.h"
#include "options.h"

namespace sceau::pam {

// Who logged in; for account management in the same PAM transaction.
struct Outcome {
  int code = 0;
  std::string person;
};

Outcome authenticate(const Conversation& conversation, const Options& options);
// `person`: as authenticate() said, or empty when another module let them in.
int manage_account(const Conversation& conversation, const Options& options, const std::string& person);

}  // namespace sceau::pam
