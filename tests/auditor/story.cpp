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

void revoke_dora(World& world) {
  world.must("token.revoke", {"ada"}, Object{{"serial", "1004"}, {"reason", "stolen"}});
}

Object enrolment(World& world, const Card& card) {
  return {{"person", card.person}, {"token", World::token_value(card)}, {"escrow", world.escrow_value()}};
}

}  // namespace sceau::test
