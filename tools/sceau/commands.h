// The commands, group by group. Each function adds its part to the tree; actions run after the whole line was
// read.
#pragma once

#include "cli.h"
#include "workplace.h"

namespace sceau::tool {

void add_home_commands(Command& root, Workplace& place);      // init, policy, source
void add_people_commands(Command& root, Workplace& place);    // organisation, person, role, project
void add_token_commands(Command& root, Workplace& place);     // token, ca, login
void add_request_commands(Command& root, Workplace& place);   // extract, pending, approve, refuse, submit
void add_host_commands(Command& root, Workplace& place);      // account, host, watch
void add_doctor_command(Command& root, Workplace& place);     // doctor
void add_evidence_commands(Command& root, Workplace& place);  // verify, audit, who, reconcile

// Options live as long as the command line does: the parser fills them, the action reads them.
template <typename Options>
std::shared_ptr<Options> kept() {
  return std::make_shared<Options>();
}

}  // namespace sceau::tool
