// Answers that do not conform are held, on disk and encrypted, until somebody decides or time ends.
#include <CppUTest/TestHarness.h>

#include <algorithm>

#include "gate_home.h"
#include "sceau/base/files.h"
#include "sceau/gate/audit.h"

using namespace sceau;
using namespace sceau::test;

TEST_GROUP(GateQuarantine) {
  GateHome home{World::Until::project, kBegin, 30};
  std::unique_ptr<gate::Gate> gate = home.open();
  Signed request;

  static std::string text_of(const Value& body, std::string_view name) { return body.find(name)->as_text(); }
  static std::int64_t int_of(const Value& body, std::string_view name) { return body.find(name)->as_int(); }

  void setup() override {
    must_be(*gate,
            home.write(*gate, "role.grant", {"ada", "bea"},
                       Object{{"person", "erik"},
                              {"role", "approver"},
                              {"organisation", "*"},
                              {"until", to_rfc3339(kBegin + 30 * 86400)}}),
            "admitted");
  }
  Object about() { return {{"request", request.digest()}, {"evidence", request.evidence_digest()}}; }
  gate::Caller dora() { return log_in(home, *gate, "dora"); }
  void ask(Object body) {
    request = home.write(*gate, "extraction.request", {"dora"}, std::move(body));
    must_be(*gate, request, "pending");
    must_be(*gate, home.write(*gate, "approval", {"carl"}, about()), "admitted");
  }
  std::string why_nothing_comes() {
    const auto fetched = gate->fetch(dora(), request.digest());
    return fetched ? "rows" : fetched.error().message;
  }
  // Thirty rows, and five were ordered.
  void hold() {
    Object body = home.world.request_body("individual");
    body["max_rows"] = 5;
    ask(body);
    STRCMP_CONTAINS("waits in quarantine until", why_nothing_comes().c_str());
    STRCMP_EQUAL("quarantined", state().c_str());
  }
  std::string state() { return gate->request(dora(), request.digest()).value().state; }
  Signed release(const std::string& person = "erik") {
    const auto held = gate->request(log_in(home, *gate, "carl"), request.digest()).value().held;
    Object body = about();
    body["files"] =
        Array{Object{{"name", held.at("name")}, {"bytes", held.at("bytes")}, {"sha256", held.at("sha256")}}};
    return home.write(*gate, "export.release", {person}, body);
  }
  void refuse() {
    Object body = about();
    body["reason"] = "narrow it";
    must_be(*gate, home.write(*gate, "refusal", {"erik"}, body), "admitted");
  }
  Bytes fetch() {
    auto delivery = gate->fetch(dora(), request.digest());
    if (!delivery) FAIL(delivery.error().message.c_str());
    Bytes rows = receive(**delivery);
    CHECK((*delivery)->complete().ok());
    return rows;
  }
  void restart() {
    gate.reset();
    gate = home.open();
  }
  std::filesystem::path file() { return home.path() / "held" / to_hex(request.digest()); }
  bool is_held() { return std::filesystem::exists(file()); }
  bool said(const std::string& text) {
    return std::ranges::any_of(home.log,
                               [&](const std::string& line) { return line.find(text) != line.npos; });
  }
  void audit_passes() {
    const auto report = gate::audit(gate->ledger()).value();
    STRCMP_EQUAL("", report.findings.empty() ? "" : report.findings.front().what.c_str());
  }
};

TEST(GateQuarantine, WhatAFurtherApproverReleasesIsDeliveredAsItWasHeld) {
  hold();
  CHECK(said("is in quarantine: it has more rows than the 5 that were ordered"));
  LONGS_EQUAL(0, count(*gate, "extraction.result"));
  must_be(*gate, release(), "admitted");
  const Bytes rows = fetch();
  const Value result = newest(*gate, "extraction.result");
  STRCMP_EQUAL("delivered", text_of(result, "outcome").c_str());
  STRCMP_EQUAL(to_hex(sha256(rows)).c_str(), text_of(result, "sha256").c_str());
  LONGS_EQUAL(30, int_of(result, "rows"));
  LONGS_EQUAL(30, std::ranges::count(rows, '\n') - 1);
  STRCMP_EQUAL("asthma/1", text_of(result, "pseudonyms").c_str());
  CHECK(result.find("fingerprint") != nullptr);
  CHECK_FALSE(is_held());
  STRCMP_CONTAINS("delivered", why_nothing_comes().c_str());
  audit_passes();
}

