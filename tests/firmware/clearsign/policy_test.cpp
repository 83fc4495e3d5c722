// Key policies: fixed when a key is made, kept to, named in its attestation. And what malformed commands get.
#include "../openssl_check.h"
#include "clear_card.h"
#include "samples.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau::firmware;        // NOLINT(google-build-using-namespace): the tests' own subject
using namespace sceau::firmware::test;  // NOLINT(google-build-using-namespace)
using sceau::test::sample;

namespace {

Bytes request(const std::string& kind, const std::string& source) {
  auto body =
      sceau::statement::read_statement(sample(*sceau::statement::find_type("extraction.request"), true))
          ->body;
  body.as_object()["kind"] = kind;
  body.as_object()["source"] = source;
  return sceau::test::sample_with("extraction.request", body);
}

constexpr const char* kPolicyOid = "2.25.147696762654192748190812530891524164905";

}  // namespace

TEST_GROUP(ClearSignPolicy) {
  ClearCard clear;
  void setup() override { LONGS_EQUAL(0x9000, clear.verify()); }

  unsigned signing(const Bytes& statement, const char* time = ClearCard::kTime) {
    clear.verify();
    clear.load("00", statement);
    return clear.prepare("00", "C1", time).word;
  }
};

TEST(ClearSignPolicy, BoundsTypesKindsAndSources) {
  PolicyWords words;
  words.types = {"extraction.request"};
  words.kinds = {"aggregate", "work"};
  words.sources = {"snds", "test"};
  CHECK(!clear.generate(words).empty());
  LONGS_EQUAL(0x9000, signing(request("aggregate", "snds")));
  LONGS_EQUAL(0x9000, signing(request("work", "test")));
  LONGS_EQUAL(0x6A81, signing(request("individual", "snds")));
  LONGS_EQUAL(0x6A81, signing(request("work", "other")));
  LONGS_EQUAL(0x6A81, signing(sample(*sceau::statement::find_type("login"), true)));
}

TEST(ClearSignPolicy, BoundsWhatIsDecidedOnToo) {
  PolicyWords words;
  words.types = {"approval"};
  words.kinds = {"aggregate"};
  CHECK(!clear.generate(words).empty());
  const Bytes evidence = sceau::test::evidence_by("alice");
  const Bytes good = request("aggregate", "snds");
  const Bytes bad = request("individual", "snds");
  LONGS_EQUAL(0x9000, clear.decide(good, evidence, sceau::test::decision_on(good, evidence)).word);
  LONGS_EQUAL(0x6A81, clear.decide(bad, evidence, sceau::test::decision_on(bad, evidence)).word);
  LONGS_EQUAL(0x6A81, clear.decide(good, evidence, sceau::test::decision_on(good, evidence, "refusal")).word);
}

// An answer in quarantine: the file's digest is shown beside what was asked for.
TEST(ClearSignPolicy, LetsReleaseTheAnswerOfTheRequestThatItShowed) {
  PolicyWords words;
  words.types = {"export.release"};
  CHECK(!clear.generate(words).empty());
  const Bytes evidence = sceau::test::evidence_by("alice");
  const Bytes asked = request("individual", "snds");
  const Bytes release = sceau::test::decision_on(asked, evidence, "export.release");
  clear.load("00", asked);
  clear.load("02", evidence);
  clear.load("01", release);
  const std::string lines = clear.show_all(clear.prepare("01"));
  CHECK(lines.find("release files that were asked for\nby: alice\n") == 0);
  CHECK(lines.find("\nfiles 1 name: \"cohort.csv\"\n") != std::string::npos);
  CHECK(lines.find("-- the request: --\nask for an extraction\n") != std::string::npos);
  LONGS_EQUAL(0x9000, clear.decide(asked, evidence, release).word);
  LONGS_EQUAL(
      0x6A80,
      clear.decide(release, evidence, sceau::test::decision_on(release, evidence, "export.release")).word);
}

