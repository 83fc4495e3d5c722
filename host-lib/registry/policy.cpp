// The policy: numbers that only two administrators change, within bounds that nobody does.
#include <algorithm>
#include <array>

#include "rules.h"
#include "sceau/registry/policy_file.h"

namespace sceau::registry {

using statement::Value;

namespace {

// Limits, how long openings are kept, and whose word is taken for hardware.
void read_limits_and_authorities(const Value& body, Policy& policy) {
  policy.recovery_k = int_of(body, "recovery_k");
  policy.time_limit = int_of(body, "time_limit");
  policy.row_limit = int_of(body, "row_limit");
  if (const Value* retention = body.find("retention_days"); retention != nullptr) {
    for (const char* retained : {"access", "extraction", "registry", "summary"}) {
      policy.retention_days[retained] = int_of(*retention, retained);
    }
  }
  for (const Value& item : array_of(body, "hardware_authorities")) {
    if (const auto digest = digest_from_hex(item.as_text())) policy.hardware_authorities.push_back(*digest);
  }
}

}  // namespace

Policy read_policy(const Value& body) {
  Policy policy;
  policy.minimum_people = int_of(body, "minimum_people");
  policy.dominance_percent = int_of(body, "dominance_percent");
  policy.request_window = int_of(body, "request_window");
  policy.after_age = int_of(body, "after_age");
  policy.decide_within = int_of(body, "decide_within");
  policy.session_seconds = int_of(body, "session_seconds");
  policy.approvals = int_of(body, "approvals");
  // Policies from before machines logged people in do not say it.
  if (body.contains("offline_seconds")) policy.offline_seconds = int_of(body, "offline_seconds");
  policy.clear_sign = body.contains("clear_sign") && int_of(body, "clear_sign") != 0;
  if (body.contains("rp_id")) policy.rp_id = text_of(body, "rp_id");
  policy.origins = texts_of(body, "origins");
  // What signs without a browser names the RP id itself; a gate tried on one's own machine has any port.
  policy.origins.push_back("https://" + policy.rp_id);
  if (policy.rp_id == "localhost") policy.origins.emplace_back("https://localhost:*");
  policy.refuse_counter_step_back =
      body.contains("counter_step_back") && text_of(body, "counter_step_back") == "refuse";
  const auto allows = [&body](const char* name) {
    return body.contains(name) && text_of(body, name) == "allow";
  };
  policy.fido_self_attestation = allows("fido_self_attestation");
  policy.u2f_import = allows("u2f_import");
  if (body.contains("fido_metadata")) policy.fido_metadata = digest_of(body, "fido_metadata");
  for (const Value& item : array_of(body, "attestation_roots")) {
    if (const auto digest = digest_from_hex(item.as_text())) policy.attestation_roots.push_back(*digest);
  }
  read_limits_and_authorities(body, policy);
  policy.canonical = statement::to_canonical_bytes(body);
  policy.digest = sha256(policy.canonical);
  return policy;
}

Status check_policy(const Policy& policy, bool single) {
  struct Bound {
    const char* name;
    std::int64_t value, least, most;
  };
  constexpr std::int64_t kAny = std::int64_t{1} << 53;
  // Floors of the design: 11 people (ATIH, ScanSanté), 85 % (n = 2), 15 minutes for a request.
  const std::array<Bound, 5> bounds{{{"minimum_people", policy.minimum_people, 11, kAny},
                                     {"dominance_percent", policy.dominance_percent, 1, 85},
                                     {"request_window", policy.request_window, 1, 900},
                                     {"approvals", policy.approvals, 1, kAny},
                                     {"recovery_k", policy.recovery_k, single ? 1 : 2, kAny}}};
  for (const Bound& bound : bounds) {
    if (bound.value < bound.least || bound.value > bound.most) {
      return refusal("policy's " + std::string(bound.name) + " is " + std::to_string(bound.value) +
                     ": it must be " + std::to_string(bound.least) + " or more" +
                     (bound.most == kAny ? "" : " and " + std::to_string(bound.most) + " or less"));
    }
  }
  return {};
}

// An authority whose key an administrator holds would certify what she likes: only an organisation's own can
// stand for hardware.
Status check_hardware_authorities(const Policy& policy, const std::map<Digest, Authority>& known) {
  for (const Digest& digest : policy.hardware_authorities) {
    const auto authority = known.find(digest);
    const std::string named = "policy's hardware_authorities names " + to_hex(digest) + ", ";
    if (authority == known.end()) {
      return refusal(named +
                     "which is no trusted authority: add it with authority.add first, then set the policy");
    }
    if (!authority->second.holder.empty()) {
      return refusal(named + "whose key is in the token of " + authority->second.holder +
                     ": list only authorities whose keys no person here holds");
    }
  }
  return {};
}

// What policy names of attestation is there and can be read.
Result<AttestationTrust> read_attestation_trust(const Policy& policy, const BlobSource& blob) {
  AttestationTrust trust;
  const Context context{0, 0, {}, blob};
  for (const Digest& digest : policy.attestation_roots) {
    auto root = certificate_blob(context, digest);
    if (!root) return root.error().within("policy's attestation_roots");
    trust.roots.push_back(std::move(*root));
  }
  if (!policy.fido_metadata) return trust;
  auto bytes = blob(*policy.fido_metadata);
  if (!bytes) return refusal("policy's fido_metadata was not sent along: " + bytes.error().message);
  auto metadata = evidence::read_fido_metadata(*bytes);
  if (!metadata) return metadata.error();
  trust.metadata = std::move(*metadata);
  return trust;
}

namespace {

// What file and statement both say is the same.
Status check_settings(const statement::Object& settings, const Value& body) {
  for (const auto& [name, value] : settings) {
    const Value* stated = body.find(name);
    if (value.is_object() && stated != nullptr && stated->is_object()) {
      if (auto same = check_settings(value.as_object(), *stated); !same) return same;
    } else if (stated == nullptr || *stated != value) {
      return refusal("the policy's file says another " + name +
                     " than the statement: set it with 'sceau policy set FILE'");
    }
  }
  return {};
}

}  // namespace

Status read_rules(Policy& policy, const Value& body, const BlobSource& blob) {
  if (!body.contains("rules")) return {};
  policy.rules_file = digest_of(body, "rules");
  auto text = blob(*policy.rules_file);
  if (!text) return refusal("the policy's file was not sent along: " + text.error().message);
  auto file = read_policy_file(as_text(*text));
  if (!file) return refusal(file.error().message);
  policy.rules = std::move(file->rules);
  return check_settings(file->settings, body);
}

// Metadata never goes back to an older file's, nor after policies that name none.
Result<Policy> check_candidate(const Registry::State& state, const Value& body, const Context& context) {
  Policy policy = read_policy(body);
  if (auto good = check_policy(policy, state.single); !good) return good.error();
  if (auto rules = read_rules(policy, body, context.blob); !rules) return rules.error();
  if (auto enough = check_approvers_exist(state, policy, context.now); !enough) return enough.error();
  auto trust = read_attestation_trust(policy, context.blob);
  if (!trust) return trust.error();
  if (trust->metadata && trust->metadata->number < state.newest_metadata)
    return refusal(
        "policy's fido_metadata is number " + std::to_string(trust->metadata->number) + ", and " +
        std::to_string(state.newest_metadata) +
        " is known here: a model that was withdrawn since would be trusted again: fetch the newest");
  if (auto known = check_hardware_authorities(policy, state.authorities); !known) return known.error();
  return policy;
}

Status check_policy_set(const Act& act) {
  if (auto powers = need_administrators(act, 2, kEverywhere); !powers) return powers;
  auto policy = check_candidate(act.state, *act.body().find("policy"), act.context);
  return policy ? Status{} : policy.error();
}

Status apply_attestation_trust(Registry::State& state, const BlobSource& blob) {
  auto trust = read_attestation_trust(state.policy, blob);
  if (!trust) return trust.error();
  state.attestation_roots = state.genesis_roots;
  for (pki::Certificate& root : trust->roots) state.attestation_roots.push_back(std::move(root));
  state.fido_metadata = std::move(trust->metadata);
  if (state.fido_metadata)
    state.newest_metadata = std::max(state.newest_metadata, state.fido_metadata->number);
  return {};
}

Status apply_policy_set(const Change& change) {
  const Value& body = *change.body().find("policy");
  Policy policy = read_policy(body);
  if (auto rules = read_rules(policy, body, change.blob); !rules) return rules;
  change.state.policy = std::move(policy);
  return apply_attestation_trust(change.state, change.blob);
}

}  // namespace sceau::registry
