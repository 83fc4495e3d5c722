// Gates that are dishonest, with a tree and checkpoints that are in order.
#include "story.h"

namespace sceau::test {
namespace {

using registry::RequestState;

void admit_one_byte_changed(World& world) {
  Bytes statement = world.write("extraction.request", "dora", world.request_body());
  const Bytes evidence = world.sign(statement, {&world.card("dora")});
  std::string changed = to_text(statement);
  changed.replace(changed.find("\"max_rows\":100"), 14, "\"max_rows\":900");
  world.force("extraction.request", to_bytes(changed), evidence, "admitted");
}

void admit_a_replay(World& world) {
  const auto first = world.must("extraction.request", {"dora"}, world.request_body());
  world.force("extraction.request", first.statement, first.evidence, "admitted");
}

void admit_the_expired(World& world) {
  Envelope envelope;
  envelope.at = world.clock.now() - 800;
  envelope.until = world.clock.now() - 10;
  force(world, "extraction.request", {"dora"}, world.request_body(), envelope);
}

void admit_another_tree(World& world) {
  Envelope envelope;
  envelope.after = statement::After{5, sha256(as_bytes("another tree"))};
  force(world, "extraction.request", {"dora"}, world.request_body(), envelope);
}

void admit_an_approvers_own(World& world) {
  world.must("role.grant", {"ada", "bea"},
             Object{{"person", "dora"},
                    {"role", "approver"},
                    {"organisation", "*"},
                    {"until", to_rfc3339(world.clock.now() + kDay)}});
  const auto asked = world.must("extraction.request", {"dora"}, world.request_body("individual"));
  force(world, "approval", {"dora"}, decision(asked));
  world.step(asked.digest(), RequestState::admitted);
}

void approve_after_the_revocation(World& world) {
  const auto asked = world.must("extraction.request", {"dora"}, world.request_body("individual"));
  revoke_dora(world);
  force(world, "approval", {"carl"}, decision(asked));
}

void send_after_the_revocation(World& world) {
  const auto asked = world.must("extraction.request", {"dora"}, world.request_body());
  world.step(asked.digest(), RequestState::running);
  revoke_dora(world);
  world.step(asked.digest(), RequestState::checked,
             {{"rows", 3}, {"bytes", 42}, {"sha256", sha256(as_bytes("rows"))}});
}

void admit_an_approval_of_other_evidence(World& world) {
  const auto asked = world.must("extraction.request", {"dora"}, world.request_body("individual"));
  Object body = decision(asked);
  body["evidence"] = sha256(as_bytes("another"));
  force(world, "approval", {"carl"}, body);
}

void admit_a_log_in_key(World& world) {
  const Bytes statement = world.write("extraction.request", "dora", world.request_body());
  world.force("extraction.request", statement,
              evidence::serialise({{world.login_signature(statement, world.card("dora"))}}), "admitted");
}

void admit_a_software_key(World& world) {
  Card card = world.make_card("dora", "9001");
  card.sign.key = pki::SoftwareKey::generate().value();
  card.sign.certificate = world.issue(card.sign.key, "dora", pki::KeyUse::sign);
  const Bytes statement = world.write("token.enrol", "dora", enrolment(world, card));
  world.force("token.enrol", statement, world.sign(statement, {&card, &world.card("bea")}), "admitted");
}

void admit_an_enrolment_by_the_issuer_alone(World& world) {
  const Card card = world.make_card("dora", "9001");
  const Bytes statement = world.write("token.enrol", "dora", enrolment(world, card));
  world.force("token.enrol", statement, world.sign(statement, {&card, &world.card("ada")}), "admitted");
}

void admit_a_certificate_for_logging_in(World& world) {
  Card card = world.make_card("dora", "9001");
  card.sign.certificate = world.issue(card.sign.key, "dora", pki::KeyUse::login);
  const Bytes statement = world.write("token.enrol", "dora", enrolment(world, card));
  world.force("token.enrol", statement, world.sign(statement, {&card, &world.card("bea")}), "admitted");
}

void deliver_what_nobody_asked_for(World& world) {
  const Bytes statement =
      world.write("extraction.result", "gate", world.result_body(sha256(as_bytes("x")), "delivered"));
  world.force("extraction.result", statement, world.sign_as_gate(statement), "admitted");
}

void deliver_other_rows(World& world) {
  const auto asked = world.must("extraction.request", {"dora"}, world.request_body());
  world.step(asked.digest(), RequestState::running);
  world.step(asked.digest(), RequestState::checked,
             {{"rows", 2}, {"bytes", 30}, {"sha256", sha256(as_bytes("fewer rows"))}});
  world.result(asked.digest(), "delivered");
}

void run_without_admission(World& world) {
  const auto asked = world.must("extraction.request", {"dora"}, world.request_body("individual"));
  world.step(asked.digest(), RequestState::running);
}

void set_policys_file(World& world, const std::string& rules) {
  const std::string file = "format = 1\n" + rules;
  Object policy = World::policy_body();
  policy["rules"] = world.put_blob(Bytes(file.begin(), file.end()));
  world.must("policy.set", {"ada", "bea"}, Object{{"policy", policy}});
}

void force_result(World& world, const Object& body) {
  const Bytes statement = world.write("extraction.result", "gate", body);
  world.force("extraction.result", statement, world.sign_as_gate(statement), "admitted");
}

void run_after_the_approver_lost_her_role(World& world) {
  const auto asked = approved_by_carl(world);
  withdraw_from_carl(world);
  run_to_delivery(world, asked);
}

void run_after_the_approvers_token_was_revoked(World& world) {
  const auto asked = approved_by_carl(world);
  world.must("token.revoke", {"bea"}, Object{{"serial", "1003"}, {"reason", "stolen"}});
  run_to_delivery(world, asked);
}

void admit_with_an_approval_that_lapsed(World& world) {
  const auto asked = world.must("extraction.request", {"dora"}, world.request_body("individual"));
  world.must("approval", {"carl"}, decision(asked));
  withdraw_from_carl(world);
  world.step(asked.digest(), RequestState::admitted);
}

void expire_what_may_still_begin(World& world) {
  const auto asked = approved_by_carl(world);
  world.must("token.suspend", {"bea"}, Object{{"serial", "1004"}, {"reason", "left in a train"}});
  world.clock.advance(2 * kDay);
  world.step(asked.digest(), RequestState::expired);
}

void ask_approvers_again_for_nothing(World& world) {
  const auto asked = approved_by_carl(world);
  world.step(asked.digest(), RequestState::pending);
}

void run_after_policy_wants_another_key(World& world) {
  const auto asked = world.must("extraction.request", {"dora"}, world.request_body("individual"));
  world.must("approval", {"carl"}, decision(asked));
  set_policys_file(world, "[keys]\nindividual = \"clear-sign\"\n");
  world.step(asked.digest(), RequestState::admitted);
}

void send_after_the_release_lapsed(World& world) {
  const auto asked = held(world);
  world.must("export.release", {"erik"}, release_of(asked));
  world.must("token.revoke", {"bea"}, Object{{"serial", "1005"}, {"reason", "stolen"}});
  check_rows(world, asked);
  force_result(world, world.result_body(asked.digest(), "delivered"));
}

void erase_too_early(World& world) {
  const auto delivered = world.deliver();
  world.clock.advance(300 * kDay);
  force(world, "erasure", {"ada", "bea"},
        Object{{"entries", Array{static_cast<std::int64_t>(delivered.index)}}, {"reason", "hide"}});
}

void erase_the_result_alone(World& world) {
  world.deliver();
  const auto result = static_cast<std::int64_t>(world.entries.size()) - 1;
  world.clock.advance(366 * kDay);
  force(world, "erasure", {"ada", "bea"}, Object{{"entries", Array{result}}, {"reason", "run it again"}});
}

void check_what_leaves_nothing(World& world) {
  const auto asked = begin_a_table(world);
  world.step(asked.digest(), RequestState::checked,
             {{"rows", 0}, {"bytes", 0}, {"sha256", sha256(ByteView{})}});
}

void erase_an_open_projects_table(World& world) {
  const auto made = make_a_table(world);
  world.clock.advance(366 * kDay);
  force(world, "erasure", {"ada", "bea"}, erasure_from(made));
}

void admit_another_realm(World& world) {
  Envelope envelope;
  envelope.realm = "elsewhere.example/log";
  force(world, "extraction.request", {"dora"}, world.request_body(), envelope);
}

void admit_who_is_no_agent(World& world) {
  force(world, "extraction.request", {"erik"}, world.request_body());
}

void admit_without_approval(World& world) {
  const auto asked = world.must("extraction.request", {"dora"}, world.request_body("individual"));
  world.step(asked.digest(), RequestState::admitted);
}

void admit_at_once(World& world) {
  force(world, "extraction.request", {"dora"}, world.request_body("individual"));
}

void admit_beyond_the_project(World& world) {
  Object body = world.request_body();
  body["max_rows"] = 5000;
  force(world, "extraction.request", {"dora"}, body);
}

// It is Monday.
void admit_on_a_closed_day(World& world) {
  set_policys_file(world,
                   "[hours]\nopen = [{ days = [\"tuesday\"], from = \"00:00\", until = \"24:00\" }]\n");
  force(world, "extraction.request", {"dora"}, world.request_body());
}

void admit_an_aggregate_that_policy_wants_approved(World& world) {
  set_policys_file(world, "[approvals.aggregate]\nneeded = 1\n");
  force(world, "extraction.request", {"dora"}, world.request_body());
}

void deliver_unreleased(World& world) {
  const auto asked = held(world);
  check_rows(world, asked);
  force_result(world, world.result_body(asked.digest(), "delivered"));
}

void release_by(World& world, const std::string& person) {
  const auto asked = held(world);
  world.must("role.grant", {"ada", "bea"},
             Object{{"person", "dora"},
                    {"role", "approver"},
                    {"organisation", "*"},
                    {"until", to_rfc3339(world.clock.now() + kDay)}});
  force(world, "export.release", {person}, release_of(asked));
  check_rows(world, asked);
  force_result(world, world.result_body(asked.digest(), "delivered"));
}

void release_other_rows(World& world) {
  const auto asked = held(world);
  Object body = release_of(asked);
  body["files"] =
      Array{Object{{"name", "asthma.csv"}, {"bytes", 42}, {"sha256", sha256(as_bytes("few rows"))}}};
  force(world, "export.release", {"erik"}, body);
}

void deliver_other_than_released(World& world) {
  const auto asked = held(world);
  world.must("export.release", {"erik"}, release_of(asked));
  world.step(asked.digest(), RequestState::checked,
             {{"rows", 3}, {"bytes", 43}, {"sha256", sha256(as_bytes("other"))}});
}

void release_too_late(World& world) {
  const auto asked = held(world);
  world.clock.advance(kDay);
  force(world, "export.release", {"erik"}, release_of(asked));
}

void release_the_refused(World& world) {
  const auto asked = held(world);
  Object body = decision(asked);
  body["reason"] = "narrow it";
  world.must("refusal", {"carl"}, body);
  force(world, "export.release", {"erik"}, release_of(asked));
}

void release_more_than_the_project_covers(World& world) {
  Object body = world.request_body();
  const auto asked = world.must("extraction.request", {"dora"}, body);
  world.step(asked.digest(), RequestState::running);
  world.step(
      asked.digest(), RequestState::quarantined,
      {{"rows", 1001}, {"bytes", 42}, {"sha256", sha256(as_bytes("rows"))}, {"reason", "too many rows"}});
  force(world, "export.release", {"carl"}, release_of(asked));
}

// Rows that it says were sent when the line broke, and that nobody released.
void send_out_of_quarantine(World& world) {
  const auto asked = held(world);
  Object body = world.result_body(asked.digest(), "interrupted");
  body["rows"] = 3;
  body["bytes"] = 42;
  force_result(world, body);
}

void deliver_a_few_people_unseen(World& world) {
  set_policys_file(world, "hold_few_people = true\n");
  const auto asked = world.must("extraction.request", {"dora"}, world.request_body("individual"));
  world.must("approval", {"carl"}, decision(asked));
  world.step(asked.digest(), RequestState::admitted);
  world.step(asked.digest(), RequestState::running);
  check_rows(world, asked);
  force_result(world, world.result_body(asked.digest(), "delivered"));
}

void refuse_a_stranger(World& world) {
  const Bytes statement = world.write("extraction.request", "dora", world.request_body());
  const Card stranger = world.make_card("dora", "6666");
  world.force("extraction.request", statement, world.sign(statement, {&stranger}), "refused");
}

}  // namespace

std::vector<Story> stories_of_dishonest_gates() {
  const auto asked_by = [](std::vector<std::string> people, const char* type, Object body) {
    return [=](World& world) { force(world, type, people, body); };
  };
  Object weak = World::policy_body();
  weak["approvals"] = 2;
  const std::string until = to_rfc3339(kBegin + 30 * kDay);
  const auto request = [](World& world) {
    force(world, "extraction.request", {"dora"}, world.request_body());
  };
  return {
      {"one-byte-changed", true, admit_one_byte_changed, {}},
      {"replayed", true, admit_a_replay, {}},
      {"expired", true, admit_the_expired, {}},
      {"other-realm", true, admit_another_realm, {}},
      {"other-tree", true, admit_another_tree, {}},
      {"revoked-token", true, [request](World& world) { revoke_dora(world), request(world); }, {}},
      {"no-agent", true, admit_who_is_no_agent, {}},
      {"no-approval", true, admit_without_approval, {}},
      {"admitted-at-once", true, admit_at_once, {}},
      {"approved-her-own", true, admit_an_approvers_own, {}},
      {"approved-other-evidence", true, admit_an_approval_of_other_evidence, {}},
      {"approved-after-revocation", true, approve_after_the_revocation, {}},
      {"sent-after-revocation", true, send_after_the_revocation, {}},
      {"log-in-key", true, admit_a_log_in_key, {}},
      {"software-key", true, admit_a_software_key, {}},
      {"issuer-alone", true, admit_an_enrolment_by_the_issuer_alone, {}},
      {"certificate-not-for-signing", true, admit_a_certificate_for_logging_in, {}},
      {"policy-by-one", true, asked_by({"ada"}, "policy.set", Object{{"policy", weak}}), {}},
      {"approver-by-one",
       true,
       asked_by({"ada"}, "role.grant",
                Object{{"person", "erik"}, {"role", "approver"}, {"organisation", "*"}, {"until", until}}),
       {}},
      {"granted-herself",
       true,
       asked_by({"ada"}, "role.grant",
                Object{{"person", "ada"}, {"role", "agent"}, {"organisation", "*"}, {"until", until}}),
       {}},
      {"result-of-nothing", true, deliver_what_nobody_asked_for, {}},
      {"other-rows", true, deliver_other_rows, {}},
      {"ran-unadmitted", true, run_without_admission, {}},
      {"ran-without-its-approver", true, run_after_the_approver_lost_her_role, {}},
      {"ran-with-a-revoked-approval", true, run_after_the_approvers_token_was_revoked, {}},
      {"admitted-by-a-lapsed-approval", true, admit_with_an_approval_that_lapsed, {}},
      {"expired-and-may-begin", true, expire_what_may_still_begin, {}},
      {"asked-approvers-again", true, ask_approvers_again_for_nothing, {}},
      {"approved-by-another-sort-of-key", true, run_after_policy_wants_another_key, {}},
      {"sent-after-its-release-lapsed", true, send_after_the_release_lapsed, {}},
      {"erased-too-early", true, erase_too_early, {}},
      {"erased-an-open-projects-table", true, erase_an_open_projects_table, {}},
      {"checked-a-script", true, check_what_leaves_nothing, {}},
      {"erased-the-result-alone", true, erase_the_result_alone, {}},
      {"beyond-the-project", true, admit_beyond_the_project, {}},
      {"closed-day", true, admit_on_a_closed_day, {}},
      {"aggregate-unapproved", true, admit_an_aggregate_that_policy_wants_approved, {}},
      {"delivered-unreleased", true, deliver_unreleased, {}},
      {"released-by-the-approver", true, [](World& world) { release_by(world, "carl"); }, {}},
      {"released-by-the-requester", true, [](World& world) { release_by(world, "dora"); }, {}},
      {"released-by-no-approver", true, [](World& world) { release_by(world, "bea"); }, {}},
      {"released-other-rows", true, release_other_rows, {}},
      {"delivered-other-than-released", true, deliver_other_than_released, {}},
      {"released-too-late", true, release_too_late, {}},
      {"released-the-refused", true, release_the_refused, {}},
      {"released-beyond-the-project", true, release_more_than_the_project_covers, {}},
      {"sent-out-of-quarantine", true, send_out_of_quarantine, {}},
      {"a-few-people-unseen", true, deliver_a_few_people_unseen, {}},
      {"refused-a-stranger", true, refuse_a_stranger, {}},
  };
}

}  // namespace sceau::test
