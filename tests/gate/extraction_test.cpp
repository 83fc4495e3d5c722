// Requests run, rows leave, results say what left.
#include <CppUTest/TestHarness.h>

#include <utility>

#include "gate_home.h"

using namespace sceau;
using namespace sceau::test;

namespace {

std::string text_of(const Value& body, std::string_view name) { return body.find(name)->as_text(); }
std::int64_t int_of(const Value& body, std::string_view name) { return body.find(name)->as_int(); }

}  // namespace

TEST_GROUP(Extraction) {
  GateHome home;
  std::unique_ptr<gate::Gate> gate = home.open();

  Signed admitted(const std::string& kind = "aggregate") {
    const Signed request = home.request(*gate, kind);
    must_be(*gate, request, kind == "individual" ? "pending" : "admitted");
    return request;
  }
  Signed approval(const Signed& request, const std::string& person = "carl") {
    return home.write(*gate, "approval", {person},
                      Object{{"request", request.digest()}, {"evidence", request.evidence_digest()}});
  }
  std::string state_of(const Signed& request) {
    return gate->request(log_in(home, *gate, "dora"), request.digest()).value().state;
  }
  std::string reason_of(const Signed& request) {
    return gate->request(log_in(home, *gate, "dora"), request.digest()).value().reason;
  }
};

TEST(Extraction, WhatIsDeliveredIsWhatTheResultSays) {
  const Signed request = admitted();
  auto delivery = gate->fetch(log_in(home, *gate, "dora"), request.digest()).value();
  const Bytes rows = receive(*delivery);
  CHECK(delivery->complete().ok());
  const Value result = newest(*gate, "extraction.result");
  STRCMP_EQUAL("delivered", text_of(result, "outcome").c_str());
  STRCMP_EQUAL(to_hex(sha256(rows)).c_str(), text_of(result, "sha256").c_str());
  LONGS_EQUAL(rows.size(), int_of(result, "bytes"));
  LONGS_EQUAL(10, int_of(result, "rows"));
  STRCMP_EQUAL("delivered", state_of(request).c_str());
  CHECK(gate->result_document(log_in(home, *gate, "dora"), request.digest()).ok());
}

// The rule that holds answers against each other is the release room's; that the gate asks it, for every
// aggregate and for ever, is seen here.
TEST(Extraction, AProjectWhoseHistoryWasLostGetsNoMoreAggregates) {
  const gate::Caller dora = log_in(home, *gate, "dora");
  for (int i = 0; i < 2; ++i) {
    auto delivery = gate->fetch(dora, admitted().digest()).value();
    receive(*delivery);
    CHECK(delivery->complete().ok());
  }
  for (const auto& file : std::filesystem::directory_iterator(home.path() / "given")) {
    std::filesystem::remove(file.path());
  }
  const auto refused = gate->fetch(dora, admitted().digest());
  CHECK(refused.error().kind == ErrorKind::corrupt);
  STRCMP_EQUAL("interrupted", text_of(newest(*gate, "extraction.result"), "outcome").c_str());
}

TEST(Extraction, RunningAndCheckedAreInTheLedgerBeforeARowLeaves) {
  const Signed request = admitted();
  const int steps = count(*gate, "step");
  auto delivery = gate->fetch(log_in(home, *gate, "dora"), request.digest()).value();
  LONGS_EQUAL(steps + 2, count(*gate, "step"));
  const Value checked = newest(*gate, "step");
  STRCMP_EQUAL("checked", text_of(checked, "state").c_str());
  LONGS_EQUAL(delivery->bytes(), int_of(checked, "bytes"));
  CHECK(delivery->complete().error().kind == ErrorKind::refused);  // nothing was sent yet
}

TEST(Extraction, ATokenRevokedWhileItsRequestRunsGetsNoRows) {
  const Signed request = admitted();
  const Signed revoke =
      home.write(*gate, "token.revoke", {"ada"}, Object{{"serial", "1004"}, {"reason", "stolen"}});
  const gate::Caller dora = log_in(home, *gate, "dora");
  bool revoked = false;
  gate->on_change([&](const Digest&) {
    if (!std::exchange(revoked, true)) must_be(*gate, revoke, "admitted");
  });
  const auto delivery = gate->fetch(dora, request.digest());
  gate->on_change({});
  CHECK(revoked);
  CHECK(!delivery.ok());
  CHECK(delivery.error().kind == ErrorKind::refused);
  const Value result = newest(*gate, "extraction.result");
  STRCMP_EQUAL("refused", text_of(result, "outcome").c_str());
  LONGS_EQUAL(0, int_of(result, "bytes"));
}

