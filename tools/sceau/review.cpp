#include "review.h"

#include <algorithm>
#include <map>

#include "registry_view.h"
#include "requests.h"

namespace sceau::tool {
namespace {

using statement::Object;
using statement::Value;

constexpr std::size_t kMostRights = 128;  // of one statement

struct Right {
  std::string person, kind, name, until;
};

// Rights of which a review can speak: roles, assignments, accounts of machines.
Result<std::vector<Right>> rights_now(Workplace& place, const std::string& only) {
  const auto now = to_rfc3339(place.clock.now());
  std::vector<Right> rights;
  const auto add = [&](const Value& one, const char* kind, const std::string& name) {
    Right right{field_text(one, "person"), kind, name, field_text(one, "until")};
    if (right.until > now && (only.empty() || right.person == only)) rights.push_back(std::move(right));
  };
  auto roles = registry_list(place, "roles");
  if (!roles) return roles.error();
  for (const auto& one : *roles) add(one, "role", field_text(one, "role"));
  auto projects = registry_list(place, "projects");
  if (!projects) return projects.error();
  for (const auto& project : *projects) {
    const Value* people = project.find("people");
    if (people == nullptr || !people->is_array() || field_text(project, "closed") == "yes") continue;
    for (const auto& one : people->as_array()) add(one, "project", field_text(project, "project"));
  }
  auto accounts = registry_list(place, "accounts");
  if (!accounts) return accounts.error();
  for (const auto& one : *accounts) add(one, "account", field_text(one, "account"));
  return rights;
}

// By person, when she last signed a request or approved one.
Result<std::map<std::string, std::string>> last_requests(Workplace& place) {
  auto entries = list_requests(place, {});
  if (!entries) return entries.error();
  std::map<std::string, std::string> last;
  for (const auto& entry : *entries) {
    if (!entry.statement) continue;
    const auto at = to_rfc3339(entry.statement->at);
    for (const auto& signer : entry.signers) last[signer] = std::max(last[signer], at);
  }
  return last;
}

// Tokens, which end with their holder or by an act of their own.
Status add_tokens(Workplace& place, const std::string& only, std::vector<std::vector<std::string>>& rows) {
  auto tokens = registry_list(place, "tokens");
  if (!tokens) return tokens.error();
  for (const auto& token : *tokens) {
    const auto person = field_text(token, "person"), state = field_text(token, "state");
    if (state != "active" && state != "suspended") continue;
    if (only.empty() || only == person)
      rows.push_back({shown(person), "token", shown(field_text(token, "serial")), state, ""});
  }
  return {};
}

Result<Object> review_body(const Workplace& place, const std::vector<Right>& rights,
                           const ReviewOptions& options) {
  if (rights.empty() || rights.size() > kMostRights) {
    return Error{ErrorKind::invalid,
                 std::to_string(rights.size()) +
                     " rights do not fit one review, which takes 1 to 128: name a --person"};
  }
  auto next = date_or_year(place, options.next);
  if (!next) return next.error();
  statement::Array list;
  for (const Right& right : rights) {
    std::string named = right.person;
    named.append(":").append(right.name);
    const bool keep = std::ranges::find(options.drop, named) == options.drop.end();
    list.emplace_back(
        Object{{"keep", keep}, {"kind", right.kind}, {"name", right.name}, {"person", right.person}});
  }
  return Object{{"next", *next}, {"rights", std::move(list)}};
}

}  // namespace

Status review(Workplace& place, const ReviewOptions& options) {
  auto holder =
      open_logged_in(place, options.administrators.empty() ? options.token : options.administrators.front());
  if (!holder) return holder.error();
  auto rights = rights_now(place, options.person);
  if (!rights) return rights.error();
  auto last = last_requests(place);
  if (!last) return last.error();
  std::vector<std::vector<std::string>> rows{{"PERSON", "RIGHT", "NAME", "UNTIL", "LAST REQUEST"}};
  statement::Array items;
  for (const Right& right : *rights) {
    rows.push_back({shown(right.person), right.kind, shown(right.name), right.until, (*last)[right.person]});
    items.emplace_back(Object{{"kind", right.kind},
                              {"last_request", (*last)[right.person]},
                              {"name", right.name},
                              {"person", right.person},
                              {"until", right.until}});
  }
  if (auto added = add_tokens(place, options.person, rows); !added) return added;
  if (options.administrators.empty()) {
    place.output.result(Object{{"rights", std::move(items)}}, table(rows));
    return {};
  }
  place.output.note(table(rows));
  auto body = review_body(place, *rights, options);
  if (!body) return body.error();
  holder->reset();
  return perform(place, {"review", std::move(*body), options.administrators, {}, "the review is recorded"});
}

}  // namespace sceau::tool
