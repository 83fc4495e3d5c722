// What the gate shows: canonical JSON for its HTTP API.
#include <algorithm>

#include "sceau/statement/schema.h"
#include "state.h"

namespace sceau::gate {
namespace {

using statement::Array;
using statement::Object;
using statement::Value;

Error not_found(const std::string& what) { return {ErrorKind::not_found, what}; }

Value time_value(Time time) { return to_rfc3339(time); }

Array names(const std::vector<std::string>& items) { return statement::texts(items); }

Value policy_value(const registry::Policy& policy) {
  auto parsed = statement::parse_canonical(policy.canonical);
  return parsed ? std::move(*parsed) : Value(Object{});
}

Value person_value(const registry::Person& person, Time now) {
  Array roles;
  for (const registry::RoleGrant& grant : person.roles) {
    roles.emplace_back(Object{{"role", registry::role_text(grant.role)},
                              {"organisation", grant.organisation},
                              {"until", time_value(grant.until)}});
  }
  const bool active = !person.left && now < person.until;
  return Object{{"person", person.id},
                {"name", person.name},
                {"organisation", person.organisation},
                {"engagement", person.engagement},
                {"until", time_value(person.until)},
                {"active", active},
                {"roles", std::move(roles)}};
}

Value token_value(const registry::Registry& registry, const registry::Token& token) {
  Array keys;
  for (const registry::TokenKey& key : token.keys) {
    Object one{{"use", registry::key_purpose_text(key.purpose)}, {"slot", key.slot}};
    if (key.certificate) one.emplace("certificate", *key.certificate);
    if (!key.credential.empty()) {
      one.emplace("credential", to_base64(key.credential));
      one.emplace("public_key", to_base64(key.public_key));
    }
    keys.emplace_back(std::move(one));
  }
  Array shares;
  for (const registry::EscrowShare& share : token.shares) {
    shares.emplace_back(Object{{"to", share.to}, {"index", share.index}, {"sealed", share.sealed}});
  }
  return Object{{"attestation", registry.attestation_text(token)},
                {"serial", token.serial},
                {"person", token.person},
                {"state", registry::token_state_text(token.state)},
                {"entry", token.entry},
                {"keys", std::move(keys)},
                {"escrow", Object{{"k", token.recovery_k}, {"shares", std::move(shares)}}}};
}

Value project_value(const registry::Project& project) {
  Array people;
  for (const auto& [person, until] : project.people) {
    people.emplace_back(Object{{"person", person}, {"until", time_value(until)}});
  }
  return Object{{"project", project.id},
                {"title", project.title},
                {"organisation", project.organisation},
                {"sources", names(project.sources)},
                {"kinds", names(project.kinds)},
                {"from", time_value(project.from)},
                {"until", time_value(project.until)},
                {"max_rows", project.max_rows},
                {"closed", project.closed},
                {"columns", names(project.columns)},
                {"approvals", project.approvals},
                {"people", std::move(people)}};
}

Array role_values(const registry::Registry& registry) {
  Array roles;
  for (const registry::Person* person : registry.people()) {
    for (const registry::RoleGrant& grant : person->roles) {
      roles.emplace_back(Object{{"person", person->id},
                                {"role", registry::role_text(grant.role)},
                                {"organisation", grant.organisation},
                                {"until", time_value(grant.until)}});
    }
  }
  return roles;
}

Result<Array> list_of(const registry::Registry& registry, std::string_view kind, Time now) {
  Array items;
  if (kind == "organisations") {
    for (const auto& one : registry.organisations()) {
      items.emplace_back(Object{{"organisation", one.id}, {"name", one.name}});
    }
  } else if (kind == "people") {
    for (const auto* one : registry.people()) items.push_back(person_value(*one, now));
  } else if (kind == "tokens") {
    for (const auto& one : registry.tokens()) items.push_back(token_value(registry, one));
  } else if (kind == "roles") {
    items = role_values(registry);
  } else if (kind == "projects") {
    for (const auto* one : registry.projects()) items.push_back(project_value(*one));
  } else if (kind == "accounts") {
    for (const auto& one : registry.accounts()) {
      items.emplace_back(Object{{"host", one.host},
                                {"account", one.account},
                                {"person", one.person},
                                {"until", time_value(one.until)}});
    }
  } else if (kind == "sources") {
    for (const auto& one : registry.sources()) {
      items.emplace_back(Object{{"source", one.id}, {"engine", one.engine}, {"catalogue", one.catalogue}});
    }
  } else {
    return not_found(
        "listing the registry: it has organisations, people, tokens, roles, projects, accounts and sources");
  }
  return items;
}

// The certificates of authorities and gates: what a path ends in.
std::vector<Digest> anchors(const registry::Registry& registry) {
  std::vector<Digest> digests;
  for (const auto& authority : registry.authorities()) digests.push_back(authority.certificate);
  for (const auto& gate : registry.gates()) digests.push_back(gate.certificate);
  return digests;
}

// `whole`: a sealed statement as well, for whoever sent it or may see it.
Result<Object> receipt_object(const Gate::State& state, std::uint64_t index, bool whole) {
  const ledger::Ledger& log = state.recorder.log();
  auto receipt = log.receipt(index);
  if (!receipt) return receipt.error();
  Object object{{"proof", ledger::write_proof(receipt->proof)},
                {"leaf", to_base64(receipt->leaf)},
                {"log", state.keys.checkpoint.vkey()}};
  std::set<Digest> wanted;
  if (receipt->opening) {
    object.emplace("salt", to_base64(receipt->opening->salt));
    const bool hidden = !receipt->opening->sealed.empty() && !whole;
    object.emplace(hidden ? "sealed" : "statement",
                   to_base64(hidden ? receipt->opening->sealed : receipt->opening->statement));
    object.emplace("evidence", to_base64(receipt->opening->evidence));
    object.emplace("verdict", to_base64(receipt->opening->verdict));
    if (auto verdict = registry::parse_verdict(receipt->opening->verdict)) {
      wanted.insert(verdict->crls.begin(), verdict->crls.end());
    }
  }
  const auto roots =
      state.recorder.read([](const registry::Registry& registry) { return anchors(registry); });
  wanted.insert(roots.begin(), roots.end());
  Array blobs;
  for (const Digest& digest : wanted) {
    auto blob = log.blob(digest);
    if (!blob) return blob.error();
    blobs.emplace_back(to_base64(*blob));
  }
  object.emplace("blobs", std::move(blobs));
  return object;
}

// A request as the registry has it, copied, so that the ledger is read without holding the registry.
struct Copy {
  registry::Request request;
  std::int64_t needed = 0;
  bool shown = true;  // its statement, to this caller
};

// Whom parameters mean is for her who asks and for those who may decide.
bool may_read(const registry::Registry& registry, const registry::Request& request, const Caller& caller,
              Time now) {
  if (!request.parameters || request.by == caller.person) return true;
  const registry::Person* asking = registry.person(request.by);
  return asking != nullptr &&
         registry.has_role(caller.person, registry::Role::approver, asking->organisation, now);
}

Copy copy_of(const registry::Registry& registry, const registry::Request& request, const Caller& caller,
             Time now) {
  return {request,
          static_cast<std::int64_t>(request.approvals.size()) +
              std::max<std::int64_t>(0, registry.approvals_needed(request)),
          may_read(registry, request, caller, now)};
}

// Figures and digest are for those who decide: to her who waits for the rows they would tell of them.
Object held_value(const registry::Request& request, bool decides) {
  Object held{{"at", time_value(request.held->at)},
              {"name", request.name},
              {"reason", request.held->reason},
              {"until", time_value(request.decide_by)}};
  if (decides) {
    held.emplace("bytes", request.held->bytes);
    held.emplace("rows", request.held->rows);
    held.emplace("sha256", request.held->sha256);
  }
  if (request.release) held.emplace("released_by", request.release->person);
  return held;
}

RequestView view_of(const ledger::Ledger& log, const Copy& copy, const Caller& caller) {
  const registry::Request& request = copy.request;
  RequestView view;
  view.digest = request.digest;
  view.evidence = request.evidence;
  view.state = registry::request_state_text(request.state);
  view.approvals = static_cast<std::int64_t>(request.approvals.size());
  view.needed = copy.needed;
  view.index = request.entry;
  view.signers = {request.by};
  for (const registry::Decided& approval : request.approvals) view.signers.push_back(approval.person);
  if (request.held && !registry::is_ended(request.state))
    view.held = held_value(request, decides_on(caller, request.by));
  if (!copy.shown) return view;
  if (auto opening = log.opening(request.entry)) view.statement = std::move(opening->statement);
  return view;
}

bool may_see(const Caller& caller, const registry::Request& request) {
  return request.by == caller.person || caller.approver || caller.administrator || caller.auditor;
}

// Statement, evidence and index of a request's result, and its entry.
Result<std::pair<std::uint64_t, Object>> result_object(const Gate::State& state, const Caller& caller,
                                                       const Digest& digest) {
  const auto index =
      state.recorder.read([&](const registry::Registry& registry) -> std::optional<std::uint64_t> {
        const registry::Request* request = registry.request(digest);
        if (request == nullptr || !may_see(caller, *request)) return std::nullopt;
        return request->result;
      });
  if (!index) return not_found("looking for the result of request " + to_hex(digest) + ": there is none yet");
  auto opening = state.recorder.log().opening(*index);
  if (!opening) return opening.error();
  return std::pair{*index, Object{{"statement", to_base64(opening->statement)},
                                  {"evidence", to_base64(opening->evidence)},
                                  {"index", *index}}};
}

}  // namespace

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
  if (!copy) return not_found("looking for request " + to_hex(digest) + ": there is none that you may see");
  RequestView view = view_of(state_->recorder.log(), *copy, caller);
  if (copy->request.state == registry::RequestState::pending ||
      copy->request.state == registry::RequestState::quarantined) {
    view.beside = state_->beside(copy->request, view.statement, decides_on(caller, copy->request.by));
  }
  return view;
}

