// One row an act. What has no row is an act that this gate does not do.
#include <algorithm>
#include <array>

#include "rules.h"

namespace sceau::registry {
namespace {

constexpr std::array<Rule, 34> kRules{{
    {"account.bind", check_account_bind, apply_account_bind},
    {"account.end", check_account_end, apply_account_end},
    {"approval", check_approval, apply_approval},
    {"authority.add", check_authority_add, apply_authority_add},
    {"crl.publish", check_crl_publish, apply_crl_publish},
    {"erasure", check_erasure, apply_erasure},
    {"export.release", check_release, apply_release},
    {"extraction.request", check_request, apply_request},
    {"extraction.result", check_result, apply_result, true},
    {"gate.enrol", check_gate_enrol, apply_gate_enrol},
    {"gate.rotate", check_gate_rotate, apply_gate_rotate},
    {"gate.summary", check_summary, apply_nothing, true},
    {"genesis", check_genesis, apply_genesis},
    {"login", check_login, apply_login},
    {"organisation.add", check_organisation_add, apply_organisation_add},
    {"person.add", check_person_add, apply_person_add},
    {"person.leave", check_person_leave, apply_person_leave},
    {"policy.set", check_policy_set, apply_policy_set},
    {"project.assign", check_project_assign, apply_project_assign},
    {"project.close", check_project_close, apply_project_close},
    {"project.open", check_project_open, apply_project_open},
    {"refusal", check_approval, apply_approval},
    {"review", check_review, apply_nothing},
    {"role.grant", check_role_grant, apply_role_grant},
    {"role.withdraw", check_role_withdraw, apply_role_withdraw},
    {"source.add", check_source_add, apply_source_add},
    {"token.enrol", check_token_enrol, apply_token_enrol},
    {"token.journal", check_token_journal, apply_token_journal},
    {"token.renew", check_token_renew, apply_token_renew},
    {"token.replace", check_token_replace, apply_token_replace},
    {"token.resume", check_token_state, apply_token_state},
    {"token.revoke", check_token_state, apply_token_state},
    {"token.suspend", check_token_state, apply_token_state},
    {"token.unblock", check_token_state, apply_token_state},
}};

}  // namespace

const Rule* find_rule(std::string_view type) {
  const auto* found = std::ranges::find(kRules, type, &Rule::type);
  return found == kRules.end() ? nullptr : found;
}

}  // namespace sceau::registry
