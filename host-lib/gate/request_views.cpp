// What the gate shows of requests and their results, to those who may see them.
#include <algorithm>

#include "documents.h"

namespace sceau::gate {
namespace {

using statement::Object;

// A request as the registry has it, copied, so that the ledger is read without holding the registry.
struct Copy {
  registry::Request request;
  std::int64_t approvals = 0;  // that count now
  std::int64_t needed = 0;
  bool shown = true;  // its statement, to this caller
};

Copy copy_of(const registry::Registry& registry, const registry::Request& request, const Caller& caller,
             Time now) {
  // What was approved before it ran is not asked again afterwards.
  const bool begun = request.running.has_value();
  const auto given =
      begun ? static_cast<std::int64_t>(request.approvals.size()) : registry.approvals_counted(request, now);
  return {request, given, given + (begun ? 0 : registry.approvals_needed(request, now)),
          may_read(registry, request, caller, now)};
}

// Figures and digest are for those who decide: to her who waits for the rows they would tell of them.
Object held_value(const registry::Request& request, bool decides) {
  Object held{{"at", to_rfc3339(request.held->at)},
              {"name", request.name},
              {"reason", request.held->reason},
              {"until", to_rfc3339(request.decide_by)}};
  if (decides) {
    held.emplace("bytes", request.held->bytes);
    held.emplace("rows", request.held->rows);
    held.emplace("sha256", request.held->sha256);
  }
  if (request.release) held.emplace("released_by", request.release->person);
  return held;
}

// What a refusal says; of one that was refused while it ran, its result.
std::string why_refused(const ledger::Ledger& log, const registry::Request& request) {
  const auto entry = request.refusal ? std::optional(request.refusal->entry) : request.result;
  const auto opening = entry ? log.opening(*entry) : Error{ErrorKind::not_found, {}};
  if (!opening) return {};  // it was erased
  const auto act = statement::read_statement(opening->statement);
  auto reason = act ? statement::text_field(act->body, "reason") : act.error();
  if (!reason) return {};
  return request.refusal ? request.refusal->person + " says: " + *reason : std::move(*reason);
}

RequestView view_of(const ledger::Ledger& log, const Copy& copy, const Caller& caller) {
  const registry::Request& request = copy.request;
  RequestView view;
  view.digest = request.digest;
  view.evidence = request.evidence;
  view.state = registry::request_state_text(request.state);
  view.approvals = copy.approvals;
  view.needed = copy.needed;
  view.index = request.entry;
  view.signers = {request.by};
  for (const registry::Decided& approval : request.approvals) view.signers.push_back(approval.person);
  if (request.held && !registry::is_ended(request.state))
    view.held = held_value(request, decides_on(caller, request.by));
  if (!copy.shown) return view;
  if (request.state == registry::RequestState::refused) view.reason = why_refused(log, request);
  if (request.state == registry::RequestState::expired) view.reason = request.why_expired;
  if (auto opening = log.opening(request.entry)) view.statement = std::move(opening->statement);
  return view;
}

bool may_see(const Caller& caller, const registry::Request& request) {
  return request.by == caller.person || caller.approver || caller.administrator || caller.auditor;
}

}  // namespace

bool may_read(const registry::Registry& registry, const registry::Request& request, const Caller& caller,
              Time now) {
  if (!request.parameters || request.by == caller.person) return true;
  const registry::Person* asking = registry.person(request.by);
  return asking != nullptr &&
         registry.has_role(caller.person, registry::Role::approver, asking->organisation, now);
}

std::vector<RequestView> Gate::requests(const Caller& caller, std::string_view state) const {
  const Time now = state_->recorder.now();
  const auto copies = state_->recorder.read([&](const registry::Registry& registry) {
    std::vector<Copy> found;
    const bool open =
        state == "pending" || state == "admitted" || state == "quarantined" || state == "released";
    for (const registry::Request* request : open ? registry.open_requests() : registry.requests()) {
      if (!state.empty() && registry::request_state_text(request->state) != state) continue;
      if (may_see(caller, *request)) found.push_back(copy_of(registry, *request, caller, now));
    }
    return found;
  });
  std::vector<RequestView> views;
  views.reserve(copies.size());
  for (const Copy& copy : copies) views.push_back(view_of(state_->recorder.log(), copy, caller));
  return views;
}

Result<RequestView> Gate::request(const Caller& caller, const Digest& digest) const {
  const Time now = state_->recorder.now();
  const auto copy = state_->recorder.read([&](const registry::Registry& registry) -> std::optional<Copy> {
    const registry::Request* request = registry.request(digest);
    if (request == nullptr || !may_see(caller, *request)) return std::nullopt;
    return copy_of(registry, *request, caller, now);
  });
  if (!copy)
    return Error{ErrorKind::not_found,
                 "looking for request " + to_hex(digest) + ": there is none that you may see"};
  RequestView view = view_of(state_->recorder.log(), *copy, caller);
  if (copy->request.state == registry::RequestState::pending ||
      copy->request.state == registry::RequestState::quarantined) {
    view.beside = state_->beside(copy->request, view.statement, caller);
  }
  return view;
}

std::string Gate::request_document(const RequestView& view) const {
  Object document{
      {"digest", view.digest}, {"evidence", view.evidence},   {"signers", statement::texts(view.signers)},
      {"state", view.state},   {"approvals", view.approvals}, {"needed", view.needed},
      {"index", view.index}};
  if (!view.statement.empty()) document.emplace("statement", to_base64(view.statement));
  if (!view.reason.empty()) document.emplace("reason", view.reason);
  if (!view.beside.empty()) document.emplace("beside", view.beside);
  if (!view.held.empty()) document.emplace("held", view.held);
  return statement::to_canonical(document);
}

Result<std::string> Gate::result_document(const Caller& caller, const Digest& digest) const {
  const auto index =
      state_->recorder.read([&](const registry::Registry& registry) -> std::optional<std::uint64_t> {
        const registry::Request* request = registry.request(digest);
        if (request == nullptr || !may_see(caller, *request)) return std::nullopt;
        return request->result;
      });
  if (!index)
    return Error{ErrorKind::not_found, "looking for the result of request " + to_hex(digest) +
                                           ": there is none yet: ask again when it has run"};
  auto opening = state_->recorder.log().opening(*index);
  if (!opening) return opening.error();
  auto receipt = receipt_object(*state_, *index, false);
  if (!receipt) return receipt.error().within("making the receipt");
  return statement::to_canonical(Object{{"statement", to_base64(opening->statement)},
                                        {"evidence", to_base64(opening->evidence)},
                                        {"index", *index},
                                        {"receipt", std::move(*receipt)}});
}

}  // namespace sceau::gate
