#include "people.h"

#include "act.h"
#include "registry_view.h"

namespace sceau::tool {

using statement::Object;

Status add_organisation(Workplace& place, const OrganisationOptions& options) {
  return perform(place, {"organisation.add",
                         Object{{"name", options.name}, {"organisation", options.organisation}},
                         options.administrators,
                         {},
                         "organisation " + options.organisation + " is registered"});
}

Status end_organisation(Workplace& place, const OrganisationOptions& options) {
  auto holders = open_holders(place, options.administrators);
  if (!holders) return holders.error();
  if (auto session = log_in(place, *holders->front()); !session) return session;
  auto people = registry_list(place, "people");
  if (!people) return people.error();
  std::vector<Holder*> signers;
  for (const auto& holder : *holders) signers.push_back(holder.get());
  std::size_t ended = 0;
  for (const auto& person : *people) {
    const auto* active = person.find("active");
    const bool here = active != nullptr && active->is_bool() && active->as_bool();
    if (field_text(person, "organisation") != options.organisation || !here) continue;
    auto connection = place.refresh();
    if (!connection) return connection.error();
    const auto id = field_text(person, "person");
    auto act = sign_act(place, (*connection)->position, "person.leave",
                        Object{{"person", id}, {"reason", options.reason}}, signers);
    if (!act) return act.error();
    auto submitted = submit(place, *act);
    if (!submitted) return submitted.error().within("after " + counted(ended, "person") + " had ended");
    place.output.result(Object{{"index", receipt_index(*submitted)}, {"person", id}},
                        id + "'s access has ended (" + receipt_line(*submitted) + ")");
    ++ended;
  }
  if (ended > 0) return {};
  return Error{ErrorKind::not_found, "nobody active belongs to organisation '" + options.organisation + "'"};
}

Status add_person(Workplace& place, const PersonOptions& options) {
  auto until = date_or_year(place, options.until);
  if (!until) return until.error();
  return perform(place, {"person.add",
                         Object{{"engagement", options.contractor ? "contractor" : "staff"},
                                {"name", options.name},
                                {"organisation", options.organisation},
                                {"person", options.person},
                                {"until", *until}},
                         options.administrators,
                         {},
                         options.person + " (" + options.name + ") is registered in " + options.organisation +
                             " until " + *until});
}

Status end_person(Workplace& place, const PersonOptions& options) {
  return perform(place, {"person.leave",
                         Object{{"person", options.person}, {"reason", options.reason}},
                         options.administrators,
                         {},
                         options.person + "'s access has ended"});
}

Status grant_role(Workplace& place, const RoleOptions& options) {
  auto until = date_or_year(place, options.until);
  if (!until) return until.error();
  const auto scope = options.organisation == "*" ? "all organisations" : options.organisation;
  return perform(place, {"role.grant",
                         Object{{"organisation", options.organisation},
                                {"person", options.person},
                                {"role", options.role},
                                {"until", *until}},
                         options.administrators,
                         {},
                         options.person + " is " + options.role + " for " + scope + " until " + *until});
}

Status withdraw_role(Workplace& place, const RoleOptions& options) {
  return perform(place,
                 {"role.withdraw",
                  Object{{"person", options.person}, {"reason", options.reason}, {"role", options.role}},
                  options.administrators,
                  {},
                  options.person + " is " + options.role + " no more"});
}

namespace {

// The administrators, the first of whom speaks, and then the approvers.
std::vector<std::string> all_signers(const ProjectOptions& options) {
  std::vector<std::string> signers = options.administrators;
  signers.insert(signers.end(), options.approvers.begin(), options.approvers.end());
  return signers;
}

}  // namespace

Status open_project(Workplace& place, const ProjectOptions& options) {
  auto until = date_or_year(place, options.until);
  if (!until) return until.error();
  auto from = options.from.empty() ? Result<Time>(place.clock.now()) : read_date(options.from, true);
  if (!from) return from.error();
  Object body{{"from", to_rfc3339(*from)},
              {"kinds", statement::texts(options.kinds)},
              {"max_rows", options.max_rows},
              {"project", options.project},
              {"sources", statement::texts(options.sources)},
              {"title", options.title},
              {"until", *until}};
  if (!options.columns.empty()) body.emplace("columns", statement::texts(options.columns));
  if (!options.approvers.empty())
    body.emplace("approvals", static_cast<std::int64_t>(options.approvers.size()));
  return perform(place, {"project.open",
                         std::move(body),
                         all_signers(options),
                         {},
                         "project " + options.project + " is open until " + *until});
}

Status assign_project(Workplace& place, const ProjectOptions& options) {
  auto until = date_or_year(place, options.until);
  if (!until) return until.error();
  return perform(place, {"project.assign",
                         Object{{"person", options.person}, {"project", options.project}, {"until", *until}},
                         all_signers(options),
                         {},
                         options.person + " works on project " + options.project + " until " + *until});
}

Status close_project(Workplace& place, const ProjectOptions& options) {
  return perform(place, {"project.close",
                         Object{{"project", options.project}, {"reason", options.reason}},
                         options.administrators,
                         {},
                         "project " + options.project + " is closed"});
}

}  // namespace sceau::tool
