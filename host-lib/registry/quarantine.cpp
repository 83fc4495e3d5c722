// Quarantine: an answer that does not conform waits, encrypted, until a further approver signs for exactly
// its bytes, somebody refuses it, or its time ends. More rows than were ordered can be released up to what
// the project and policy cover, never beyond: nobody takes more than that.
#include <algorithm>

#include "rules.h"

namespace sceau::registry {
namespace {

std::string name_of(const Request& request) { return "request " + to_hex(request.digest).substr(0, 12); }

// She signs for the bytes that are held, and for nothing else.
Status check_file(const Act& act, const Request& request) {
  const statement::Array& files = array_of(act.body(), "files");
  const bool same = files.size() == 1 && text_of(files.front(), "name") == request.name &&
                    int_of(files.front(), "bytes") == request.held->bytes &&
                    digest_of(files.front(), "sha256") == request.held->sha256;
  if (same) return {};
  return refusal("the release is for other files than the answer that is held for " + name_of(request) +
                 ": look at it again with 'sceau pending', and sign anew");
}

// What nobody may release.
Status check_caps(const Act& act, const Request& request) {
  const auto project = act.state.projects.find(request.project);
  const std::int64_t covered = project == act.state.projects.end()
                                   ? 0
                                   : std::min(project->second.max_rows, act.state.policy.row_limit);
  if (request.held->rows <= covered) return {};
  return refusal("the answer of " + name_of(request) + " has " + std::to_string(request.held->rows) +
                 " rows, and project and policy cover " + std::to_string(covered) +
                 ": no signature releases more");
}

// Her own approval was for what was ordered; what came of it needs other eyes.
Status check_further(const Act& act, const Request& request, const std::string& approver) {
  const bool approved =
      std::ranges::any_of(request.approvals, [&](const Decided& one) { return one.person == approver; });
  if (!approved && !approvers_of(act.state, act.state.policy, request, act.context.now).contains(approver))
    return {};
  return refusal(approver + " has approved " + name_of(request) +
                 " already, or its project in advance: a further approver releases its answer");
}

// Where policy wants somebody of another organisation among those who approve, she is the one who releases.
Status check_organisation(const Act& act, const Request& request, const std::string& approver) {
  if (approval_rule(act.state.policy, request.kind).from_another == 0) return {};
  const auto requester = act.state.people.find(request.by), person = act.state.people.find(approver);
  const bool another = requester != act.state.people.end() && person != act.state.people.end() &&
                       requester->second.organisation != person->second.organisation;
  if (another) return {};
  return refusal(approver + " is of the same organisation as " + request.by +
                 ", and policy wants another's approval for requests of kind " + request.kind +
                 ": ask an approver of another organisation");
}

}  // namespace

Status check_release(const Act& act) {
  if (auto one = need_one_signer(act); !one) return one;
  const Digest digest = digest_of(act.body(), "request");
  const auto found = act.state.requests.find(digest);
  if (found == act.state.requests.end()) {
    return refusal("no request " + to_hex(digest).substr(0, 12) + " is known here: see 'sceau pending'");
  }
  const Request& request = found->second;
  if (request.state != RequestState::quarantined || request.refusal) {
    return refusal(name_of(request) + " is " +
                   (request.refusal ? "refused" : std::string(request_state_text(request.state))) +
                   ": only an answer in quarantine is released");
  }
  const Time now = act.context.now;
  if (now >= request.decide_by) {
    return refusal("the answer of " + name_of(request) + " was held until " + to_rfc3339(request.decide_by) +
                   ": its agent asks again");
  }
  if (digest_of(act.body(), "evidence") != request.evidence) {
    return refusal("the release names another evidence than that of " + name_of(request) +
                   ": fetch it again and look who signed");
  }
  if (auto same = check_file(act, request); !same) return same;
  if (auto covered = check_caps(act, request); !covered) return covered;
  if (auto still = check_still_allowed(act.state, request, now); !still) return still;
  if (auto shown = check_shown_decision(act); !shown) return shown;
  const Signer& signer = act.authentication.signers.front();
  if (auto good = check_key_kind(act.state.policy, request.kind, key_kind(signer), "released"); !good)
    return good;
  if (auto may = check_approver(act, request, signer.person); !may) return may;
  if (auto other = check_organisation(act, request, signer.person); !other) return other;
  return check_further(act, request, signer.person);
}

Status apply_release(const Change& change) {
  const auto found = change.state.requests.find(digest_of(change.body(), "request"));
  if (found == change.state.requests.end()) return {};
  Request& request = found->second;
  request.release = decided_by(change);
  request.decide_by = change.record.at + change.state.policy.decide_within;
  set_request_state(change.state, request, RequestState::released);
  return {};
}

Status apply_quarantine(Registry::State& state, Request& request, const Record& record) {
  const statement::Value details(record.verdict->details);
  auto rows = statement::int_field(details, "rows");
  auto bytes = statement::int_field(details, "bytes");
  auto sha256 = statement::digest_field(details, "sha256");
  auto reason = statement::text_field(details, "reason");
  if (!rows || !bytes || !sha256 || !reason)
    return Error{ErrorKind::corrupt, "a quarantined step that does not say what is held, and why"};
  request.held = Held{*rows, *bytes, *sha256, std::move(*reason), record.at};
  request.decide_by = record.at + state.policy.decide_within;
  return {};
}

Status check_held_result(const Act& act, const Request& request) {
  const std::int64_t rows = int_of(act.body(), "rows"), bytes = int_of(act.body(), "bytes");
  const std::string name = "the result of " + name_of(request);
  const bool delivered = text_of(act.body(), "outcome") == "delivered";
  if (!request.held) {
    if (delivered && rows > request.max_rows) return refusal(name + " has more rows than were asked for");
    // Each row is about one person at most.
    if (delivered && rows > 0 && rows < request.fewest_people)
      return refusal(name + " is about fewer people than policy lets out unseen: it was to be held");
    return {};
  }
  if (request.state != RequestState::checked) {
    if (rows == 0 && bytes == 0) return {};
    return refusal(name + " says that rows left quarantine, and nobody released them");
  }
  const bool same = rows == request.held->rows && bytes == request.held->bytes &&
                    digest_of(act.body(), "sha256") == request.held->sha256;
  if (!delivered || same) return {};
  return refusal(name + " delivers other rows than those that were released");
}

}  // namespace sceau::registry