Result<std::string> Gate::state_document() const {
  auto checkpoint = state_->recorder.log().checkpoint();
  if (!checkpoint) return checkpoint.error();
  const Time now = state_->recorder.now();
  Object document{{"realm", state_->config.realm},
                  {"gate", state_->config.gate},
                  {"version", state_->options.version},
                  {"checkpoint", *checkpoint},
                  {"log", state_->keys.checkpoint.vkey()},
                  {"certificate", state_->keys.certificate.digest()},
                  {"time", time_value(now)}};
  std::optional<Digest> policy_file;
  state_->recorder.read([&](const registry::Registry& registry) {
    policy_file = registry.policy().rules_file;
    Array recovery, authorities;
    for (const registry::RecoveryKey& key : registry.recovery_keys(now)) {
      recovery.emplace_back(
          Object{{"person", key.person}, {"serial", key.serial}, {"public_key", to_base64(key.public_key)}});
    }
    for (const registry::Authority& authority : registry.authorities()) {
      authorities.emplace_back(Object{{"certificate", authority.certificate},
                                      {"holder", authority.holder},
                                      {"crl", authority.crl},
                                      {"number", authority.crl_number}});
    }
    document.emplace("policy", policy_value(registry.policy()));
    document.emplace("recovery", std::move(recovery));
    document.emplace("authorities", std::move(authorities));
    document.emplace("single", registry.single());
  });
  if (policy_file) {
    auto file = state_->recorder.log().blob(*policy_file);
    if (!file) return file.error().within("reading the policy's file");
    document.emplace("policy_file", to_base64(*file));
  }
  return statement::to_canonical(document);
}

