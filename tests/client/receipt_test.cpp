#include <CppUTest/TestHarness.h>

#include "people.h"
#include "sceau/client/author.h"
#include "sceau/client/receipt.h"
#include "sceau/ledger/tree.h"

using namespace sceau;
using namespace sceau::client;

namespace {

using statement::Value;

// A receipt for carol's approval, alone in a ledger: what a gate would hand back.
struct Issued {
  Bytes statement, evidence;
  statement::Object receipt;
};

Issued issue(const test::People& people, const std::string& type = "approval", Time at = test::kNow,
             std::uint64_t seed = 5) {
  FixedClock clock(test::kNow);
  SeededRandom random(seed);
  const Digest any = sha256(as_bytes("any"));
  auto bytes = Author(clock, random)
                   .write({test::kRealm, {1, any}}, type, "carol",
                          statement::Object{{"evidence", any}, {"request", any}})
                   .value();
  test::SoftwareSigner signer(people.key, people.certificate.der());
  test::FixedPins pins("246824");
  auto signature = sign_statement(signer, pins, bytes, test::kNow).value();
  ledger::Opening opening{random.array<32>(), bytes, evidence::serialise({{signature}}),
                          to_bytes("{\"crls\":[],\"state\":\"admitted\"}")};
  const auto leaf = ledger::write_leaf({at, ledger::commitment(opening), type}).value();
  const auto log = test::log_signer();
  ledger::Proof proof;
  proof.index = 0;
  proof.checkpoint = ledger::sign_checkpoint({test::kRealm, 1, ledger::leaf_hash(leaf)}, log).value();
  return {opening.statement,
          opening.evidence,
          {{"blobs", statement::Array{}},
           {"evidence", to_base64(opening.evidence)},
           {"leaf", to_base64(leaf)},
           {"log", log.vkey()},
           {"proof", ledger::write_proof(proof)},
           {"salt", to_base64(opening.salt)},
           {"statement", to_base64(opening.statement)},
           {"verdict", to_base64(opening.verdict)}}};
}

Anchors anchors(const test::People& people) { return {people.trust(), test::log_signer().verifier()}; }

}  // namespace

TEST_GROUP(Receipt) { const test::People people; };

TEST(Receipt, AGoodOneSaysWhoSignedWhatAndWhere) {
  const auto issued = issue(people);
  auto receipt = read_receipt(issued.receipt);
  CHECK(receipt.ok());
  auto report = verify_receipt(*receipt, anchors(people));
  CHECK(report.ok());
  CHECK_EQUAL(0U, report->index);
  STRCMP_EQUAL(test::kRealm, report->checkpoint.origin.c_str());
  CHECK_EQUAL(1U, report->signers.size());
  STRCMP_EQUAL("carol", report->signers.front().person.c_str());
  STRCMP_EQUAL("approval", report->statement->type.c_str());
  CHECK(report->statement_digest == sha256(issued.statement));
}

TEST(Receipt, EveryPartThatIsExchangedIsFoundOut) {
  const auto issued = issue(people);
  const auto other = [] {
    const test::People others;
    return issue(others, "approval", test::kNow, 6);
  }();
  for (const char* part : {"leaf", "salt", "statement", "evidence", "verdict", "proof"}) {
    auto changed = issued.receipt;
    if (std::string(part) == "salt" || std::string(part) == "verdict") {
      changed[part] = std::string(part) == "salt" ? to_base64(Bytes(32, 1)) : to_base64(to_bytes("{}"));
    } else {
      changed[part] = other.receipt.at(part);
    }
    auto receipt = read_receipt(changed);
    CHECK_TEXT(!receipt.ok() || !verify_receipt(*receipt, anchors(people)).ok(), part);
  }
}

TEST(Receipt, AnotherLogsCheckpointIsRefused) {
  auto receipt = read_receipt(issue(people).receipt);
  const Anchors other{people.trust(), test::log_signer(9).verifier()};
  CHECK(!verify_receipt(*receipt, other).ok());
}

TEST(Receipt, RootsThatDoNotKnowTheSignerAreRefused) {
  auto receipt = read_receipt(issue(people).receipt);
  const test::People strangers;
  CHECK(!verify_receipt(*receipt, anchors(strangers)).ok());
}

TEST(Receipt, TheLeafMustBeOfTheStatementsTypeAndTheTimeOfAGoodCertificate) {
  auto late = read_receipt(issue(people, "approval", test::kNow + 60000).receipt);
  const auto report = verify_receipt(*late, anchors(people));
  CHECK(!report.ok());
  CHECK(report.error().message.find("carol") != std::string::npos);
}

TEST(Receipt, OtherJsonIsNoReceipt) {
  for (const auto& value :
       {Value(statement::Object{}), Value("text"), Value(statement::Object{{"proof", "x"}})}) {
    const auto receipt = read_receipt(value);
    CHECK(!receipt.ok());
    CHECK(receipt.error().message.find("not a receipt") != std::string::npos);
  }
}

TEST(Receipt, TrustIsReadFromOnePemText) {
  auto trust = read_trust(people.trust_pem());
  CHECK(trust.ok());
  CHECK_EQUAL(1U, trust->authorities().size());
  CHECK_EQUAL(1U, trust->crls().size());
  CHECK(!read_trust("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").ok());
}
