// Ledgers in order.
#include "cohort.h"
#include "other_maker.h"
#include "story.h"

namespace sceau::test {
namespace {

using registry::RequestState;

void nothing(World& /*world*/) {}

void live_with_a_renewal(World& world) {
  const Card card = world.make_card("dora", "1004");
  const Bytes statement = world.write("token.renew", "dora", enrolment(world, card));
  world.submit(statement, world.sign(statement, {&card, &world.card("dora")}));
  const Bytes request = world.write("extraction.request", "dora", world.request_body());
  world.submit(request, world.sign(request, {&card}));
}

void live_with_refusals(World& world) {
  const auto first = world.must("extraction.request", {"dora"}, world.request_body());
  world.submit(first.statement, first.evidence);
  world.submit("extraction.request", {"erik"}, world.request_body());
  revoke_dora(world);
  world.submit("extraction.request", {"dora"}, world.request_body());
}

void live_with_a_refusal_and_an_expiry(World& world) {
  const auto first = world.must("extraction.request", {"dora"}, world.request_body("individual"));
  Object body = decision(first);
  body["reason"] = "too wide";
  world.must("refusal", {"carl"}, body);
  const auto second = world.must("extraction.request", {"dora"}, world.request_body("individual"));
  world.clock.advance(kDay);
  world.step(second.digest(), RequestState::expired);
}

void live_with_a_new_policy(World& world) {
  Object policy = World::policy_body();
  policy["approvals"] = 2;
  policy["request_window"] = 600;
  world.must("policy.set", {"ada", "bea"}, Object{{"policy", policy}});
  world.must("role.grant", {"ada", "bea"},
             Object{{"person", "erik"},
                    {"role", "approver"},
                    {"organisation", "*"},
                    {"until", to_rfc3339(world.clock.now() + kDay)}});
  Envelope envelope;
  envelope.until = world.clock.now() + 600;
  const auto asked = world.submit("extraction.request", {"dora"}, world.request_body("individual"), envelope);
  world.must("approval", {"carl"}, decision(asked));
  world.must("approval", {"erik"}, decision(asked));
  world.step(asked.digest(), RequestState::admitted);
  run_to_delivery(world, asked);
}

void live_with_a_new_list(World& world) {
  const Bytes crl = world.crl(kBegin + 2000 * kDay, 2, {*world.card("erik").sign.certificate});
  world.put_blob(crl);
  world.must("crl.publish", {"ada"},
             Object{{"authority", world.authority->digest()}, {"crl", sha256(crl)}, {"number", 2}});
  world.deliver();
}

void live_with_a_login_and_a_summary(World& world) {
  const Bytes login = world.write("login", "dora", Object{{"audience", "gate"}});
  world.submit(login, evidence::serialise({{world.login_signature(login, world.card("dora"))}}));
  const std::string now = to_rfc3339(world.clock.now());
  const Bytes summary = world.write(
      "gate.summary", "gate",
      Object{
          {"from", now}, {"until", now}, {"counts", Array{Object{{"reason", "malformed"}, {"count", 2}}}}});
  world.submit(summary, world.sign_as_gate(summary));
}

// Policy's file asks for approvals of aggregates, in hours; a project's rows are approved in advance.
void live_with_a_policys_file(World& world) {
  const std::string file =
      "format = 1\nminimum_people = 11\n[approvals.aggregate]\nneeded = 1\nby = "
      "[\"carl\"]\n[keys]\nindividual = "
      "\"card\"\n[hours]\noffset = \"+02:00\"\nopen = [{ days = [\"monday\"], from = \"16:00\", until = "
      "\"17:00\" }]\n";
  Object policy = World::policy_body();
  policy["rules"] = world.put_blob(Bytes(file.begin(), file.end()));
  world.must("policy.set", {"ada", "bea"}, Object{{"policy", policy}});
  const auto asked = world.submit("extraction.request", {"dora"}, world.request_body());
  world.must("approval", {"carl"}, decision(asked));
  world.step(asked.digest(), RequestState::admitted);
  run_to_delivery(world, asked);
  open_cohort(world, "carl", world.clock.now() + 300 * kDay);
  Object body = world.request_body("individual");
  body["project"] = "cohort";
  run_to_delivery(world, world.must("extraction.request", {"dora"}, body));
}

// dora logs in to a laptop, and what she signed comes two days later.
void live_with_a_laptop(World& world) {
  const Object account{{"account", "dora"}, {"host", "laptop-12"}, {"person", "dora"}};
  Object body = account;
  body["until"] = to_rfc3339(world.clock.now() + 300 * kDay);
  world.must("account.bind", {"ada"}, body);
  const Bytes login =
      world.write("login", "dora", Object{{"audience", "host:laptop-12"}, {"account", "dora"}});
  const Bytes evidence = evidence::serialise({{world.login_signature(login, world.card("dora"))}});
  world.clock.advance(2 * kDay);
  world.submit(login, evidence);
  Object end = account;
  end["reason"] = "the laptop was stolen";
  world.must("account.end", {"bea"}, end);
  world.must("account.bind", {"ada"}, body);
}

void live_with_people_who_leave(World& world) {
  world.must("token.suspend", {"bea"}, Object{{"serial", "1005"}, {"reason", "left in a train"}});
  world.must("token.resume", {"ada", "bea"}, Object{{"serial", "1005"}, {"reason", "found"}});
  world.must("role.withdraw", {"ada"}, Object{{"person", "dora"}, {"role", "agent"}, {"reason", "review"}});
  world.must("person.leave", {"bea"}, Object{{"person", "dora"}, {"reason", "retired"}});
  world.must("project.close", {"bea"}, Object{{"project", "asthma"}, {"reason", "done"}});
}

// A card of another maker, while policy believes its authority; what it signs later counts all the same.
void live_with_another_makers_card(World& world) {
  const OtherMaker maker(world);
  maker.trust();
  maker.list();
  const Card card = maker.make_card("dora", "CPS 7");
  const Bytes statement = world.write("token.enrol", "dora", maker.enrolment(card));
  world.submit(statement, world.sign(statement, {&card, &world.card("bea")}));
  world.must("policy.set", {"ada", "bea"}, Object{{"policy", World::policy_body()}});
  const Bytes request = world.write("extraction.request", "dora", world.request_body());
  world.submit(request, world.sign(request, {&card}));
}

// Approvals lapse: the request waits for another, or for a token that was found again.
void live_with_lapsed_approvals(World& world) {
  const auto first = approved_by_carl(world), second = approved_by_carl(world);
  world.must("token.suspend", {"bea"}, Object{{"serial", "1003"}, {"reason", "left in a train"}});
  world.must("token.resume", {"ada", "bea"}, Object{{"serial", "1003"}, {"reason", "found"}});
  run_to_delivery(world, first);
  let_erik_approve(world);
  world.must("token.revoke", {"bea"}, Object{{"serial", "1003"}, {"reason", "lost"}});
  world.step(second.digest(), RequestState::pending, {{"reason", "carl's approval counts no more"}});
  world.must("approval", {"erik"}, decision(second));
  world.step(second.digest(), RequestState::admitted);
  run_to_delivery(world, second);
}

// What carl approved in advance lasts beyond his token.
void live_with_a_lost_token_of_a_projects_approver(World& world) {
  open_cohort(world, "carl", world.clock.now() + 300 * kDay);
  world.must("token.revoke", {"bea"}, Object{{"serial", "1003"}, {"reason", "lost"}});
  Object body = world.request_body("individual");
  body["project"] = "cohort";
  run_to_delivery(world, world.must("extraction.request", {"dora"}, body));
}

void live_with_what_nobody_may_begin(World& world) {
  const auto asked = approved_by_carl(world);
  world.must("role.withdraw", {"ada"}, Object{{"person", "dora"}, {"role", "agent"}, {"reason", "review"}});
  world.step(asked.digest(), RequestState::expired, {{"reason", "dora is no agent any more"}});
}

void live_until_erasure(World& world) {
  const auto delivered = world.deliver("individual");
  Array entries;
  for (std::size_t i = delivered.index; i < world.entries.size(); ++i) entries.emplace_back(i);
  world.clock.advance(366 * kDay);
  world.must("erasure", {"ada", "bea"}, Object{{"entries", entries}, {"reason", "term"}});
}

// Answers in quarantine: one is released and delivered, one refused, one nobody decides on, one nobody
// fetches.
void live_with_quarantine(World& world) {
  const auto first = held(world);
  world.must("export.release", {"erik"}, release_of(first));
  check_rows(world, first);
  world.result(first.digest(), "delivered");
  const auto second = held(world);
  Object body = decision(second);
  body["reason"] = "narrow it";
  world.must("refusal", {"carl"}, body);
  world.result(second.digest(), "refused");
  const auto third = held(world), fourth = held(world);
  world.clock.advance(kDay - 1);
  world.must("export.release", {"erik"}, release_of(fourth));
  world.clock.advance(1);
  world.step(third.digest(), RequestState::expired);
  world.clock.advance(kDay - 1);
  world.step(fourth.digest(), RequestState::expired);
}

void live_with_an_interruption(World& world) {
  const auto asked = world.must("extraction.request", {"dora"}, world.request_body());
  world.step(asked.digest(), RequestState::running);
  world.result(asked.digest(), "interrupted");
  const auto second = world.must("extraction.request", {"dora"}, world.request_body());
  world.result(second.digest(), "refused");
}

}  // namespace

std::vector<Story> stories_in_order() {
  const auto forget_table = [](World& world) {
    const auto made = make_a_table(world);
    world.clock.advance(366 * kDay);
    const Object erasure = erasure_from(made);
    world.must("project.close", {"ada"}, Object{{"project", "tables"}, {"reason", "done"}});
    world.must("erasure", {"ada", "bea"}, erasure);
  };
  const auto erase_table = [](StoredLedger& ledger, const World& world) {
    ledger.run("DELETE FROM opening WHERE idx >= " + std::to_string(world.entries.size() - 5) +
               " AND idx < " + std::to_string(world.entries.size() - 2));
  };
  const auto erase = [](StoredLedger& ledger, const World& world) {
    ledger.run("DELETE FROM opening WHERE idx >= " + std::to_string(world.entries.size() - 7) +
               " AND idx < " + std::to_string(world.entries.size() - 1));
  };
  return {
      {"beginning", false, nothing, {}},
      {"aggregate", false, [](World& world) { world.deliver(); }, {}},
      {"individual", false, [](World& world) { world.deliver("individual"); }, {}},
      {"renewal", false, live_with_a_renewal, {}},
      {"refusals", false, live_with_refusals, {}},
      {"refused-and-expired", false, live_with_a_refusal_and_an_expiry, {}},
      {"new-policy", false, live_with_a_new_policy, {}},
      {"new-list", false, live_with_a_new_list, {}},
      {"login-and-summary", false, live_with_a_login_and_a_summary, {}},
      {"laptop", false, live_with_a_laptop, {}},
      {"leaving", false, live_with_people_who_leave, {}},
      {"another-makers-card", false, live_with_another_makers_card, {}},
      {"policys-file", false, live_with_a_policys_file, {}},
      {"quarantine", false, live_with_quarantine, {}},
      {"expired-unbegun", false, live_with_what_nobody_may_begin, {}},
      {"approvals-lapsed", false, live_with_lapsed_approvals, {}},
      {"advance-token-lost", false, live_with_a_lost_token_of_a_projects_approver, {}},
      {"interrupted", false, live_with_an_interruption, {}},
      {"erased", false, live_until_erasure, erase},
      {"table-made", false, [](World& world) { make_a_table(world); }, {}},
      {"table-erased", false, forget_table, erase_table},
  };
}

}  // namespace sceau::test
