// Ledgers with clear-sign keys, by the rules and against them.
#include "clear_token.h"
#include "story.h"

namespace sceau::test {
namespace {

void demand(World& world) {
  Object policy = World::policy_body();
  policy["clear_sign"] = 1;
  world.must("policy.set", {"ada", "bea"}, Object{{"policy", policy}});
}

Bytes request(World& world, const std::string& kind = "aggregate") {
  return world.write("extraction.request", "dora", world.request_body(kind));
}

Submitted ask(World& world, ClearToken& token, const std::string& kind = "aggregate") {
  const Bytes statement = request(world, kind);
  return world.submit(statement, token.use(statement));
}

Bytes approve(World& world, const Submitted& asked) {
  return world.write("approval", "carl", decision(asked));
}

// Asked and approved by tokens that show what they sign; one signature never came, and the journal tells.
void live_with_tokens_that_show(World& world) {
  ClearToken dora(world, "dora", "2001");
  ClearToken carl(world, "carl", "2002");
  demand(world);
  const auto asked = ask(world, dora, "individual");
  const Bytes approval = approve(world, asked);
  world.submit(approval, carl.use(approval, &asked));
  world.step(asked.digest(), registry::RequestState::admitted);
  run_to_delivery(world, asked);
  world.must("token.journal", {"dora"}, dora.journal());
  dora.use(request(world));
  ask(world, dora);
  world.must("token.journal", {"carl"}, dora.journal());
  world.submit("extraction.request", {"dora"}, world.request_body());  // refused: its key shows nothing
}

void admit_a_key_that_shows_nothing(World& world) {
  demand(world);
  force(world, "extraction.request", {"dora"}, world.request_body());
}

void admit_a_counter_twice(World& world) {
  const ClearToken dora(world, "dora", "2001");
  for (int i = 0; i < 2; ++i) {
    const Bytes statement = request(world);
    world.force("extraction.request", statement, dora.sign(statement, dora.stated(statement, 1)), "admitted");
  }
}

void admit_what_another_key_claims(World& world) {
  const ClearToken dora(world, "dora", "2001");
  const Bytes statement = request(world);
  world.force("extraction.request", statement,
              dora.sign(statement, dora.stated(statement, 1), &world.card("dora")), "admitted");
}

void admit_without_a_token_statement(World& world) {
  const ClearToken dora(world, "dora", "2001");
  const Bytes statement = request(world);
  world.force("extraction.request", statement, world.sign(statement, {&world.card("dora-clear")}),
              "admitted");
}

void admit_an_approval_of_evidence_that_was_not_shown(World& world) {
  ClearToken dora(world, "dora", "2001");
  const ClearToken carl(world, "carl", "2002");
  const auto asked = ask(world, dora, "individual");
  const Bytes approval = approve(world, asked);
  auto about = carl.stated(approval, 1, &asked);
  about.covers = sha256(as_bytes("other evidence"));
  world.force("approval", approval, carl.sign(approval, about), "admitted");
}

}  // namespace

std::vector<Story> stories_of_clear_sign_keys() {
  return {
      {"shown", false, live_with_tokens_that_show, {}},
      {"shown-nothing", true, admit_a_key_that_shows_nothing, {}},
      {"shown-counter-twice", true, admit_a_counter_twice, {}},
      {"shown-by-another-key", true, admit_what_another_key_claims, {}},
      {"shown-unstated", true, admit_without_a_token_statement, {}},
      {"shown-other-evidence", true, admit_an_approval_of_evidence_that_was_not_shown, {}},
  };
}

}  // namespace sceau::test
