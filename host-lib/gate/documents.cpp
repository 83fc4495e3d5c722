// What the gate shows of itself, the ledger and the registry: canonical JSON for its HTTP API.
#include <algorithm>

#include "documents.h"
#include "sceau/statement/schema.h"

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

}  // namespace

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
