// What the policy's file asks of requests: approvals, keys, hours; and projects approved in advance.
#include "check.h"

using namespace sceau;
using namespace sceau::test;
using registry::RequestState;

TEST_GROUP(Conditions) {
  World world;

  Object policy(const std::string& file) {
    Object policy = World::policy_body();
    policy["rules"] = world.put_blob(Bytes(file.begin(), file.end()));
    return policy;
  }
  registry::Judgement ask_policy(Object policy) {
    return world.ask("policy.set", {"ada", "bea"}, Object{{"policy", std::move(policy)}});
  }
  void set(const std::string& file) {
    world.must("policy.set", {"ada", "bea"}, Object{{"policy", policy("format = 1\n" + file)}});
  }
  void add_approver(const std::string& person, const std::string& serial, const std::string& organisation) {
    const std::string until = to_rfc3339(kBegin + 86400 * 100);
    world.must("person.add", {"bea"},
               Object{{"person", person},
                      {"name", "Person " + person},
                      {"organisation", organisation},
                      {"engagement", "staff"},
                      {"until", until}});
    const Card& card = world.cards.emplace(person, world.make_card(person, serial)).first->second;
    world.must(
        "token.enrol", {person, "bea"},
        Object{{"person", person}, {"token", World::token_value(card)}, {"escrow", world.escrow_value()}});
    world.must("role.grant", {"ada", "bea"},
               Object{{"person", person}, {"role", "approver"}, {"organisation", "*"}, {"until", until}});
  }
  Submitted request(const std::string& kind) {
    return world.submit("extraction.request", {"dora"}, world.request_body(kind));
  }
  registry::Judgement ask(const std::string& kind) {
    return world.ask("extraction.request", {"dora"}, world.request_body(kind));
  }
  Object decision(const Submitted& about) {
    return {{"request", about.digest()}, {"evidence", about.evidence_digest()}};
  }
  std::string cannot(const Submitted& about, RequestState next) {
    const auto status = world.registry.check_step(about.digest(), next, world.clock.now());
    return status ? std::string("(it can)") : status.error().message;
  }
  // A project whose requests carl approves in advance.
  Object advance_body() {
    return {{"project", "cohort"},
            {"title", "Cohort"},
            {"sources", Array{"snds"}},
            {"kinds", Array{"individual"}},
            {"from", to_rfc3339(kBegin)},
            {"until", to_rfc3339(kBegin + 86400 * 30)},
            {"max_rows", 500},
            {"columns", Array{"IR_BEN_R.BEN_NIR_PSA", "IR_BEN_R.BEN_NAI_ANN"}},
            {"approvals", 1}};
  }
  Object assignment() {
    return {{"project", "cohort"}, {"person", "dora"}, {"until", to_rfc3339(kBegin + 86400 * 20)}};
  }
  std::string in_cohort(const Array& parameters = {}) {
    Object body = world.request_body("individual");
    body["project"] = "cohort";
    body["parameters"] = parameters;
    const auto asked = world.ask("extraction.request", {"dora"}, body);
    return asked.error ? asked.error->message : asked.verdict.state;
  }
};

TEST(Conditions, OfAFileThatDidNotComeAlong) {
  Object body = World::policy_body();
  body["rules"] = sha256(as_bytes("elsewhere"));
  CHECK_REFUSED("policy's file was not sent along", ask_policy(body));
}

TEST(Conditions, OfAFileThatSaysSomethingElseThanItsStatement) {
  CHECK_REFUSED("says another minimum_people", ask_policy(policy("format = 1\nminimum_people = 30\n")));
  CHECK_REFUSED(
      "says another approvals",
      ask_policy(policy("format = 1\n[approvals.individual]\nneeded = 3\nby=[\"a\",\"b\",\"c\"]\n")));
  CHECK_REFUSED("says another access", ask_policy(policy("format = 1\n[retention_days]\naccess = 9\n")));
  CHECK_REFUSED("line 2: key \"nonsense\"", ask_policy(policy("format = 1\nnonsense = 1\n")));
}

TEST(Conditions, ThatNobodyCouldMeet) {
  CHECK_REFUSED("line 3: approvals.aggregate needs 2 approvers, and there are 1",
                ask_policy(policy("format = 1\n[approvals.aggregate]\nneeded = 2\n")));
}

TEST(Conditions, ThatNobodyOfAnotherOrganisationCouldMeet) {
  const std::string rules = "format = 1\n[approvals.individual]\nneeded = 1\nfrom_another_organisation = 1\n";
  CHECK_REFUSED("line 3: approvals.individual wants 1 from another organisation", ask_policy(policy(rules)));
  add_approver("gus", "1008", "lab");
  CHECK_ACCEPTED(ask_policy(policy(rules)));
}

TEST(Conditions, AnAggregateWaitsWherePolicySaysSo) {
  set("[approvals.aggregate]\nneeded = 1\n");
  const auto asked = request("aggregate");
  STRCMP_EQUAL("pending", asked.judgement.verdict.state.c_str());
  STRCMP_CONTAINS("has 0 of 1 approvals", cannot(asked, RequestState::admitted).c_str());
  world.must("approval", {"carl"}, decision(asked));
  world.step(asked.digest(), RequestState::admitted);
  STRCMP_EQUAL("(it can)", cannot(asked, RequestState::running).c_str());
}

