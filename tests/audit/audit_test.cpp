// What an audit passes, finds, and says. Damage of many kinds is in tests/auditor, beside the second auditor.
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>

#include "check.h"
#include "clear_token.h"
#include "planned.h"
#include "sceau/gate/audit.h"

using namespace sceau;
using namespace sceau::test;
using registry::RequestState;

TEST_GROUP(Audit) {
  World world;
  std::filesystem::path folder;
  Digest genesis{};

  void setup() override {
    std::string name = (std::filesystem::temp_directory_path() / "sceau-audit-XXXXXX").string();
    folder = mkdtemp(name.data());
    complete_results(world);
    genesis = sha256(world.entries.front().opening.statement);
  }
  void teardown() override { std::filesystem::remove_all(folder); }

  std::filesystem::path path() { return folder / "ledger.db"; }
  gate::AuditReport audit(const gate::AuditOptions& options = {}) {
    if (!std::filesystem::exists(path())) world.store(path(), {1, 2});
    return gate::audit(path(), options).value();
  }
  std::string first_finding(const gate::AuditReport& report) {
    return report.ok() ? std::string() : report.findings.front().what;
  }
  void sql(const std::string& text) {
    sqlite3* database = nullptr;
    LONGS_EQUAL(SQLITE_OK, sqlite3_open(path().c_str(), &database));
    LONGS_EQUAL(SQLITE_OK, sqlite3_exec(database, text.c_str(), nullptr, nullptr, nullptr));
    sqlite3_close(database);
  }
};

TEST(Audit, PassesAnHonestLedgerAndSaysWhoDidWhat) {
  const auto delivered = world.deliver("individual");
  gate::AuditOptions options;
  options.genesis = genesis;
  options.log = world.log;
  const auto report = audit(options);
  STRCMP_EQUAL("", first_finding(report).c_str());
  CHECK(report.anchored);
  LONGS_EQUAL(0, report.notes.size());
  LONGS_EQUAL(world.entries.size(), report.head.size);
  LONGS_EQUAL(4, report.checkpoints);
  LONGS_EQUAL(1, report.extractions.size());
  const auto& story = report.extractions.front();
  STRCMP_EQUAL("dora", story.request.by.c_str());
  STRCMP_EQUAL("1004", story.request.serial.c_str());
  STRCMP_EQUAL("Person dora", story.agent_name.c_str());
  STRCMP_EQUAL("carl", story.request.approvals.at(0).person.c_str());
  STRCMP_EQUAL("1003", story.request.approvals.at(0).serial.c_str());
  CHECK(story.request.digest == delivered.digest());
  CHECK(story.request.state == RequestState::delivered);
  LONGS_EQUAL(3, story.rows);
  CHECK(story.sha256 == sha256(as_bytes("rows")));
}

TEST(Audit, SaysSoWhenNothingFromElsewhereAnchorsIt) {
  const auto report = audit();
  CHECK(report.ok());
  CHECK_FALSE(report.anchored);
  STRCMP_CONTAINS("no trust anchor", report.notes.front().c_str());
}

TEST(Audit, AnotherGenesisThanTheOneNamed) {
  gate::AuditOptions options;
  options.genesis = sha256(as_bytes("another"));
  STRCMP_CONTAINS("another ledger", first_finding(audit(options)).c_str());
}

TEST(Audit, AnotherLogKeyThanTheOneNamed) {
  gate::AuditOptions options;
  options.log = ledger::NoteSigner::from_seed(kRealm, Secret(Bytes(32, 8))).value().vkey();
  STRCMP_CONTAINS("not signed by the log's key", first_finding(audit(options)).c_str());
}

