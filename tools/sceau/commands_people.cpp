#include "commands.h"
#include "people.h"
#include "registry_view.h"
#include "review.h"

namespace sceau::tool {
namespace {

constexpr const char* kOneAdministrator = "an administrator's token (default: the only one there is)";

void add_list(Command& group, Workplace& place, const std::string& kind, std::vector<Column> columns) {
  auto token = kept<std::string>();
  group.sub("list", "what the registry says")
      .option("--token", *token, "your token (default: the only one there is)")
      .action([token, kind, columns = std::move(columns), &place] {
        return print_list(place, *token, kind, columns);
      });
}

void add_organisations(Command& root, Workplace& place) {
  auto group = root.sub("organisation", "funds, ministries, laboratories, contractors");
  auto add = kept<OrganisationOptions>();
  group.sub("add", "register an organisation")
      .option("organisation", add->organisation, "its id", true)
      .option("--name", add->name, "its name", true)
      .option("--administrator", add->administrators, kOneAdministrator)
      .notes("Example:\n  sceau organisation add labo --name 'Laboratoire Exemple' --administrator alice")
      .action([add, &place] { return add_organisation(place, *add); });
  add_list(group, place, "organisations", {{"ORGANISATION", "organisation"}, {"NAME", "name"}});
  auto end = kept<OrganisationOptions>();
  group.sub("end", "end the access of everybody in it, one signed statement each")
      .option("organisation", end->organisation, "its id", true)
      .option("--reason", end->reason, "why", true)
      .option("--administrator", end->administrators, kOneAdministrator)
      .action([end, &place] { return end_organisation(place, *end); });
}

void add_people(Command& root, Workplace& place) {
  auto group = root.sub("person", "people, each of one organisation, until a date");
  auto add = kept<PersonOptions>();
  group.sub("add", "register a person, or extend the account of one")
      .option("person", add->person, "their id: lower-case letters, digits, '.', '_', '-'", true)
      .option("--name", add->name, "their name", true)
      .option("--organisation", add->organisation, "the organisation they belong to", true)
      .option("--until", add->until, "the account's last day (default: a year from now)")
      .flag("--contractor", add->contractor, "a contractor, not staff")
      .option("--administrator", add->administrators, kOneAdministrator)
      .notes(
          "Example:\n  sceau person add carol --name 'Carol Roux' --organisation caisse --until 2027-12-31")
      .action([add, &place] { return add_person(place, *add); });
  add_list(group, place, "people",
           {{"PERSON", "person"},
            {"NAME", "name"},
            {"ORGANISATION", "organisation"},
            {"AS", "engagement"},
            {"ACTIVE", "active"},
            {"UNTIL", "until"},
            {"ROLES", "roles"}});
  auto end = kept<PersonOptions>();
  group.sub("end", "end a person's access, at once and for good")
      .option("person", end->person, "their id", true)
      .option("--reason", end->reason, "why", true)
      .option("--administrator", end->administrators, kOneAdministrator)
      .action([end, &place] { return end_person(place, *end); });
}

void add_roles(Command& root, Workplace& place) {
  auto group = root.sub("role", "agent, approver, administrator, auditor");
  auto grant = kept<RoleOptions>();
  group.sub("grant", "grant a role; approvers and administrators take two administrators")
      .option("person", grant->person, "their id", true)
      .option("role", grant->role, "agent, approver, administrator or auditor", true)
      .option("--organisation", grant->organisation, "for this organisation only, or * for all of them")
      .option("--until", grant->until, "last day (default: a year from now; rights are reviewed yearly)")
      .option("--administrator", grant->administrators, kOneAdministrator)
      .notes(
          "Examples:\n  sceau role grant carol agent --administrator alice\n"
          "  sceau role grant dave approver --administrator alice --administrator bob")
      .action([grant, &place] { return grant_role(place, *grant); });
  auto withdraw = kept<RoleOptions>();
  group.sub("withdraw", "take a role back, at once")
      .option("person", withdraw->person, "their id", true)
      .option("role", withdraw->role, "agent, approver, administrator or auditor", true)
      .option("--reason", withdraw->reason, "why", true)
      .option("--administrator", withdraw->administrators, kOneAdministrator)
      .action([withdraw, &place] { return withdraw_role(place, *withdraw); });
  add_list(group, place, "roles",
           {{"PERSON", "person"}, {"ROLE", "role"}, {"ORGANISATION", "organisation"}, {"UNTIL", "until"}});
}

void add_projects(Command& root, Workplace& place) {
  auto group = root.sub("project", "authorisations to extract: sources, kinds, people, dates");
  auto add = kept<ProjectOptions>();
  group.sub("add", "open a project")
      .option("project", add->project, "its id: the authorisation's reference", true)
      .option("--title", add->title, "what it is for", true)
      .option("--source", add->sources, "a source it may use; may be given again", true)
      .option("--kind", add->kinds, "work, aggregate or individual; may be given again", true)
      .option("--from", add->from, "first day (default: today)")
      .option("--until", add->until, "last day (default: a year from now)")
      .option("--max-rows", add->max_rows, "the most rows that one request may bring")
      .option("--column", add->columns,
              "TABLE.COLUMN, or TABLE.* : what requests may read; may be given again (default: all)")
      .option("--approver", add->approvers,
              "an approver's token: approves in advance what is asked of single people; may be given again")
      .option("--administrator", add->administrators, kOneAdministrator)
      .notes(
          "With --approver, requests of kind individual that stay within these columns and rows count as "
          "approved by\nthose approvers, for the people whom they let in with 'sceau project assign "
          "--approver'.\n\n"
          "Example:\n  sceau project add p-42 --title 'Drugs and care' --source snds --kind aggregate \\\n"
          "      --kind individual --until 2027-06-30 --max-rows 100000 --administrator alice")
      .action([add, &place] { return open_project(place, *add); });
  auto assign = kept<ProjectOptions>();
  group.sub("assign", "let an agent work on it")
      .option("project", assign->project, "the project's id", true)
      .option("person", assign->person, "the agent's id", true)
      .option("--until", assign->until, "last day (default: a year from now)")
      .option("--approver", assign->approvers,
              "an approver's token who approves her requests in advance, as 'project add' said")
      .option("--administrator", assign->administrators, kOneAdministrator)
      .action([assign, &place] { return assign_project(place, *assign); });
  add_list(group, place, "projects",
           {{"PROJECT", "project"},
            {"TITLE", "title"},
            {"SOURCES", "sources"},
            {"KINDS", "kinds"},
            {"UNTIL", "until"},
            {"MAX ROWS", "max_rows"},
            {"CLOSED", "closed"},
            {"PEOPLE", "people"}});
  auto end = kept<ProjectOptions>();
  group.sub("end", "close a project: nothing more is admitted for it")
      .option("project", end->project, "its id", true)
      .option("--reason", end->reason, "why", true)
      .option("--administrator", end->administrators, kOneAdministrator)
      .action([end, &place] { return close_project(place, *end); });
}

void add_review(Command& root, Workplace& place) {
  auto options = kept<ReviewOptions>();
  root.sub("review", "the rights that people hold, to be confirmed once a year; two administrators sign")
      .option("--person", options->person, "of this person only")
      .option("--drop", options->drop, "PERSON:NAME of a right that is to be taken back; may be given again")
      .option("--next", options->next, "when to look again (default: in a year)")
      .option("--administrator", options->administrators, "who signs it; twice. Without: nothing is signed")
      .option("--token", options->token, "your token (default: the only one there is)")
      .notes(
          "What --drop names is recorded, and goes on until it is taken back with 'sceau role withdraw' and "
          "the "
          "like.\n\n"
          "Example:\n  sceau review --drop carol:agent --administrator alice --administrator bob")
      .action([options, &place] { return review(place, *options); });
}

}  // namespace

void add_people_commands(Command& root, Workplace& place) {
  add_organisations(root, place);
  add_people(root, place);
  add_roles(root, place);
  add_projects(root, place);
  add_review(root, place);
}

}  // namespace sceau::tool