TEST(Extraction, RowsAreFetchedOnceAndByTheirRequesterOnly) {
  const Signed request = admitted();
  CHECK(gate->fetch(log_in(home, *gate, "carl"), request.digest()).error().kind == ErrorKind::not_found);
  auto delivery = gate->fetch(log_in(home, *gate, "dora"), request.digest()).value();
  CHECK(gate->fetch(log_in(home, *gate, "dora"), request.digest()).error().kind == ErrorKind::refused);
  receive(*delivery);
  CHECK(delivery->complete().ok());
  delivery.reset();
  CHECK(gate->fetch(log_in(home, *gate, "dora"), request.digest()).error().kind == ErrorKind::refused);
  LONGS_EQUAL(1, count(*gate, "extraction.result"));
}

TEST(Extraction, ALineThatBreaksLeavesAnInterruptedResultWithExactlyWhatWasSent) {
  const Signed request = admitted();
  auto delivery = gate->fetch(log_in(home, *gate, "dora"), request.digest()).value();
  const Bytes piece = delivery->next().value();
  const auto three_lines =
      to_text(piece).find('\n', to_text(piece).find('\n', to_text(piece).find('\n') + 1) + 1);
  const ByteView sent = ByteView(piece).first(three_lines + 3);  // the header, two rows and a bit
  delivery->sent(sent);
  delivery->interrupt("the line broke");
  const Value result = newest(*gate, "extraction.result");
  STRCMP_EQUAL("interrupted", text_of(result, "outcome").c_str());
  STRCMP_EQUAL("the line broke", text_of(result, "reason").c_str());
  STRCMP_EQUAL(to_hex(sha256(sent)).c_str(), text_of(result, "sha256").c_str());
  LONGS_EQUAL(sent.size(), int_of(result, "bytes"));
  LONGS_EQUAL(2, int_of(result, "rows"));
  CHECK(result.find("exact")->as_bool());
}

TEST(Extraction, ADeliveryThatIsForgottenIsInterrupted) {
  const Signed request = admitted();
  gate->fetch(log_in(home, *gate, "dora"), request.digest()).value().reset();
  STRCMP_EQUAL("interrupted", state_of(request).c_str());
}

TEST(Extraction, AnApproverOpensTheWay) {
  const Signed request = admitted("individual");
  CHECK(gate->fetch(log_in(home, *gate, "dora"), request.digest()).error().kind == ErrorKind::refused);
  Digest told{};
  gate->on_change([&](const Digest& changed) { told = changed; });
  must_be(*gate, approval(request), "admitted");
  CHECK(told == request.digest());
  STRCMP_EQUAL("admitted", state_of(request).c_str());
  auto delivery = gate->fetch(log_in(home, *gate, "dora"), request.digest()).value();
  const std::string rows = to_text(receive(*delivery));
  CHECK(delivery->complete().ok());
  const Value result = newest(*gate, "extraction.result");
  LONGS_EQUAL(200, int_of(result, "rows"));
  CHECK(result.contains("fingerprint"));
  STRCMP_EQUAL("asthma/1", text_of(result, "pseudonyms").c_str());
  CHECK(rows.find("00000000000000001") == std::string::npos);  // no identifier left as it is
}

TEST(Extraction, NobodyApprovesHerOwnRequest) {
  const Signed request = admitted("individual");
  must_be(*gate, approval(request, "dora"), "refused");
  must_be(*gate, approval(request, "ada"), "refused");  // an administrator is no approver
  STRCMP_EQUAL("pending", state_of(request).c_str());
}

TEST(Extraction, ARefusalEndsIt) {
  const Signed request = admitted("individual");
  must_be(*gate,
          home.write(*gate, "refusal", {"carl"},
                     Object{{"request", request.digest()},
                            {"evidence", request.evidence_digest()},
                            {"reason", "not needed"}}),
          "admitted");
  STRCMP_EQUAL("refused", state_of(request).c_str());
  STRCMP_EQUAL("carl says: not needed", reason_of(request).c_str());
  STRCMP_CONTAINS(
      "\"reason\":\"carl says: not needed\"",
      gate->request_document(gate->requests(log_in(home, *gate, "dora"), "refused").at(0)).c_str());
  must_be(*gate, approval(request), "refused");
}

TEST(Extraction, NobodyDecidesInTimeAndItExpires) {
  const Signed request = admitted("individual");
  home.world.clock.advance(86400 - 1);
  gate->tick();
  STRCMP_EQUAL("pending", state_of(request).c_str());
  home.world.clock.advance(1);
  gate->tick();
  STRCMP_EQUAL("expired", state_of(request).c_str());
}