std::string Gate::request_document(const RequestView& view) const {
  Object document{{"digest", view.digest}, {"evidence", view.evidence},   {"signers", names(view.signers)},
                  {"state", view.state},   {"approvals", view.approvals}, {"needed", view.needed},
                  {"index", view.index}};
  if (!view.statement.empty()) document.emplace("statement", to_base64(view.statement));
  if (!view.reason.empty()) document.emplace("reason", view.reason);
  if (!view.beside.empty()) document.emplace("beside", view.beside);
  if (!view.held.empty()) document.emplace("held", view.held);
  return statement::to_canonical(document);
}

Result<std::string> Gate::receipt_document_at(std::uint64_t index) const {
  auto receipt = receipt_object(*state_, index, true);
  if (!receipt) return receipt.error().within("making the receipt");
  return statement::to_canonical(*receipt);
}

Result<std::string> Gate::receipt_document(const Digest& statement, const Caller* caller) const {
  const auto index = state_->recorder.find(statement);
  if (!index) {
    return not_found("looking for a receipt: no entry has the statement " + to_hex(statement));
  }
  const Time now = state_->recorder.now();
  const bool whole = caller != nullptr && state_->recorder.read([&](const registry::Registry& registry) {
    const registry::Request* request = registry.request(statement);
    return request != nullptr && may_read(registry, *request, *caller, now);
  });
  auto receipt = receipt_object(*state_, *index, whole);
  if (!receipt) return receipt.error().within("making the receipt");
  return statement::to_canonical(*receipt);
}

Result<std::string> Gate::result_document(const Caller& caller, const Digest& digest) const {
  auto result = result_object(*state_, caller, digest);
  if (!result) return result.error();
  auto receipt = receipt_object(*state_, result->first, false);
  if (!receipt) return receipt.error().within("making the receipt");
  result->second.emplace("receipt", std::move(*receipt));
  return statement::to_canonical(std::move(result->second));
}

Result<std::string> Gate::signed_result_document(const Caller& caller, const Digest& digest) const {
  auto result = result_object(*state_, caller, digest);
  if (!result) return result.error();
  return statement::to_canonical(std::move(result->second));
}

Result<std::string> Gate::registry_document(std::string_view kind) const {
  const Time now = state_->recorder.now();
  auto items =
      state_->recorder.read([&](const registry::Registry& registry) { return list_of(registry, kind, now); });
  if (!items) return items.error();
  return statement::to_canonical(Object{{std::string(kind), std::move(*items)}});
}

Result<std::string> Gate::opening_document(const Caller& caller, std::uint64_t index) const {
  if (caller.reads_only) return reads_only("reading an opening");
  if (!caller.auditor) {
    return Error{ErrorKind::refused, "reading an opening: " + caller.person + " is no auditor"};
  }
  auto opening = state_->recorder.log().opening(index);
  if (!opening) return opening.error();
  const Bytes& kept = opening->sealed.empty() ? opening->statement : opening->sealed;
  return statement::to_canonical(Object{{"salt", to_base64(opening->salt)},
                                        {"statement", to_base64(kept)},
                                        {"evidence", to_base64(opening->evidence)},
                                        {"verdict", to_base64(opening->verdict)}});
}

Result<std::string> Gate::trust_document() const {
  return state_->recorder.read([](const registry::Registry& registry) { return registry.trust().to_pem(); });
}

}  // namespace sceau::gate
