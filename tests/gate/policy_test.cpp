// Policy's file and a project's columns, as the gate holds requests to them.
#include <CppUTest/TestHarness.h>

#include "gate_home.h"

using namespace sceau;
using namespace sceau::test;

TEST_GROUP(GatePolicy) {
  GateHome home;
  std::unique_ptr<gate::Gate> gate = home.open();

  void set(const std::string& file) {
    const Bytes text(file.begin(), file.end());
    Object policy = World::policy_body();
    policy["rules"] = sha256(text);
    const Signed act = home.write(*gate, "policy.set", {"ada", "bea"}, Object{{"policy", policy}});
    const auto admission = gate->submit(submission_of(act, {text}));
    STRCMP_EQUAL("admitted", admission ? admission->state.c_str() : admission.error().message.c_str());
  }
  std::string answer(const Signed& act) {
    const auto admission = gate->submit(submission_of(act));
    if (!admission) return admission.error().message;
    return admission->refusal ? admission->refusal->message : admission->state;
  }
  Signed request(const std::string& project, const std::string& kind = "aggregate") {
    Object body = home.world.request_body(kind);
    body["project"] = project;
    body["max_rows"] = 1000;
    return home.write(*gate, "extraction.request", {"dora"}, body);
  }
  void open_project(Array columns, std::vector<std::string> signers) {
    Object body{{"project", "narrow"},
                {"title", "Narrow"},
                {"sources", Array{"snds"}},
                {"kinds", Array{"aggregate", "individual"}},
                {"from", to_rfc3339(home.world.clock.now())},
                {"until", to_rfc3339(home.world.clock.now() + 86400)},
                {"max_rows", 1000},
                {"columns", std::move(columns)}};
    if (signers.size() > 1) body["approvals"] = 1;
    must_be(*gate, home.write(*gate, "project.open", signers, body), "admitted");
    must_be(*gate,
            home.write(*gate, "project.assign", signers,
                       Object{{"project", "narrow"},
                              {"person", "dora"},
                              {"until", to_rfc3339(home.world.clock.now() + 86400)}}),
            "admitted");
  }
};

TEST(GatePolicy, AProfileKeepsBackWhatItDoesNotName) {
  set("format = 1\n[profiles.strict]\ndefault = true\nalways = [\"IR_BEN_R.BEN_SEX_COD\"]\n"
      "[profiles.wide]\nprojects = [\"narrow\"]\nalways = [\"IR_BEN_R.BEN_NAI_ANN\"]\n");
  STRCMP_CONTAINS("IR_BEN_R.BEN_NAI_ANN identifies people, and profile strict",
                  answer(request("asthma")).c_str());
  open_project({"IR_BEN_R.*"}, {"ada"});
  STRCMP_EQUAL("admitted", answer(request("narrow")).c_str());
}

TEST(GatePolicy, AProjectsColumnsAreAllThatIsRead) {
  open_project({"IR_BEN_R.BEN_NIR_PSA"}, {"ada"});
  STRCMP_CONTAINS("column IR_BEN_R.BEN_NAI_ANN is outside the project", answer(request("narrow")).c_str());
}

TEST(GatePolicy, WhatWasAdmittedUnderAWiderPolicyDoesNotRun) {
  const Signed asked = request("asthma");
  must_be(*gate, asked, "admitted");
  set("format = 1\n[profiles.strict]\ndefault = true\nalways = [\"IR_BEN_R.BEN_SEX_COD\"]\n");
  const auto delivery = gate->fetch(log_in(home, *gate, "dora"), asked.digest());
  STRCMP_CONTAINS("profile strict", delivery ? "" : delivery.error().message.c_str());
}

TEST(GatePolicy, ApprovedInAdvanceRowsLeaveAtOnce) {
  open_project({"IR_BEN_R.BEN_NIR_PSA", "IR_BEN_R.BEN_NAI_ANN"}, {"ada", "carl"});
  const Signed asked = request("narrow", "individual");
  must_be(*gate, asked, "admitted");
  auto delivery = gate->fetch(log_in(home, *gate, "dora"), asked.digest());
  STRCMP_EQUAL("", delivery ? "" : delivery.error().message.c_str());
}

TEST(GatePolicy, ItsFileIsShown) {
  set("format = 1\n[keys]\nwork = \"card\"\n");
  const std::string file = to_base64(as_bytes("format = 1\n[keys]\nwork = \"card\"\n"));
  STRCMP_CONTAINS(file.c_str(), gate->state_document().value().c_str());
}
