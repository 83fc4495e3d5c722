// Accounts of machines, and the log-ins that machines send, at once or later.
#include "check.h"

using namespace sceau;
using namespace sceau::test;

TEST_GROUP(Accounts) {
  static constexpr Time kDay = 86400;
  World world;

  static Object account(const std::string& person) {
    return {{"host", "laptop-12"}, {"account", person}, {"person", person}};
  }
  static Object binding(const std::string& person, Time until) {
    Object body = account(person);
    body["until"] = to_rfc3339(until);
    return body;
  }
  static Object ending(const std::string& person) {
    Object body = account(person);
    body["reason"] = "the laptop was returned";
    return body;
  }
  Bytes login(const std::string& audience, const Envelope& envelope = {}) {
    return world.write("login", "dora",
                       Object{{"audience", audience}, {"account", "dora"}, {"service", "sshd"}}, envelope);
  }
  Bytes evidence(ByteView statement) {
    return evidence::serialise({{world.login_signature(statement, world.card("dora"))}});
  }
  registry::Judgement ask(ByteView statement) { return world.ask(statement, evidence(statement)); }
};

TEST(Accounts, AreBoundToAPersonByAnAdministratorUntilADate) {
  world.must("account.bind", {"ada"}, binding("dora", kBegin + 30 * kDay));
  LONGS_EQUAL(1, world.registry.accounts().size());
  STRCMP_EQUAL("laptop-12", world.registry.accounts()[0].host.c_str());
  STRCMP_EQUAL("dora", world.registry.accounts()[0].person.c_str());
  CHECK(world.registry.accounts()[0].until == kBegin + 30 * kDay);
}

TEST(Accounts, AreNotBoundByWhoeverWantsOne) {
  CHECK_REFUSED("needs administrators", world.ask("account.bind", {"dora"}, binding("dora", kBegin + kDay)));
  CHECK_REFUSED("nobody acts on their own account",
                world.ask("account.bind", {"ada"}, binding("ada", kBegin + kDay)));
  CHECK_REFUSED("nobody is registered", world.ask("account.bind", {"ada"}, binding("zoe", kBegin + kDay)));
  CHECK_REFUSED("ended already", world.ask("account.bind", {"ada"}, binding("dora", kBegin)));
}

TEST(Accounts, AreNotBoundByAnAdministratorOfOneOrganisationAlone) {
  world.must("role.grant", {"ada", "bea"},
             Object{{"person", "erik"},
                    {"role", "administrator"},
                    {"organisation", world.registry.person("erik")->organisation},
                    {"until", to_rfc3339(kBegin + 30 * kDay)}});
  CHECK_REFUSED("for all organisations", world.ask("account.bind", {"erik"}, binding("dora", kBegin + kDay)));
}

TEST(Accounts, EndWhenAnAdministratorSaysSoOrThePersonLeaves) {
  CHECK_REFUSED("is not bound", world.ask("account.end", {"ada"}, ending("dora")));
  world.must("account.bind", {"ada"}, binding("dora", kBegin + 30 * kDay));
  world.must("account.end", {"bea"}, ending("dora"));
  CHECK(world.registry.accounts().empty());
  world.must("account.bind", {"ada"}, binding("dora", kBegin + 30 * kDay));
  world.must("person.leave", {"bea"}, Object{{"person", "dora"}, {"reason", "retired"}});
  CHECK(world.registry.accounts().empty());
}

TEST(Accounts, ALogInToAMachineThatComesInTimeIsNotLate) {
  const auto asked = ask(login("host:laptop-12"));
  CHECK_ACCEPTED(asked);
  CHECK_FALSE(asked.verdict.late);
}

TEST(Accounts, ALogInToAMachineMayComeLaterAndIsMarked) {
  const Bytes statement = login("host:laptop-12");
  const Bytes signatures = evidence(statement);
  world.must("organisation.add", {"ada"}, Object{{"organisation", "other"}, {"name", "Other"}});
  world.clock.advance(7 * kDay);
  const auto submitted = world.submit(statement, signatures);
  CHECK_ACCEPTED(submitted.judgement);
  CHECK(submitted.judgement.verdict.late);
  const auto record = registry::record_of(submitted.index, world.entries[submitted.index]);
  CHECK(record.value().verdict->late);
  CHECK_REFUSED("was used before", world.ask(statement, signatures));
}

TEST(Accounts, ALogInToAMachineIsTooLateAfterPolicysLimit) {
  const Bytes statement = login("host:laptop-12");
  world.clock.advance(7 * kDay + 1);
  const auto asked = ask(statement);
  CHECK_REFUSED("offline_seconds", asked);
  CHECK(asked.identified);  // and recorded all the same, with the reason
}

TEST(Accounts, PolicyMayForbidLateLogIns) {
  Object policy = World::policy_body();
  policy["offline_seconds"] = 0;
  world.must("policy.set", {"ada", "bea"}, Object{{"policy", policy}});
  const Bytes statement = login("host:laptop-12");
  CHECK_ACCEPTED(ask(statement));
  world.clock.advance(2 * kDay);
  CHECK_REFUSED("offline_seconds", ask(statement));
}

TEST(Accounts, ALogInToAGateIsNeverTakenLate) {
  const Bytes statement = login("gate");
  world.clock.advance(2 * kDay);
  CHECK_REFUSED("expired", ask(statement));
}

TEST(Accounts, ALateLogInByATokenRevokedMeanwhileIsRefused) {
  const Bytes statement = login("host:laptop-12");
  const Bytes signatures = evidence(statement);
  world.must("token.revoke", {"ada"},
             Object{{"serial", world.card("dora").serial}, {"reason", "stolen with the laptop"}});
  world.clock.advance(2 * kDay);
  const auto asked = world.ask(statement, signatures);
  CHECK_REFUSED("is revoked", asked);
  CHECK(asked.identified);
}

TEST(Accounts, AVerdictThatSaysLateOfARefusalIsCorrupt) {
  registry::Verdict verdict;
  verdict.state = "admitted";
  verdict.late = true;
  CHECK(registry::parse_verdict(registry::write_verdict(verdict)).value().late);
  CHECK_FALSE(registry::parse_verdict(as_bytes(R"({"crls":[],"late":true,"state":"pending"})")).ok());
  CHECK_FALSE(registry::parse_verdict(as_bytes(R"({"crls":[],"late":false,"state":"admitted"})")).ok());
}
