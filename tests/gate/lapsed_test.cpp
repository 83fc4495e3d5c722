// Approvals whose givers lost the right to give them, and requests whose agents lost theirs.
#include <CppUTest/TestHarness.h>

#include "gate_home.h"
#include "sceau/gate/audit.h"

using namespace sceau;
using namespace sceau::test;

TEST_GROUP(Lapsed) {
  GateHome home{World::Until::project, kBegin, 30};
  std::unique_ptr<gate::Gate> gate = home.open();
  Signed request;

  void setup() override {
    act("role.grant", {"ada", "bea"},
        Object{{"person", "erik"},
               {"role", "approver"},
               {"organisation", "*"},
               {"until", to_rfc3339(kBegin + 30 * 86400)}});
    request = home.request(*gate, "individual");
    must_be(*gate, request, "pending");
    approve("carl");
    STRCMP_EQUAL("admitted", view().state.c_str());
  }
  void act(const char* type, const std::vector<std::string>& people, const Object& body) {
    must_be(*gate, home.write(*gate, type, people, body), "admitted");
  }
  void approve(const std::string& person) {
    act("approval", {person}, Object{{"request", request.digest()}, {"evidence", request.evidence_digest()}});
  }
  void withdraw(const std::string& person, const char* role) {
    act("role.withdraw", {"ada", "bea"}, Object{{"person", person}, {"role", role}, {"reason", "moves on"}});
  }
  gate::RequestView view(const char* person = "dora") {
    return gate->request(log_in(home, *gate, person), request.digest()).value();
  }
  std::string fetch() {
    auto delivery = gate->fetch(log_in(home, *gate, "dora"), request.digest());
    if (!delivery) return delivery.error().message;
    receive(**delivery);
    CHECK((*delivery)->complete().ok());
    return "rows";
  }
  void audited() {
    const auto report = gate::audit(gate->ledger(), {}).value();
    for (const auto& finding : report.findings) FAIL(finding.what.c_str());
  }
};

TEST(Lapsed, AnApprovalLetsNothingRunAndAnotherOneDoes) {
  withdraw("carl", "approver");
  const std::string why = fetch();
  STRCMP_CONTAINS("that of carl counts no more, since carl is no approver", why.c_str());
  STRCMP_CONTAINS("ask another approver", why.c_str());
  const Value step = newest(*gate, "step");
  STRCMP_EQUAL("pending", step.find("state")->as_text().c_str());
  STRCMP_EQUAL(why.c_str(), step.find("reason")->as_text().c_str());
  const auto waiting = gate->requests(log_in(home, *gate, "erik"), "pending");
  LONGS_EQUAL(1, waiting.size());
  LONGS_EQUAL(0, waiting.front().approvals);
  LONGS_EQUAL(1, waiting.front().needed);
  approve("erik");
  STRCMP_EQUAL("rows", fetch().c_str());
  audited();
}

TEST(Lapsed, ATokenThatIsFoundAgainBringsItsApprovalBack) {
  act("token.suspend", {"bea"}, Object{{"serial", "1003"}, {"reason", "left in a train"}});
  STRCMP_CONTAINS("the token with which carl signed was suspended", fetch().c_str());
  STRCMP_EQUAL("pending", view().state.c_str());
  act("token.resume", {"ada", "bea"}, Object{{"serial", "1003"}, {"reason", "found"}});
  gate->tick();
  STRCMP_EQUAL("admitted", view().state.c_str());
  STRCMP_EQUAL("rows", fetch().c_str());
  audited();
}

TEST(Lapsed, ARequestThatItsApproverLeftExpiresWhenNobodyElseApproves) {
  act("person.leave", {"ada", "bea"}, Object{{"person", "carl"}, {"reason", "retired"}});
  fetch();
  home.world.clock.advance(86400);
  gate->tick();
  STRCMP_EQUAL("expired", view().state.c_str());
  audited();
}

TEST(Lapsed, ARequestThatItsAgentMayNotBeginAnyMoreExpiresAndSheIsToldWhy) {
  Digest told{};
  gate->tick();
  STRCMP_EQUAL("admitted", view().state.c_str());
  act("project.close", {"ada"}, Object{{"project", "asthma"}, {"reason", "over"}});
  gate->on_change([&](const Digest& changed) { told = changed; });
  gate->tick();
  gate->on_change({});
  CHECK(told == request.digest());
  STRCMP_EQUAL("expired", view().state.c_str());
  STRCMP_CONTAINS("project \"asthma\" is not open any more", view().reason.c_str());
  const Value step = newest(*gate, "step");
  STRCMP_EQUAL(view().reason.c_str(), step.find("reason")->as_text().c_str());
  CHECK(fetch() != "rows");
  audited();
}

TEST(Lapsed, WhatWasDeliveredKeepsTheApprovalsThatItHad) {
  STRCMP_EQUAL("rows", fetch().c_str());
  withdraw("carl", "approver");
  LONGS_EQUAL(1, view().approvals);
  LONGS_EQUAL(1, view().needed);
  audited();
}
