// The statements that pages ask for.
#include "web/drafts.h"

#include <CppUTest/TestHarness.h>

#include "gate_home.h"
#include "sceau/ledger/ledger.h"
#include "sceau/statement/lines.h"

using namespace sceau;
using namespace sceau::test;

TEST_GROUP(WebDrafts) {
  GateHome home;
  std::unique_ptr<gate::Gate> gate = home.open();
  SystemRandom random;
  web::Drafts drafts{*gate, home.world.clock, random};
  Result<gate::Caller> nobody = Error{ErrorKind::authentication, "nobody"};

  Value made(const Object& asked, const Result<gate::Caller>& caller) {
    auto draft = drafts.make(statement::to_canonical(asked), caller);
    STRCMP_EQUAL("", draft ? "" : draft.error().message.c_str());
    return draft ? statement::parse_wire(as_bytes(*draft), 1U << 20U).value() : Value(Object{});
  }
  static Bytes bytes_in(const Value& draft, std::string_view name) {
    return statement::base64_field(draft, name).value();
  }
  static std::string text_in(const Value& draft, std::string_view name) {
    return statement::text_field(draft, name).value();
  }
  ErrorKind failure(const std::string& asked, const Result<gate::Caller>& caller) {
    auto draft = drafts.make(asked, caller);
    CHECK_FALSE(draft.ok());
    return draft ? ErrorKind::internal : draft.error().kind;
  }
  Signed pending() {
    const Signed given = home.request(*gate, "individual");
    must_be(*gate, given, "pending");
    return given;
  }
};

TEST(WebDrafts, ALogInIsForThisGateNowAndAfterThisTree) {
  const Value draft = made({{"by", "dora"}, {"type", "login"}}, nobody);
  const auto statement = statement::read_statement(bytes_in(draft, "statement")).value();
  STRCMP_EQUAL("login", statement.type.c_str());
  STRCMP_EQUAL("dora", statement.by.c_str());
  STRCMP_EQUAL(kRealm, statement.realm.c_str());
  STRCMP_EQUAL("gate", text_in(statement.body, "audience").c_str());
  LONGS_EQUAL(home.world.clock.now(), statement.at);
  LONGS_EQUAL(home.world.clock.now() + web::kDraftWindow, statement.until);
  LONGS_EQUAL(gate->ledger().head().value().size, statement.after.size);
  STRCMP_EQUAL(statement::shown_lines(statement).c_str(), text_in(draft, "lines").c_str());
  STRCMP_EQUAL("localhost", text_in(draft, "rp_id").c_str());
}

TEST(WebDrafts, NoTwoAreTheSame) {
  const Object asked{{"by", "dora"}, {"type", "login"}};
  CHECK(bytes_in(made(asked, nobody), "statement") != bytes_in(made(asked, nobody), "statement"));
}

TEST(WebDrafts, ADecisionNamesTheRequestAndItsEvidenceAndShowsBoth) {
  const Signed given = pending();
  const auto carl = log_in(home, *gate, "carl");
  const Value draft = made({{"request", given.digest()}, {"type", "approval"}}, carl);
  const auto decision = statement::read_statement(bytes_in(draft, "statement")).value();
  const auto request = statement::read_statement(given.statement).value();
  STRCMP_EQUAL("carl", decision.by.c_str());
  CHECK(statement::digest_field(decision.body, "request").value() == given.digest());
  CHECK(statement::digest_field(decision.body, "evidence").value() == given.evidence_digest());
  CHECK(bytes_in(draft, "request_statement") == given.statement);
  STRCMP_EQUAL(statement::shown_lines(decision, &request).c_str(), text_in(draft, "lines").c_str());
  CHECK(statement::bool_field(draft, "may_sign").value());
}

TEST(WebDrafts, ARefusalShowsItsReason) {
  const Signed given = pending();
  const auto carl = log_in(home, *gate, "carl");
  const Value draft =
      made({{"reason", "Hors du protocole"}, {"request", given.digest()}, {"type", "refusal"}}, carl);
  STRCMP_CONTAINS("reason: \"Hors du protocole\"", text_in(draft, "lines").c_str());
}