TEST(Audit, AGateThatAdmitsWhatARevokedTokenSigned) {
  world.must("token.revoke", {"ada"}, Object{{"serial", "1004"}, {"reason", "stolen"}});
  const Bytes statement = world.write("extraction.request", "dora", world.request_body());
  const auto entry =
      world.force("extraction.request", statement, world.sign(statement, {&world.card("dora")}), "admitted");
  const auto report = audit();
  LONGS_EQUAL(1, report.findings.size());
  CHECK(report.findings.front().entry == entry);
  STRCMP_CONTAINS("should have been refused", first_finding(report).c_str());
  STRCMP_CONTAINS("is revoked", first_finding(report).c_str());
}

TEST(Audit, AGateThatRunsWithoutTheApproval) {
  const auto asked = world.must("extraction.request", {"dora"}, world.request_body("individual"));
  world.step(asked.digest(), RequestState::admitted);
  STRCMP_CONTAINS("0 of 1 approvals", first_finding(audit()).c_str());
}

TEST(Audit, AGateThatSaysItRanOtherSql) {
  const auto honest = world.complete;
  world.complete = [&](Object& result, const Value& request) {
    honest(result, request);
    result["sql_run"] = Array{"SELECT 1"};
  };
  world.deliver();
  STRCMP_CONTAINS("does not follow from the signed request", first_finding(audit()).c_str());
}

TEST(Audit, AGateThatAdmitsSqlThatMayNotRun) {
  Object body = world.request_body();
  body["sql"] = Array{"SELECT BEN_NIR_PSA FROM IR_BEN_R"};
  const auto asked = world.must("extraction.request", {"dora"}, body);
  world.complete = [](Object& result, const Value&) {
    result["sql_run"] = Array{"SELECT \"BEN_NIR_PSA\" FROM x"};
  };
  world.step(asked.digest(), RequestState::running);
  world.step(asked.digest(), RequestState::checked,
             {{"rows", 3}, {"bytes", 42}, {"sha256", sha256(as_bytes("rows"))}});
  world.result(asked.digest(), "delivered");
  STRCMP_CONTAINS("it ran what may not run", first_finding(audit()).c_str());
}

TEST(Audit, AGateThatDeliversOtherRowsThanItChecked) {
  const auto asked = world.must("extraction.request", {"dora"}, world.request_body());
  world.step(asked.digest(), RequestState::running);
  world.step(asked.digest(), RequestState::checked,
             {{"rows", 2}, {"bytes", 42}, {"sha256", sha256(as_bytes("rows"))}});
  world.result(asked.digest(), "delivered");
  STRCMP_CONTAINS("not what had been checked", first_finding(audit()).c_str());
}

TEST(Audit, AnOpeningThatVanishedWithoutAnErasure) {
  const auto delivered = world.deliver();
  audit();
  sql("DELETE FROM opening WHERE idx = " + std::to_string(delivered.index));
  const auto report = audit();
  CHECK_FALSE(report.ok());
  STRCMP_CONTAINS("no erasure names it", report.findings.back().what.c_str());
}

TEST(Audit, ErasedOpeningsAreNamedAndAreNoDamage) {
  const auto delivered = world.deliver("individual");
  const std::size_t end = world.entries.size();
  world.clock.advance(366 * 86400);
  Array entries;
  for (std::size_t i = delivered.index; i < end; ++i) entries.emplace_back(i);
  world.must("erasure", {"ada", "bea"}, Object{{"entries", entries}, {"reason", "term"}});
  auto ledger = world.store(path());
  for (std::size_t i = delivered.index; i < end; ++i) CHECK(ledger->erase_opening(i).ok());
  ledger.reset();
  const auto report = audit();
  STRCMP_EQUAL("", first_finding(report).c_str());
  LONGS_EQUAL(end - delivered.index, report.erased.size());
  LONGS_EQUAL(0, report.extractions.size());
}