TEST(Extraction, ARightThatEndedMeanwhileStopsItBeforeItRuns) {
  const Signed request = admitted();
  must_be(*gate,
          home.write(*gate, "project.close", {"ada"}, Object{{"project", "asthma"}, {"reason", "over"}}),
          "admitted");
  CHECK(gate->fetch(log_in(home, *gate, "dora"), request.digest()).error().kind == ErrorKind::refused);
  LONGS_EQUAL(0, count(*gate, "extraction.result"));
}

TEST(Extraction, ASourceThatIsGoneLeavesTheRequestAsItWas) {
  const Signed request = admitted();
  std::filesystem::rename(home.path() / "source.db", home.path() / "away.db");
  CHECK(!gate->fetch(log_in(home, *gate, "dora"), request.digest()).ok());
  std::filesystem::rename(home.path() / "away.db", home.path() / "source.db");
  CHECK(gate->fetch(log_in(home, *gate, "dora"), request.digest()).ok());
}

TEST(Extraction, NothingIsLeftInTheSpool) {
  const Signed request = admitted();
  auto delivery = gate->fetch(log_in(home, *gate, "dora"), request.digest()).value();
  CHECK(std::filesystem::is_empty(home.path() / "spool"));  // its file has no name
}

TEST_GROUP(Recovery) {
  GateHome home;

  // The request, left where a gate that died at that moment leaves it: the delivery outlives its gate's
  // results.
  Value result_after(registry::RequestState state) {
    Digest digest{};
    {
      auto gate = home.open();
      const Signed request = home.request(*gate);
      must_be(*gate, request, "admitted");
      digest = request.digest();
    }
    {
      auto log = ledger::Ledger::open(home.path() / "ledger.db", log_signer()).value();
      auto step = [&](registry::RequestState next, Object details) {
        auto entry =
            registry::make_step(home.world.clock.now(), digest, next, std::move(details), home.world.random);
        CHECK(log->append({std::move(*entry)}).ok());
      };
      step(registry::RequestState::running, {});
      if (state == registry::RequestState::checked) {
        step(state, {{"rows", 10}, {"bytes", 99}, {"sha256", sha256(as_bytes("rows"))}});
      }
    }
    auto gate = home.open();
    LONGS_EQUAL(1, count(*gate, "extraction.result"));
    return newest(*gate, "extraction.result");
  }
};

TEST(Recovery, ARequestThatWasRunningIsInterruptedWithNothingSent) {
  const Value result = result_after(registry::RequestState::running);
  STRCMP_EQUAL("interrupted", text_of(result, "outcome").c_str());
  LONGS_EQUAL(0, int_of(result, "bytes"));
  CHECK(result.find("exact")->as_bool());
}

TEST(Recovery, ARequestThatWasBeingSentIsInterruptedWithAnUpperBound) {
  const Value result = result_after(registry::RequestState::checked);
  STRCMP_EQUAL("interrupted", text_of(result, "outcome").c_str());
  LONGS_EQUAL(99, int_of(result, "bytes"));
  LONGS_EQUAL(10, int_of(result, "rows"));
  CHECK(!result.find("exact")->as_bool());
}

TEST(Recovery, ASecondStartHasNothingToRecover) {
  result_after(registry::RequestState::running);
  auto gate = home.open();
  LONGS_EQUAL(1, count(*gate, "extraction.result"));
}

TEST(Recovery, AnApprovedRequestIsAdmittedAtTheNextStart) {
  Signed request;
  {
    auto gate = home.open();
    request = home.request(*gate, "individual");
    must_be(*gate, request, "pending");
    const Signed approval =
        home.write(*gate, "approval", {"carl"},
                   Object{{"request", request.digest()}, {"evidence", request.evidence_digest()}});
    gate.reset();
    // The gate died between the approval's entry and the step that it brings.
    auto log = ledger::Ledger::open(home.path() / "ledger.db", log_signer()).value();
    registry::Verdict verdict;
    verdict.state = "admitted";
    auto entry = registry::make_entry(home.world.clock.now(), "approval", approval.statement,
                                      approval.evidence, verdict, {}, home.world.random);
    CHECK(log->append({std::move(*entry)}).ok());
  }
  auto gate = home.open();
  STRCMP_EQUAL("admitted",
               gate->request(log_in(home, *gate, "dora"), request.digest()).value().state.c_str());
}