TEST(WebDrafts, ASignedDraftIsAdmittedLikeAnyStatement) {
  const Signed given = pending();
  const auto carl = log_in(home, *gate, "carl");
  const Value draft = made({{"request", given.digest()}, {"type", "approval"}}, carl);
  Signed approval;
  approval.statement = bytes_in(draft, "statement");
  approval.evidence = home.world.sign(approval.statement, {&home.world.card("carl")});
  must_be(*gate, approval, "admitted");
}

// One row was ordered of an answer of 200.
TEST(WebDrafts, AReleaseIsForExactlyWhatIsHeld) {
  const Signed given = home.request(*gate, "individual", 1);
  must_be(*gate, given, "pending");
  const auto carl = log_in(home, *gate, "carl");
  const Object asked{{"request", given.digest()}, {"type", "export.release"}};
  CHECK(failure(statement::to_canonical(asked), carl) == ErrorKind::refused);
  const Object about{{"request", given.digest()}, {"evidence", given.evidence_digest()}};
  must_be(*gate, home.write(*gate, "approval", {"carl"}, about), "admitted");
  CHECK_FALSE(gate->fetch(log_in(home, *gate, "dora"), given.digest()).ok());
  const auto release = statement::read_statement(bytes_in(made(asked, carl), "statement")).value();
  const auto held = gate->request(carl, given.digest()).value().held;
  const Value& file = release.body.find("files")->as_array().front();
  CHECK(*file.find("sha256") == held.at("sha256"));
  CHECK(*file.find("bytes") == held.at("bytes"));
  STRCMP_EQUAL("asthma.csv", text_in(file, "name").c_str());
}

TEST(WebDrafts, NobodyDecidesWithoutASessionOrOnWhatSheMayNotSee) {
  const Signed given = pending();
  const std::string asked =
      statement::to_canonical(Object{{"request", given.digest()}, {"type", "approval"}});
  CHECK(failure(asked, nobody) == ErrorKind::authentication);
  gate::Caller erik;
  erik.person = "erik";
  CHECK(failure(asked, erik) == ErrorKind::not_found);
  CHECK(failure(statement::to_canonical(Object{{"request", Digest{}}, {"type", "approval"}}),
                log_in(home, *gate, "carl")) == ErrorKind::not_found);
}

TEST(WebDrafts, AnythingElseIsRefused) {
  const auto carl = log_in(home, *gate, "carl");
  const std::string hex(64, 'a');
  for (const std::string& asked :
       {std::string("{}"), std::string("[]"), std::string("null"), std::string("{\"type\":1}"),
        std::string("{\"type\":\"policy.set\"}"), std::string("{\"type\":\"extraction.request\"}"),
        std::string("{\"by\":\"dora\", \"type\":\"login\"}"),
        std::string("{\"type\":\"login\",\"by\":\"dora\"}"),
        std::string("{\"by\":\"Dora\",\"type\":\"login\"}"),
        std::string("{\"by\":\"../x\",\"type\":\"login\"}"),
        std::string("{\"audience\":\"x\",\"by\":\"dora\",\"type\":\"login\"}"),
        std::string("{\"by\":\"dora\",\"by\":\"dora\",\"type\":\"login\"}"),
        "{\"request\":\"" + hex.substr(1) + "\",\"type\":\"approval\"}",
        "{\"reason\":\"\",\"request\":\"" + hex + "\",\"type\":\"approval\"}",
        "{\"request\":\"" + hex + "\",\"type\":\"refusal\"}", std::string(100'000, '['),
        "{\"by\":\"" + std::string(5000, 'a') + "\",\"type\":\"login\"}"}) {
    CHECK(failure(asked, carl) == ErrorKind::invalid);
  }
  const Signed given = pending();
  CHECK(failure("{\"reason\":\"\",\"request\":\"" + to_hex(given.digest()) + "\",\"type\":\"refusal\"}",
                carl) == ErrorKind::invalid);
}
