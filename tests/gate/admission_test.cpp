// Statements come in: admitted, refused or counted, and each once.
#include <CppUTest/TestHarness.h>

#include "gate_home.h"
#include "sceau/ledger/check.h"

using namespace sceau;
using namespace sceau::test;

TEST_GROUP(Admission) {
  GateHome home;
  std::unique_ptr<gate::Gate> gate = home.open();

  std::uint64_t size() { return gate->ledger().head().value().size; }
};

TEST(Admission, AnAggregateRequestIsAdmittedAndDurableWithItsReceipt) {
  const std::uint64_t before = size();
  const Signed request = home.request(*gate);
  const auto admission = must_be(*gate, request, "admitted");
  LONGS_EQUAL(before, admission.index);
  LONGS_EQUAL(before + 1, size());
  CHECK(gate->ledger().opening(admission.index).value().statement == request.statement);
  CHECK(gate->receipt_document(request.digest()).ok());
}

TEST(Admission, AnIndividualRequestWaitsForItsApprover) {
  const Signed request = home.request(*gate, "individual");
  must_be(*gate, request, "pending");
  const auto views = gate->requests(log_in(home, *gate, "carl"), "pending");
  LONGS_EQUAL(1, views.size());
  CHECK(views.front().digest == request.digest());
  CHECK(views.front().statement == request.statement);
  LONGS_EQUAL(1, views.front().needed);
}

TEST(Admission, AMachinesCopyIsForThatMachineAndForSessionsAlone) {
  const auto kind_of = [&](std::string_view bearer) {
    const auto copy = gate->host_copy_document("laptop-12", bearer);
    return copy ? std::optional<ErrorKind>() : copy.error().kind;
  };
  const auto pass_for = [&](const std::string& host) {
    const auto document = gate->host_pass_document(log_in(home, *gate, "ada"), host).value();
    return statement::text_field(*statement::parse_wire(as_bytes(document), 4096), "pass").value();
  };
  for (const std::string& stranger : {std::string(), std::string("AAAA"), pass_for("laptop-13")})
    CHECK(kind_of(stranger) == ErrorKind::authentication);
  CHECK(!kind_of(pass_for("laptop-12")));
  const auto refused = gate->host_pass_document(log_in(home, *gate, "dora"), "laptop-12");
  CHECK(refused.error().kind == ErrorKind::refused);
}

TEST(Admission, TheSameStatementAgainIsRefusedAndRecordedAsRefused) {
  const Signed request = home.request(*gate);
  must_be(*gate, request, "admitted");
  const auto again = must_be(*gate, request, "refused");
  CHECK(again.refusal->kind == ErrorKind::refused);
  const auto opening = gate->ledger().opening(again.index).value();
  STRCMP_CONTAINS("\"state\":\"refused\"", to_text(opening.verdict).c_str());
}

TEST(Admission, WhoeverHoldsACopyCannotFillTheLedgerWithIt) {
  const Signed request = home.request(*gate);
  must_be(*gate, request, "admitted");
  for (int i = 0; i < 30; ++i) CHECK(!gate->submit(submission_of(request)).ok() || i < 8);
  LONGS_EQUAL(1 + 8, count(*gate, "extraction.request"));
}

TEST(Admission, AByteChangedIsCountedAndNotRecorded) {
  Signed request = home.request(*gate);
  std::string text = to_text(request.statement);
  text.replace(text.find("Count people"), 5, "Counx");
  request.statement = to_bytes(std::string_view(text));
  const std::uint64_t before = size();
  CHECK(!gate->submit(submission_of(request)).ok());
  LONGS_EQUAL(before, size());
}

TEST(Admission, RubbishIsSummarisedOnceAMinuteInOneSignedEntry) {
  for (int i = 0; i < 5; ++i) CHECK(!gate->submit({to_bytes("{}"), to_bytes("{}"), {}}).ok());
  gate->tick();
  for (int i = 0; i < 3; ++i) CHECK(!gate->submit({to_bytes("{}"), to_bytes("{}"), {}}).ok());
  gate->tick();
  LONGS_EQUAL(1, count(*gate, "gate.summary"));
  home.world.clock.advance(61);
  gate->tick();
  LONGS_EQUAL(2, count(*gate, "gate.summary"));
  const Value body = newest(*gate, "gate.summary");
  LONGS_EQUAL(3, body.find("counts")->as_array().front().find("count")->as_int());
}

