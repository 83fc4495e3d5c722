// The author of a script that is run at once is told when it is committed; its result follows, and all that
// she asks next comes after it.
#include <chrono>
#include <future>

#include "work_fixture.h"

using namespace sceau;
using namespace sceau::test;

namespace {

// Longer than an answer takes that waits for nothing.
constexpr std::chrono::seconds kWaits{2};

template <typename Value>
bool waits(const std::future<Value>& future) {
  return future.wait_for(kWaits) == std::future_status::timeout;
}

struct Told : WorkAtAGate {
  // Runs a script whose author, once she is told, does what `then` says. How often she was told.
  int tell(const Signed& script, const gate::Caller& dora, const std::function<void()>& then) {
    int told = 0;
    const auto hear = [&](const gate::Admission& admission, const std::vector<std::string>&) {
      if (admission.digest == script.digest() && ++told == 1) then();
    };
    auto run = gate->submit_and_run(dora, submission_of(script), {}, hear);
    CHECK(run.ok() && run->ended);
    return told;
  }
};

}  // namespace

TEST_GROUP_BASE(WorkTold, Told){};

TEST(WorkTold, SheIsToldOfWhatIsCommittedBeforeItsResultIsWritten) {
  const gate::Caller dora = log_in(home, *gate, "dora");
  const std::uint64_t before = gate->ledger().head()->size;
  std::uint64_t meanwhile = 0;
  const int told = tell(ask("work", {"CREATE TABLE told AS SELECT BEN_NAI_ANN FROM IR_BEN_R"}), dora, [&] {
    meanwhile = gate->ledger().head()->size;
    ::test::administrate(
        "DO $$ BEGIN ASSERT EXISTS (SELECT FROM pg_class WHERE relname = 'told'), 'not yet there'; END $$");
  });
  LONGS_EQUAL(1, told);
  LONGS_EQUAL(before + 2, meanwhile);  // admitted, running
  LONGS_EQUAL(before + 3, gate->ledger().head()->size);
  audited();
}

TEST(WorkTold, WhatSheAsksNextReadsWhatSheMade) {
  const gate::Caller dora = log_in(home, *gate, "dora");
  const Signed next = ask("aggregate", {"SELECT count(*) AS n FROM told"});
  std::future<Result<gate::Admission>> asked;
  bool waited = false;
  tell(ask("work", {"CREATE TABLE told AS SELECT BEN_NIR_PSA FROM IR_BEN_R"}), dora, [&] {
    asked = std::async(std::launch::async, [&] { return gate->submit(submission_of(next)); });
    waited = waits(asked);
  });
  auto admission = asked.get();
  CHECK(admission.ok());
  STRCMP_EQUAL("admitted", admission->state.c_str());
  CHECK(waited);
  audited();
}

TEST(WorkTold, WhatSheLooksAtNextHasItsResult) {
  const gate::Admission session = must_be(*gate, home.login(*gate, "dora"), "admitted");
  std::future<std::string> looked;
  bool waited = false;
  const Signed script = ask("work", {"CREATE TABLE told AS SELECT BEN_NIR_PSA FROM IR_BEN_R"});
  tell(script, gate->caller(session.session->bearer).value(), [&] {
    looked = std::async(std::launch::async, [&] {
      auto caller = gate->caller(session.session->bearer);
      return caller ? gate->request(*caller, script.digest())->state : caller.error().message;
    });
    waited = waits(looked);
  });
  STRCMP_EQUAL("delivered", looked.get().c_str());
  CHECK(waited);
}

// Whoever waits holds a thread that others need.
TEST(WorkTold, NobodyWaitsForEver) {
  const gate::Admission session = must_be(*gate, home.login(*gate, "dora"), "admitted");
  std::string said;
  tell(ask("work", {"CREATE TABLE told AS SELECT BEN_NIR_PSA FROM IR_BEN_R"}),
       gate->caller(session.session->bearer).value(), [&] {
         const auto caller = gate->caller(session.session->bearer);
         said = caller ? "not at all" : caller.error().message;
       });
  STRCMP_CONTAINS("still being written", said.c_str());
  CHECK(gate->caller(session.session->bearer).ok());
}

TEST(WorkTold, OfWhatWasNotKeptSheIsToldNothing) {
  const gate::Caller dora = log_in(home, *gate, "dora");
  const Signed script = ask("work", {"CREATE TABLE told AS SELECT BEN_NIR_PSA FROM IR_BEN_R"});
  ::test::administrate("ALTER TABLE wh.\"IR_BEN_R\" RENAME TO elsewhere");
  const int told = tell(script, dora, [] {});
  ::test::administrate("ALTER TABLE wh.elsewhere RENAME TO \"IR_BEN_R\"");
  LONGS_EQUAL(0, told);
  STRCMP_EQUAL("refused", text_of(newest(*gate, "extraction.result"), "outcome").c_str());
}