TEST(Conditions, OneApprovalComesFromAnotherOrganisation) {
  add_approver("fay", "1007", "cnam");
  add_approver("gus", "1008", "lab");
  Object body = policy("format = 1\n[approvals.individual]\nneeded = 2\nfrom_another_organisation = 1\n");
  body["approvals"] = 2;
  world.must("policy.set", {"ada", "bea"}, Object{{"policy", body}});
  const auto asked = request("individual");
  world.must("approval", {"carl"}, decision(asked));
  world.must("approval", {"fay"}, decision(asked));
  STRCMP_CONTAINS("has 2 of 3 approvals", cannot(asked, RequestState::admitted).c_str());
  world.must("approval", {"gus"}, decision(asked));
  STRCMP_EQUAL("(it can)", cannot(asked, RequestState::admitted).c_str());
}

TEST(Conditions, OnlyThoseWhomPolicyNamesApprove) {
  add_approver("fay", "1007", "cnam");
  set("[approvals.individual]\nneeded = 1\nby = [\"fay\"]\n");
  const auto asked = request("individual");
  CHECK_REFUSED("carl is not among those", world.ask("approval", {"carl"}, decision(asked)));
  world.must("approval", {"fay"}, decision(asked));
}

TEST(Conditions, AnOrdinaryCardIsNoClearSignKey) {
  set("[keys]\nindividual = \"clear-sign\"\naggregate = \"card\"\n");
  CHECK_REFUSED("signed with a clear-sign key by policy", ask("individual"));
  CHECK_ACCEPTED(ask("aggregate"));
}

TEST(Conditions, NorDoesItApprove) {
  const auto asked = request("individual");
  set("[keys]\nindividual = \"clear-sign\"\n");
  CHECK_REFUSED("approved with a clear-sign key", world.ask("approval", {"carl"}, decision(asked)));
}

// kBegin is 2026-09-21, a Monday, at 14:13:20 UTC.
TEST(Conditions, RequestsComeInWithinTheHours) {
  const auto open = [](const char* days, const char* from, const char* until, const char* offset) {
    return std::string("[hours]\noffset = \"") + offset + "\"\nopen = [{ days = [\"" + days +
           "\"], from = \"" + from + "\", until = \"" + until + "\" }]\n";
  };
  set(open("monday", "14:00", "14:13", "Z"));
  CHECK_REFUSED("outside the hours", ask("aggregate"));
  set(open("monday", "14:13", "14:14", "Z"));
  CHECK_ACCEPTED(ask("aggregate"));
  set(open("tuesday", "14:13", "14:14", "Z"));
  CHECK_REFUSED("outside the hours", ask("aggregate"));
  set(open("tuesday", "00:13", "00:14", "+10:00"));
  CHECK_ACCEPTED(ask("aggregate"));
}

TEST(Conditions, AndBeginToRunWithinThem) {
  set("[hours]\noffset = \"Z\"\nopen = [{ days = [\"monday\"], from = \"08:00\", until = \"15:00\" }]\n");
  const auto asked = request("aggregate");
  STRCMP_EQUAL("(it can)", cannot(asked, RequestState::running).c_str());
  world.clock.advance(3600);
  STRCMP_CONTAINS("outside the hours", cannot(asked, RequestState::running).c_str());
}

TEST(Conditions, AnEarlierAdmissionDoesNotOutliveAStricterPolicy) {
  const auto asked = request("aggregate");
  set("[approvals.aggregate]\nneeded = 1\n");
  STRCMP_CONTAINS("has 0 of 1 approvals", cannot(asked, RequestState::running).c_str());
}

TEST(Conditions, WhatApproversSignedInAdvanceNeedsNoOtherApproval) {
  world.must("project.open", {"ada", "carl"}, advance_body());
  world.must("project.assign", {"ada", "carl"}, assignment());
  STRCMP_EQUAL("admitted", in_cohort().c_str());
  // Whom parameters mean nobody has seen in advance.
  STRCMP_EQUAL("pending", in_cohort({"secret"}).c_str());
  // While carl may approve.
  world.must("role.withdraw", {"ada", "bea"},
             Object{{"person", "carl"}, {"role", "approver"}, {"reason", "leaves"}});
  STRCMP_EQUAL("pending", in_cohort().c_str());
}

TEST(Conditions, WhomOnlyAnAdministratorPutThereWaits) {
  world.must("project.open", {"ada", "carl"}, advance_body());
  world.must("project.assign", {"ada"}, assignment());
  STRCMP_EQUAL("pending", in_cohort().c_str());
}

TEST(Conditions, NothingIsApprovedInAdvanceWithoutApproversOrColumns) {
  CHECK_REFUSED("needs 1 approvers beside", world.ask("project.open", {"ada"}, advance_body()));
  Object body = advance_body();
  body.erase("columns");
  CHECK_REFUSED("must say for which columns", world.ask("project.open", {"ada", "carl"}, body));
  body = advance_body();
  body.erase("approvals");
  CHECK_REFUSED("carl is none", world.ask("project.open", {"ada", "carl"}, body));
  CHECK_REFUSED("needs administrators", world.ask("project.open", {"carl"}, advance_body()));
}
