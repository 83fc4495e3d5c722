// The first entry.
#include "check.h"

using namespace sceau;
using namespace sceau::test;

TEST_GROUP(Genesis) {
  World world{World::Until::nothing};
  Object body{world.genesis_body(false)};
};

TEST(Genesis, TwoAdministratorsWhoBothSignBeginALedger) {
  const auto begun = world.submit("genesis", {"ada", "bea"}, body);
  CHECK_ACCEPTED(begun.judgement);
  STRCMP_EQUAL("admitted", begun.judgement.verdict.state.c_str());
  LONGS_EQUAL(1, begun.judgement.verdict.crls.size());
  STRCMP_EQUAL(kRealm, world.registry.realm().c_str());
  CHECK(world.registry.has_role("ada", registry::Role::administrator, world.clock.now()));
  CHECK(world.registry.has_role("bea", registry::Role::administrator, "lab", world.clock.now()));
  CHECK_FALSE(world.registry.single());
}

TEST(Genesis, MissesASignature) {
  CHECK_REFUSED("have each of them sign", world.ask("genesis", {"ada"}, body));
}

TEST(Genesis, NamesOneAdministratorOnly) {
  body["administrators"].as_array().pop_back();
  CHECK_REFUSED("name two", world.ask("genesis", {"ada"}, body));
}

TEST(Genesis, SingleIsRememberedForEver) {
  const auto begun = world.submit("genesis", {"ada"}, world.genesis_body(true));
  CHECK_ACCEPTED(begun.judgement);
  CHECK(world.registry.single());
}

TEST(Genesis, ComesOnce) {
  world.must("genesis", {"ada", "bea"}, body);
  CHECK_REFUSED("begins once", world.ask("genesis", {"ada", "bea"}, body));
}

TEST(Genesis, BeforeItNobodyIsKnown) {
  const auto asked = world.ask("organisation.add", {"ada"}, Object{{"organisation", "x"}, {"name", "X"}});
  CHECK_FALSE(asked.identified);
  CHECK_REFUSED("not enrolled", asked);
}

TEST(Genesis, ItsLogIsNamedAfterTheRealm) {
  body["log"] = ledger::NoteSigner::from_seed("other.example/log", Secret(Bytes(32, 7))).value().vkey();
  CHECK_REFUSED("they must be one", world.ask("genesis", {"ada", "bea"}, body));
}

TEST(Genesis, OneRecoveryPersonIsTooFew) {
  Object policy = World::policy_body();
  policy["recovery_k"] = 1;
  body["policy"] = policy;
  CHECK_REFUSED("recovery_k is 1", world.ask("genesis", {"ada", "bea"}, body));
}

TEST(Genesis, AnAdministratorWhoseKeyIsSoftwareMade) {
  Card& bea = world.card("bea");
  CardKey made{pki::SoftwareKey::generate().value(), std::nullopt, bea.sign.attestation};
  made.certificate = world.issue(made.key, "bea", pki::KeyUse::sign);
  bea.sign = std::move(made);
  CHECK_REFUSED("software-made", world.ask("genesis", {"ada", "bea"}, world.genesis_body(false)));
}

TEST(Genesis, ACrlThatWasNotSentAlong) {
  for (auto it = world.blobs.begin(); it != world.blobs.end();) {
    it = pki::Crl::from_der(it->second) ? world.blobs.erase(it) : std::next(it);
  }
  CHECK_REFUSED("CRL was not sent along", world.ask("genesis", {"ada", "bea"}, body));
}