TEST(ClearSignPolicy, BoundsTheWindow) {
  PolicyWords words;
  words.window = 899;
  CHECK(!clear.generate(words).empty());
  LONGS_EQUAL(0x6A81, signing(request("aggregate", "snds")));
  words.window = 900;
  CHECK(!clear.generate(words, "C2").empty());
  clear.load("00", request("aggregate", "snds"));
  LONGS_EQUAL(0x9000, clear.prepare("00", "C2").word);
}

TEST(ClearSignPolicy, SigningTimesLieInTheWindow) {
  CHECK(!clear.generate().empty());
  const Bytes statement = request("aggregate", "snds");  // 09:30:00 to 09:45:00
  LONGS_EQUAL(0x9000, signing(statement, "2026-11-22T09:29:00Z"));
  LONGS_EQUAL(0x6A81, signing(statement, "2026-11-22T09:28:59Z"));
  LONGS_EQUAL(0x9000, signing(statement, "2026-11-22T09:45:00Z"));
  LONGS_EQUAL(0x6A81, signing(statement, "2026-11-22T09:45:01Z"));
  LONGS_EQUAL(0x6A80, signing(statement, "2026-11-22T09:60:01Z"));
  LONGS_EQUAL(0x6A80, signing(statement, "2026-02-30T09:45:01Z"));
}

TEST(ClearSignPolicy, TheAttestationNamesIt) {
  const PolicyWords words;
  const Bytes point = clear.generate(words);
  const Answer attested = clear.card.send("00 F9 C1 00 00 00 00");
  LONGS_EQUAL(0x9000, attested.word);
  const Certificate certificate = read_certificate(attested.data);
  CHECK(certificate != nullptr);
  CHECK(extension(certificate.get(), kPolicyOid) == policy_der(words));
  CHECK(extension(certificate.get(), "1.3.6.1.4.1.41482.3.8") == hex("03 02"));
  LONGS_EQUAL(1, EVP_PKEY_eq(X509_get0_pubkey(certificate.get()), public_key(point).get()));
}

TEST(ClearSignPolicy, NoOtherKeyNorPolicyIsAttestedWithIt) {
  CHECK(!clear.generate().empty());
  LONGS_EQUAL(0x6A88, clear.card.word("00 F9 C2 00 00 00 00"));
  clear.card.word("00 A4 04 00 05 A0 00 00 03 08 00");
  clear.card.authenticate();
  CHECK(!clear.card.generate("9C").empty());
  const Certificate certificate = read_certificate(clear.card.send("00 F9 9C 00 00 00 00").data);
  CHECK(certificate != nullptr);
  CHECK(extension(certificate.get(), kPolicyOid).empty());
}

TEST(ClearSignPolicy, MalformedOnesMakeNoKey) {
  PolicyWords words;
  const Bytes good = policy_der(words);
  std::vector<Bytes> bad{good + Bytes{0}, hex("30 00"), hex("30 80 00 00")};
  for (std::size_t i = 1; i < good.size(); ++i)
    bad.emplace_back(good.begin(), good.begin() + static_cast<long>(i));
  const auto with = [](auto change) {
    PolicyWords changed;
    change(changed);
    return policy_der(changed);
  };
  bad.push_back(with([](PolicyWords& w) { w.types = {"login", "approval"}; }));
  bad.push_back(with([](PolicyWords& w) { w.types = {"login", "login"}; }));
  bad.push_back(with([](PolicyWords& w) { w.types = {"nothing.known"}; }));
  bad.push_back(with([](PolicyWords& w) { w.types = {}; }));
  bad.push_back(with([](PolicyWords& w) { w.kinds = {"every"}; }));
  bad.push_back(with([](PolicyWords& w) { w.sources = {"Not An Id"}; }));
  bad.push_back(with([](PolicyWords& w) { w.pin = 1; }));
  bad.push_back(with([](PolicyWords& w) { w.touch = 3; }));
  bad.push_back(with([](PolicyWords& w) { w.window = 0; }));
  for (const Bytes& policy : bad) LONGS_EQUAL(0x6A80, clear.card.command("00 47 00 C1", policy).word);
  LONGS_EQUAL(0x9000, clear.card.command("00 47 00 C1", good).word);
  LONGS_EQUAL(0x6985, clear.card.command("00 47 00 C1", good).word);
}