TEST(GateQuarantine, WhatIsHeldIsShownToApproversWithItsReason) {
  hold();
  const gate::Caller carl = log_in(home, *gate, "carl");
  const auto views = gate->requests(carl, "quarantined");
  LONGS_EQUAL(1, views.size());
  const auto view = gate->request(carl, request.digest()).value();
  STRCMP_EQUAL("it has more rows than the 5 that were ordered", view.held.at("reason").as_text().c_str());
  LONGS_EQUAL(30, view.held.at("rows").as_int());
  CHECK(view.beside.contains("columns"));
  STRCMP_CONTAINS("\"held\":{\"at\"", gate->request_document(view).c_str());
}

// More than the five that were ordered: six say it.
TEST(GateQuarantine, ApproversSeeHowManyRowsToExpectAndWhoAskedDoesNot) {
  hold();
  const auto beside = [&](const gate::Caller& caller) {
    return gate->request(caller, request.digest()).value().beside;
  };
  const auto hers = beside(log_in(home, *gate, "carl"));
  LONGS_EQUAL(6, hers.at("expected_rows").as_int());
  CHECK(hers.at("expected_rows_or_more").as_bool());
  CHECK_FALSE(beside(dora()).contains("expected_rows"));
}

TEST(GateQuarantine, ApproversSeeWhyAndWhatWasAskedBefore) {
  hold();
  const Signed later =
      home.write(*gate, "extraction.request", {"dora"}, home.world.request_body("individual"));
  must_be(*gate, later, "pending");
  const auto before = [&](const gate::Caller& caller) {
    const auto view = gate->request(caller, later.digest()).value();
    return statement::to_canonical(view.beside.at("earlier"));
  };
  const std::string said = text_of(home.world.request_body("individual"), "purpose");
  STRCMP_CONTAINS(said.c_str(), before(log_in(home, *gate, "carl")).c_str());
  STRCMP_CONTAINS("\"sql\":[\"SELECT", before(log_in(home, *gate, "carl")).c_str());
  CHECK(before(dora()).find("\"sql\"") == std::string::npos);
}

TEST(GateQuarantine, WhatIsOnDiskTellsNothingWithoutTheGatesKeys) {
  hold();
  const Bytes bytes = read_file(file()).value();
  CHECK(std::string(as_text(bytes)).find("BEN_NAI_ANN") == std::string::npos);
}

TEST(GateQuarantine, ARestartKeepsIt) {
  hold();
  restart();
  STRCMP_EQUAL("quarantined", state().c_str());
  must_be(*gate, release(), "admitted");
  restart();
  LONGS_EQUAL(30, std::ranges::count(fetch(), '\n') - 1);
  audit_passes();
}

TEST(GateQuarantine, AFetchThatWasCutOffAfterItsReleaseIsNotRepeated) {
  hold();
  must_be(*gate, release(), "admitted");
  gate->fetch(dora(), request.digest()).value()->interrupt("the line broke");
  STRCMP_EQUAL("interrupted", state().c_str());
  CHECK_FALSE(is_held());
  audit_passes();
}

TEST(GateQuarantine, SheWhoApprovedTheRequestDoesNotReleaseItsAnswer) {
  hold();
  must_be(*gate, release("carl"), "refused");
  STRCMP_EQUAL("quarantined", state().c_str());
  STRCMP_CONTAINS("waits in quarantine", why_nothing_comes().c_str());
}

TEST(GateQuarantine, ARefusalEndsItAndNothingIsKept) {
  hold();
  CHECK(is_held());
  refuse();
  STRCMP_EQUAL("refused", state().c_str());
  STRCMP_EQUAL("erik says: narrow it", gate->request(dora(), request.digest()).value().reason.c_str());
  CHECK_FALSE(is_held());
  const Value result = newest(*gate, "extraction.result");
  STRCMP_EQUAL("refused", text_of(result, "outcome").c_str());
  STRCMP_CONTAINS("erik refused to release", text_of(result, "reason").c_str());
  LONGS_EQUAL(1, result.find("sql_run")->as_array().size());
  LONGS_EQUAL(0, int_of(result, "rows"));
  audit_passes();
}

TEST(GateQuarantine, NobodyDecidesInTimeAndNothingIsKept) {
  hold();
  home.world.clock.advance(86400 - 1);
  gate->tick();
  STRCMP_EQUAL("quarantined", state().c_str());
  home.world.clock.advance(1);
  gate->tick();
  STRCMP_EQUAL("expired", state().c_str());
  CHECK_FALSE(is_held());
  audit_passes();
}

TEST(GateQuarantine, NobodyFetchesWhatWasReleasedAndNothingIsKept) {
  hold();
  must_be(*gate, release(), "admitted");
  home.world.clock.advance(86400);
  gate->tick();
  STRCMP_EQUAL("expired", state().c_str());
  CHECK_FALSE(is_held());
}