TEST(Admission, WhatIsLeftToSummariseIsWrittenWhenTheGateEnds) {
  CHECK(!gate->submit({to_bytes("x"), to_bytes("y"), {}}).ok());
  gate->tick();
  CHECK(!gate->submit({to_bytes("x"), to_bytes("y"), {}}).ok());
  gate->finish();
  LONGS_EQUAL(2, count(*gate, "gate.summary"));
}

TEST(Admission, SqlThatMayNotRunNeverWaitsForAnApprover) {
  Object body = home.world.request_body("individual");
  body["sql"] = Array{"SELECT BEN_NIR_PSA || '' AS x FROM IR_BEN_R"};
  const auto admission = must_be(*gate, home.write(*gate, "extraction.request", {"dora"}, body), "refused");
  CHECK(admission.refusal->message.find('\n') == std::string::npos);
  LONGS_EQUAL(0, gate->requests(log_in(home, *gate, "carl"), "pending").size());
}

// Whatever a defect makes of it.
TEST(Admission, NoSqlEndsTheGate) {
  Object body = home.world.request_body("individual");
  for (const char* sql :
       {"SELECT months_after(DATE '2020-01-01', .5) AS d FROM IR_BEN_R",
        "SELECT BEN_NIR_PSA FROM IR_BEN_R WHERE months_after('2020-01-01', .5) > '2020-01-01'"}) {
    body["sql"] = Array{sql};
    const auto admission =
        gate->submit(submission_of(home.write(*gate, "extraction.request", {"dora"}, body)));
    CHECK(!admission || admission->refusal.has_value());
  }
  must_be(*gate, home.request(*gate), "admitted");
}

TEST(Admission, AnAuthorWhoSawALargerLedgerRaisesTheRollbackAlarm) {
  Envelope envelope;
  envelope.after = statement::After{size() + 10, Digest{}};
  const Signed request =
      home.write(*gate, "extraction.request", {"dora"}, home.world.request_body(), envelope);
  must_be(*gate, request, "refused");
  bool alarmed = false;
  for (const std::string& line : home.log) alarmed = alarmed || line.starts_with("rollback:");
  CHECK(alarmed);
}

TEST(Admission, TheLedgerChecksFromEndToEndAfterwards) {
  must_be(*gate, home.request(*gate), "admitted");
  must_be(*gate, home.request(*gate, "individual"), "pending");
  const auto verifier = ledger::NoteVerifier::parse(home.world.log).value();
  CHECK(ledger::check(gate->ledger(), &verifier).ok());
}

TEST(Admission, WhatEveryMemberSaysSurvivesARestart) {
  const Signed request = home.request(*gate, "individual");
  must_be(*gate, request, "pending");
  gate.reset();
  gate = home.open();
  must_be(*gate, request, "refused");  // its id is used up
  LONGS_EQUAL(1, gate->requests(log_in(home, *gate, "carl"), "pending").size());
}

TEST(Admission, ASecondGateOnTheSameHomeIsRefusedByName) {
  const auto second = gate::Gate::open(home.options());
  CHECK(!second.ok());
  CHECK(second.error().kind == ErrorKind::refused);
  STRCMP_CONTAINS("is using this home", second.error().message.c_str());
}

TEST(Admission, WhatAnErasureNamesIsErasedAndItsProofStands) {
  const std::uint64_t login = must_be(*gate, home.login(*gate, "dora"), "admitted").index;
  home.world.clock.advance(181 * 86400);
  const Signed erasure = home.write(*gate, "erasure", {"ada", "bea"},
                                    Object{{"entries", Array{login}}, {"reason", "its term has ended"}});
  must_be(*gate, erasure, "admitted");
  CHECK(gate->ledger().opening(login).error().kind == ErrorKind::not_found);
  CHECK(gate->receipt_document_at(login).ok());
  gate.reset();
  gate = home.open();
  CHECK(!gate->ledger().opening(login).ok());
}

TEST_GROUP(Beginning) { GateHome home{World::Until::nothing}; };

