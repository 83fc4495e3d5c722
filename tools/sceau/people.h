// Acts of administrators about organisations, people, roles and projects: one statement each.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workplace.h"

namespace sceau::tool {

// `administrators` are tokens; empty means the only one there is.
struct OrganisationOptions {
  std::string organisation, name, reason;
  std::vector<std::string> administrators;
};
Status add_organisation(Workplace& place, const OrganisationOptions& options);
// A person.leave for each active person in it, signed one after the other; stops at the first refusal.
Status end_organisation(Workplace& place, const OrganisationOptions& options);

struct PersonOptions {
  std::string person, name, organisation, until, reason;
  bool contractor = false;
  std::vector<std::string> administrators;
};
Status add_person(Workplace& place, const PersonOptions& options);
Status end_person(Workplace& place, const PersonOptions& options);

struct RoleOptions {
  std::string person, role, organisation = "*", until, reason;
  std::vector<std::string> administrators;
};
Status grant_role(Workplace& place, const RoleOptions& options);
Status withdraw_role(Workplace& place, const RoleOptions& options);

struct ProjectOptions {
  std::string project, title, from, until, person, reason;
  std::vector<std::string> sources, kinds;
  std::int64_t max_rows = 100000;
  std::vector<std::string> administrators, approvers, columns;
};
Status open_project(Workplace& place, const ProjectOptions& options);
Status assign_project(Workplace& place, const ProjectOptions& options);
Status close_project(Workplace& place, const ProjectOptions& options);

}  // namespace sceau::tool
