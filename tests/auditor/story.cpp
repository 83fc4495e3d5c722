#include "story.h"

namespace sceau::test {

using registry::RequestState;

Object decision(const Submitted& about) {
  return {{"request", about.digest()}, {"evidence", about.evidence_digest()}};
}

void force(World& world, const std::string& type, const std::vector<std::string>& people, Value body,
           const Envelope& envelope, const char* state) {
  const Bytes statement = world.write(type, people.front(), std::move(body), envelope);
  std::vector<const Card*> signers;
  for (const std::string& person : people) signers.push_back(&world.card(person));
  world.force(type, statement, world.sign(statement, signers), state);
}

void run_to_delivery(World& world, const Submitted& asked) {
  world.step(asked.digest(), RequestState::running);
  world.step(asked.digest(), RequestState::checked,
             {{"rows", 3}, {"bytes", 42}, {"sha256", sha256(as_bytes("rows"))}});
  world.result(asked.digest(), "delivered");
}

void let_erik_approve(World& world) {
  world.must("role.grant", {"ada", "bea"},
             Object{{"person", "erik"},
                    {"role", "approver"},
                    {"organisation", "*"},
                    {"until", to_rfc3339(world.clock.now() + 30 * kDay)}});
}

Submitted approved_by_carl(World& world) {
  auto asked = world.must("extraction.request", {"dora"}, world.request_body("individual"));
  world.must("approval", {"carl"}, decision(asked));
  world.step(asked.digest(), RequestState::admitted);
  return asked;
}

void withdraw_from_carl(World& world) {
  world.must("role.withdraw", {"ada", "bea"},
             Object{{"person", "carl"}, {"role", "approver"}, {"reason", "moves on"}});
}

Submitted held(World& world) {
  let_erik_approve(world);
  Object body = world.request_body("individual");
  body["max_rows"] = 2;
  const auto asked = world.must("extraction.request", {"dora"}, body);
  world.must("approval", {"carl"}, decision(asked));
  world.step(asked.digest(), RequestState::admitted);
  world.step(asked.digest(), RequestState::running);
  world.step(asked.digest(), RequestState::quarantined,
             {{"rows", 3}, {"bytes", 42}, {"sha256", sha256(as_bytes("rows"))}, {"reason", "too many rows"}});
  return asked;
}

Object release_of(const Submitted& asked) {
  Object body = decision(asked);
  body["files"] = Array{Object{{"name", "asthma.csv"}, {"bytes", 42}, {"sha256", sha256(as_bytes("rows"))}}};
  return body;
}

void check_rows(World& world, const Submitted& asked) {
  world.step(asked.digest(), RequestState::checked,
             {{"rows", 3}, {"bytes", 42}, {"sha256", sha256(as_bytes("rows"))}});
}

Submitted begin_a_table(World& world) {
  const std::string until = to_rfc3339(world.clock.now() + 900 * kDay);
  world.must("source.add", {"ada", "bea"},
             Object{{"source", "warehouse"},
                    {"engine", "postgresql"},
                    {"catalogue", world.registry.source("snds")->catalogue}});
  world.must("project.open", {"ada"},
             Object{{"project", "tables"},
                    {"title", "Tables"},
                    {"sources", Array{"warehouse"}},
                    {"kinds", Array{"work"}},
                    {"from", to_rfc3339(world.clock.now())},
                    {"until", until},
                    {"max_rows", 1000}});
  world.must("project.assign", {"ada"}, Object{{"project", "tables"}, {"person", "dora"}, {"until", until}});
  Object body = world.request_body("work");
  body["project"] = "tables";
  body["source"] = "warehouse";
  body["sql"] = Array{"CREATE TABLE old AS SELECT BEN_NIR_PSA FROM IR_BEN_R"};
  auto asked = world.must("extraction.request", {"dora"}, body);
  world.step(asked.digest(), RequestState::running);
  return asked;
}

Submitted make_a_table(World& world) {
  auto asked = begin_a_table(world);
  world.result(asked.digest(), "delivered");
  return asked;
}

Object erasure_from(const Submitted& first) {
  Array entries;
  for (std::size_t i = first.index; i < first.index + 3; ++i) entries.emplace_back(i);
  return {{"entries", std::move(entries)}, {"reason", "term"}};
}

void revoke_dora(World& world) {
  world.must("token.revoke", {"ada"}, Object{{"serial", "1004"}, {"reason", "stolen"}});
}

Object enrolment(World& world, const Card& card) {
  return {{"person", card.person}, {"token", World::token_value(card)}, {"escrow", world.escrow_value()}};
}

}  // namespace sceau::test