TEST(Beginning, AGenesisAndItsGateAreAdmittedIntoAnEmptyLedger) {
  auto gate = home.open();
  std::vector<Bytes> blobs;
  for (const auto& [digest, blob] : home.world.blobs) blobs.push_back(blob);
  const Signed genesis = home.write(*gate, "genesis", {"ada", "bea"}, home.world.genesis_body(false));
  STRCMP_EQUAL("admitted", gate->submit(submission_of(genesis, blobs))->state.c_str());
  must_be(*gate,
          home.write(*gate, "gate.enrol", {"ada", "bea"},
                     Object{{"gate", "gate"},
                            {"certificate", home.world.gate_certificate->digest()},
                            {"log", home.world.log}}),
          "admitted");
  must_be(*gate, genesis, "refused");
  gate.reset();
  gate = home.open();
  LONGS_EQUAL(3, gate->ledger().head()->size);  // the refusal is one of them
}

TEST(Beginning, AGenesisThatOneOfItsAdministratorsHasNotSignedIsNotRecorded) {
  auto gate = home.open();
  CHECK(!gate->submit(submission_of(home.write(*gate, "genesis", {"ada"}, home.world.genesis_body(false))))
             .ok());
  LONGS_EQUAL(0, gate->ledger().head()->size);
}

TEST_GROUP(Sessions) {
  GateHome home;
  std::unique_ptr<gate::Gate> gate = home.open();

  std::string bearer(const std::string& person) {
    return must_be(*gate, home.login(*gate, person), "admitted").session->bearer;
  }
};

TEST(Sessions, ALoginOpensOneForTheSecondsThatPolicySays) {
  const std::string session = bearer("dora");
  LONGS_EQUAL(64, session.size());
  STRCMP_EQUAL("dora", gate->caller(session).value().person.c_str());
  home.world.clock.advance(28799);
  CHECK(gate->caller(session).ok());
  home.world.clock.advance(1);
  CHECK(gate->caller(session).error().kind == ErrorKind::authentication);
}

TEST(Sessions, ALoginToAnotherMachineOpensNoneHere) {
  const Signed login = home.write(*gate, "login", {"dora"}, Object{{"audience", "host.example.org"}});
  CHECK(!must_be(*gate, login, "admitted").session.has_value());
}

TEST(Sessions, AnUnknownBearerIsNobody) {
  CHECK(gate->caller(std::string(64, '0')).error().kind == ErrorKind::authentication);
  CHECK(gate->caller("").error().kind == ErrorKind::authentication);
}

TEST(Sessions, RevokingTheTokenEndsItAtOnce) {
  const std::string session = bearer("dora");
  must_be(*gate, home.write(*gate, "token.revoke", {"ada"}, Object{{"serial", "1004"}, {"reason", "lost"}}),
          "admitted");
  CHECK(gate->caller(session).error().kind == ErrorKind::authentication);
}

TEST(Sessions, LeavingEndsItAtOnce) {
  const std::string session = bearer("dora");
  must_be(*gate, home.write(*gate, "person.leave", {"ada"}, Object{{"person", "dora"}, {"reason", "left"}}),
          "admitted");
  CHECK(gate->caller(session).error().kind == ErrorKind::authentication);
}

TEST(Sessions, ASignatureByTheSigningKeyOpensNone) {
  const Signed login = home.login(*gate, "dora");
  Signed wrong = login;
  evidence::Evidence evidence;
  evidence.signatures.push_back(home.world.signature_of(login.statement, home.world.card("dora")));
  wrong.evidence = evidence::serialise(evidence);
  must_be(*gate, wrong, "refused");
}

TEST(Sessions, AnAgentSeesHerOwnRequestsAndNobodyElses) {
  must_be(*gate, home.request(*gate), "admitted");
  LONGS_EQUAL(1, gate->requests(log_in(home, *gate, "dora"), "").size());
  LONGS_EQUAL(0, gate->requests(log_in(home, *gate, "erik"), "").size());
  LONGS_EQUAL(1, gate->requests(log_in(home, *gate, "ada"), "").size());
}

TEST(Sessions, OnlyAnAuditorReadsOpenings) {
  CHECK(gate->opening_document(log_in(home, *gate, "ada"), 0).error().kind == ErrorKind::refused);
}
