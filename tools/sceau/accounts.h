// Accounts of machines: acts of administrators, and what a machine does that logs people in by card.
#pragma once

#include <string>
#include <vector>

#include "workplace.h"

namespace sceau::tool {

struct AccountOptions {
  std::string host, account, person, until, reason;
  std::vector<std::string> administrators;  // tokens; empty means the only one there is
};
Status bind_account(Workplace& place, const AccountOptions& options);
Status end_account(Workplace& place, const AccountOptions& options);

struct HostOptions {
  std::string folder;  // see host/folder.h
  std::string host;
  std::string administrator;  // a token, for joining; empty means the only one there is
};
// Has an administrator get this machine its pass, makes the folder and believes the gate that answers, from
// now on.
Status join_host(Workplace& place, const HostOptions& options);
// Sends the log-ins that wait, then fetches a new copy. unavailable: no gate answers.
Status refresh_host(Workplace& place, const HostOptions& options);
Status show_host(Workplace& place, const HostOptions& options);

struct U2fImportOptions {
  std::string host, file;
  std::vector<std::string> administrators;
};
// Enrols each credential of pamu2fcfg's file for the person who uses its account of that machine; says which
// it leaves out, and why. not_found: all of them.
Status import_u2f(Workplace& place, const U2fImportOptions& options);

}  // namespace sceau::tool
