// `sceau ca …`: a small authority whose key is in an administrator's token (slot 83).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "terms.h"
#include "tokens.h"

namespace sceau::tool {

struct CaInitOptions {
  std::string token, name, organisation;
  std::vector<std::string> administrators;
  std::int64_t days = kAuthorityDays;
};
// Another authority: its key must be in the token already ('sceau token init --authority-key').
Status ca_init(Workplace& place, const CaInitOptions& options);

struct CaAddOptions {
  std::string certificate, list;  // files, PEM or DER
  std::vector<std::string> administrators;
};
// An organisation's own authority, with the revocation list that is in force.
Status ca_add(Workplace& place, const CaAddOptions& options);

struct CaPublishOptions {
  std::string list;
  std::vector<std::string> administrators;
};
// The next revocation list of an authority that was added.
Status ca_publish(Workplace& place, const CaPublishOptions& options);

struct CaIssueOptions {
  std::string token, request, file, person, use = "sign";
  std::int64_t days = kCertificateDays;
};
// A certificate for a key whose request (PKCS#10, DER or PEM) comes from elsewhere.
Status ca_issue(Workplace& place, const CaIssueOptions& options);

struct CaCrlOptions {
  std::string token;
  std::vector<std::string> serials;  // tokens, all of whose certificates are revoked
  std::vector<std::string> administrators;
  std::int64_t days = kListDays;
};
// The next revocation list, published in the ledger.
Status ca_crl(Workplace& place, const CaCrlOptions& options);

}  // namespace sceau::tool