TEST(GateQuarantine, ARightThatEndedSinceItsReleaseRefusesIt) {
  hold();
  must_be(*gate, release(), "admitted");
  must_be(*gate,
          home.write(*gate, "project.close", {"ada"}, Object{{"project", "asthma"}, {"reason", "over"}}),
          "admitted");
  STRCMP_CONTAINS("is not open any more", why_nothing_comes().c_str());
  STRCMP_EQUAL("refused", state().c_str());
  CHECK_FALSE(is_held());
  audit_passes();
}

TEST(GateQuarantine, AFileThatWasChangedIsNotDelivered) {
  hold();
  must_be(*gate, release(), "admitted");
  Bytes bytes = read_file(file()).value();
  bytes[bytes.size() - 20] ^= 1U;
  CHECK(write_file(file(), bytes, 0600).ok());
  STRCMP_CONTAINS("not the one that was written", why_nothing_comes().c_str());
  STRCMP_EQUAL("interrupted", state().c_str());
  audit_passes();
}

TEST(GateQuarantine, WhatACrashLeftBehindIsSweptAway) {
  hold();
  gate.reset();
  const auto stray = home.path() / "held" / std::string(64, 'a');
  CHECK(write_file(stray, as_bytes("rows of nobody"), 0600).ok());
  gate = home.open();
  CHECK_FALSE(std::filesystem::exists(stray));
  CHECK(is_held());
}

TEST(GateQuarantine, MoreThanTheProjectCoversIsRefusedAtOnce) {
  GateHome many{World::Until::project, kBegin, 1001};
  auto other = many.open();
  const Signed wide = many.request(*other, "individual", 1000);
  must_be(*other, wide, "pending");
  must_be(*other,
          many.write(*other, "approval", {"carl"},
                     Object{{"request", wide.digest()}, {"evidence", wide.evidence_digest()}}),
          "admitted");
  const auto fetched = other->fetch(log_in(many, *other, "dora"), wide.digest());
  STRCMP_CONTAINS("more than the 1000 rows", fetched.error().message.c_str());
  STRCMP_EQUAL("refused", text_of(newest(*other, "extraction.result"), "outcome").c_str());
}

TEST(GateQuarantine, AFewPeopleAreHeldWherePolicySaysSo) {
  const std::string rules = "format = 1\nhold_few_people = true\n";
  const Bytes text(rules.begin(), rules.end());
  Object policy = World::policy_body();
  policy["rules"] = sha256(text);
  const Signed act = home.write(*gate, "policy.set", {"ada", "bea"}, Object{{"policy", policy}});
  CHECK(gate->submit(submission_of(act, {text})).ok());
  Object body = home.world.request_body("individual");
  body["sql"] = Array{"SELECT BEN_NIR_PSA, BEN_NAI_ANN FROM IR_BEN_R WHERE BEN_NAI_ANN = '1953'"};
  ask(body);
  STRCMP_CONTAINS("its rows show fewer people than the 11 that policy lets out unseen",
                  why_nothing_comes().c_str());
  // A key that is nowhere, and none at all: nobody can be counted.
  body["sql"] = Array{
      "SELECT b.BEN_NIR_PSA, a.BEN_NAI_ANN FROM IR_BEN_R a LEFT JOIN IR_BEN_R b ON a.BEN_NIR_PSA = "
      "b.BEN_NIR_PSA "
      "AND b.BEN_NAI_ANN = '1900'"};
  ask(body);
  STRCMP_CONTAINS("fewer people than the 11", why_nothing_comes().c_str());
  body["sql"] = Array{"SELECT BEN_NAI_ANN FROM IR_BEN_R"};
  ask(body);
  STRCMP_CONTAINS("fewer people than the 11", why_nothing_comes().c_str());
  ask(home.world.request_body("individual"));
  LONGS_EQUAL(30, std::ranges::count(fetch(), '\n') - 1);
}

TEST(GateQuarantine, SheWhoAskedIsToldNoFigureOfIt) {
  hold();
  const auto held = gate->request(dora(), request.digest()).value().held;
  CHECK_TRUE(held.contains("reason"));
  for (const char* figure : {"rows", "bytes", "sha256"}) CHECK_FALSE(held.contains(figure));
  CHECK_FALSE(gate->requests(dora(), "quarantined").front().held.contains("rows"));
  CHECK(why_nothing_comes().find("30 rows") == std::string::npos);
}

TEST(GateQuarantine, AnAggregateWithMoreGroupsThanOrderedIsHeldToo) {
  GateHome many;
  auto other = many.open();
  const Signed wide = many.request(*other, "aggregate", 9);
  must_be(*other, wide, "admitted");
  const auto fetched = other->fetch(log_in(many, *other, "dora"), wide.digest());
  STRCMP_CONTAINS("it has more rows than the 9 that were ordered", fetched.error().message.c_str());
}