TEST(ClearSignPolicy, MakingAndDeletingWantThePinAndTheButton) {
  clear.card.board().touch = Touch::kTimedOut;
  CHECK(clear.generate().empty());
  LONGS_EQUAL(0x6A88, clear.card.word("00 F7 00 C1 00 00 00"));
  clear.card.board().touch = Touch::kTouched;
  CHECK(!clear.generate().empty());
  STRCMP_EQUAL("make a clear-sign key in slot C1", clear.card.board().shown.at(0).c_str());
  clear.card.board().touch = Touch::kDenied;
  LONGS_EQUAL(0x6982, clear.card.word("00 E4 00 C1"));
  clear.card.board().touch = Touch::kTouched;
  clear.card.insert();
  clear.select();
  LONGS_EQUAL(0x6982, clear.card.word("00 E4 00 C1"));
  LONGS_EQUAL(0x6982, clear.card.command("00 47 00 C2", policy_der({})).word);
  LONGS_EQUAL(0x6982, clear.card.command("00 DA 00 C1", Bytes(10, 1)).word);
}

TEST(ClearSignPolicy, KeepsTheCertificateThatWasIssued) {
  CHECK(!clear.generate().empty());
  LONGS_EQUAL(0x6A88, clear.card.word("00 CA 00 C1 00 00 00"));
  const Bytes certificate(1500, 0x42);
  LONGS_EQUAL(0x9000, clear.card.command("00 DA 00 C1", certificate).word);
  CHECK(clear.card.send("00 CA 00 C1 00 00 00").data == certificate);
  LONGS_EQUAL(0x6700, clear.card.command("00 DA 00 C1", Bytes(2049, 1)).word);
  LONGS_EQUAL(0x6A88, clear.card.command("00 DA 00 C2", certificate).word);
}

TEST(ClearSignPolicy, MalformedCommandsGetTheirStatusAndChangeNothing) {
  CHECK(!clear.generate().empty());
  const Bytes before = clear.card.flash().content();
  const std::vector<std::pair<std::string, unsigned>> all{
      {"00 30 03 00 01 00", 0x6A86}, {"00 30 00 02 01 00", 0x6A86},
      {"00 30 00 00", 0x6700},       {"00 30 00 01 01 7B", 0x6985},
      {"00 31 02 C1", 0x6A86},       {"00 31 00 9C", 0x6A86},
      {"00 31 00 C1 01 00", 0x6700}, {"00 32 00 00 00", 0x6985},
      {"00 32 00 00 01 00", 0x6700}, {"00 33 00 01", 0x6A86},
      {"00 33 00 00 01 00", 0x6700}, {"00 33 00 00", 0x6985},
      {"00 34 00 00", 0x6700},       {"00 34 01 00", 0x6A86},
      {"00 35 00 00 01 01", 0x6700}, {"00 47 00 C0 01 30", 0x6A86},
      {"00 47 01 C1 01 30", 0x6A86}, {"00 E4 00 C9", 0x6A86},
      {"00 E4 00 C2", 0x6A88},       {"00 CA 00 C1 01 00", 0x6700},
      {"00 F7 01 C1", 0x6A86},       {"00 F9 9C 00", 0x6A86},
      {"00 20 00 81", 0x6A86},       {"00 20 00 80 01 31", 0x6A80},
      {"00 87 11 9C", 0x6D00},       {"00 A4 04 00 04 F0 53 43 45", 0x6A82}};
  for (const auto& [command, word] : all) {
    CHECK_EQUAL_TEXT(word, clear.card.word(command), command.c_str());
  }
  CHECK(clear.card.flash().content() == before);
}