TEST(Audit, ARequestErasedBeforeItsResultIsStillNoDamage) {
  const auto delivered = world.deliver("individual");
  world.clock.advance(366 * 86400);
  world.must("erasure", {"ada", "bea"},
             Object{{"entries", Array{static_cast<std::int64_t>(delivered.index)}}, {"reason", "term"}});
  auto ledger = world.store(path());
  CHECK(ledger->erase_opening(delivered.index).ok());
  ledger.reset();
  const auto report = audit();
  STRCMP_EQUAL("", first_finding(report).c_str());
  CHECK(report.notes.size() > 1);
}

TEST(Audit, ARefusalOfWhatNobodySigned) {
  const Bytes statement = world.write("extraction.request", "dora", world.request_body());
  const Card stranger = world.make_card("dora", "6666");
  world.force("extraction.request", statement, world.sign(statement, {&stranger}), "refused");
  STRCMP_CONTAINS("no enrolled key signed", first_finding(audit()).c_str());
}

TEST(Audit, RefusalsOfKnownSignersAreInOrder) {
  Object body = world.request_body();
  body["max_rows"] = 100000;
  world.submit("extraction.request", {"dora"}, body);
  world.submit("extraction.request", {"erik"}, world.request_body());
  const auto report = audit();
  STRCMP_EQUAL("", first_finding(report).c_str());
  LONGS_EQUAL(2, report.refusals);
}

TEST(Audit, WhatIsStillRunningIsNoted) {
  const auto asked = world.must("extraction.request", {"dora"}, world.request_body());
  world.step(asked.digest(), RequestState::running);
  const auto report = audit();
  CHECK(report.ok());
  STRCMP_CONTAINS("has no result yet", report.notes.back().c_str());
}

TEST(Audit, ItsReportIsOneJsonObject) {
  world.deliver();
  const std::string text = statement::to_canonical(gate::to_value(audit()));
  STRCMP_CONTAINS("\"verdict\":\"ok\"", text.c_str());
  STRCMP_CONTAINS("\"agent\":\"dora\"", text.c_str());
}

TEST(Audit, WhoStandsBehindDeliveredRows) {
  const auto delivered = world.deliver("individual");
  const auto ledger = world.store(path());
  const auto answers = gate::who(*ledger, sha256(as_bytes("rows"))).value();
  LONGS_EQUAL(1, answers.size());
  STRCMP_EQUAL("delivered rows", answers.front().what.c_str());
  STRCMP_EQUAL("gate", answers.front().person.c_str());
  STRCMP_EQUAL("dora", answers.front().extraction->request.by.c_str());
  STRCMP_EQUAL("carl", answers.front().extraction->request.approvals.front().person.c_str());
  const auto statement = gate::who(*ledger, delivered.digest()).value();
  LONGS_EQUAL(1, statement.size());
  STRCMP_EQUAL("1004", statement.front().serial.c_str());
  LONGS_EQUAL(0, gate::who(*ledger, sha256(as_bytes("unknown")))->size());
}

TEST(Audit, NotesEachAlarmAndFindsTheOneThatWasNotRaised) {
  ClearToken dora(world, "dora", "2001");
  dora.use(world.write("extraction.request", "dora", world.request_body()));  // and never sent
  const auto told = world.must("token.journal", {"dora"}, dora.journal());
  const auto honest = audit();
  STRCMP_EQUAL("", first_finding(honest).c_str());
  const std::string note =
      "entry " + std::to_string(told.index) + ": alarm: entry 1 of the journal of token 2001";
  CHECK(std::any_of(honest.notes.begin(), honest.notes.end(),
                    [&](const std::string& one) { return one.starts_with(note); }));
  std::filesystem::remove_all(folder / "ledger.db");
  world.rewind(told.index);
  dora.use(world.write("extraction.request", "dora", world.request_body()));
  const Bytes silent = world.write("token.journal", "dora", dora.journal());
  world.force("token.journal", silent, world.sign(silent, {&world.card("dora")}), "admitted");
  STRCMP_CONTAINS("its verdict does not raise the alarm: entry 1 of the journal",
                  first_finding(audit()).c_str());
}
