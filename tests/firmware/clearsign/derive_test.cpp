// Custodian keys: a master made on the token, cloned once among its holders, from which signed statements
// derive the keys of projects.
#include <openssl/hmac.h>

#include <algorithm>

#include "custodians.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau::firmware;        // NOLINT(google-build-using-namespace): the tests' own subject
using namespace sceau::firmware::test;  // NOLINT(google-build-using-namespace)

namespace {

void add_text(Bytes& to, const std::string& text) {
  to.push_back(0);
  to.push_back(static_cast<std::uint8_t>(text.size()));
  to.insert(to.end(), text.begin(), text.end());
}

// As FORMATS.md has it.
Bytes expected_key(const Bytes& master, const std::string& project, unsigned epoch, const std::string& label,
                   const std::string& extraction = "") {
  const std::string begin = "sceau derive v1";
  Bytes input(begin.begin(), begin.end());
  for (const std::string& text : {std::string("sceau.example/snds"), label, project, extraction})
    add_text(input, text);
  input.push_back(static_cast<std::uint8_t>(epoch >> 8U));
  input.push_back(static_cast<std::uint8_t>(epoch));
  Bytes key(32);
  HMAC(EVP_sha256(), master.data(), static_cast<int>(master.size()), input.data(), input.size(), key.data(),
       nullptr);
  return key;
}

}  // namespace

TEST_GROUP(Custodian) {
  ClearCard clear;
  Custodians people;

  void setup() override { LONGS_EQUAL(0x9000, clear.verify()); }

  PolicyWords words() { return people.words(); }
  unsigned prepare(const Bytes& statement) {
    clear.verify();
    clear.load("00", statement);
    const Answer prepared = clear.prepare();
    if (prepared.word == 0x9000) clear.show_all(prepared);
    return prepared.word;
  }
  Bytes derived(const Bytes& statement) {
    LONGS_EQUAL(0x9000, prepare(statement));
    const Answer made = clear.derive();
    LONGS_EQUAL(0x9000, made.word);
    return part(made, 0x82);
  }
  int cloned() {
    const Bytes said = part(clear.card.send("00 F7 00 C1 00 00 00"), 0x84);
    return said.size() == 1 ? said[0] : -1;
  }
  Bytes join(const Answer& given, const std::vector<std::size_t>& whose) {
    return people.join(given, whose, clear);
  }
};

TEST(Custodian, AnyTwoOfThreeHoldersHaveTheMasterThatTheTokenDerivesFrom) {
  CHECK(!clear.generate(words()).empty());
  const Answer given = clear.card.send(kShares);
  LONGS_EQUAL(0x9000, given.word);
  const Bytes master = join(given, {0, 1});
  LONGS_EQUAL(32, master.size());
  CHECK(join(given, {2, 0}) == master);
  CHECK(join(given, {1, 2}) == master);
  CHECK(join(given, {1}).empty());
  CHECK(derived(derivation()) == expected_key(master, "etude-42", 3, "pseudonym"));
  const std::string extraction(64, 'a');
  CHECK(derived(derivation("b", 65535, "extraction", extraction)) ==
        expected_key(master, "b", 65535, "extraction", extraction));
}

TEST(Custodian, EveryDerivationIsSignedCountedAndInTheJournal) {
  CHECK(!clear.generate(words()).empty());
  LONGS_EQUAL(0x9000, clear.card.send(kShares).word);
  LONGS_EQUAL(0x9000, prepare(derivation()));
  const Answer made = clear.derive();
  LONGS_EQUAL(0x9000, made.word);
  CHECK(!part(made, 0x80).empty() && !part(made, 0x81).empty());
  LONGS_EQUAL(1, clear.counter());
  const Answer entry = clear.card.command("00 35 00 00", Bytes{0, 0, 0, 1});
  LONGS_EQUAL(3, entry.data.at(5));
  const auto digest = sceau::sha256(derivation());
  CHECK(std::equal(digest.begin(), digest.end(), entry.data.begin() + 18));
  // One showing gives one key.
  LONGS_EQUAL(0x6985, clear.derive().word);
}

TEST(Custodian, EachPartOfTheStatementGivesAnotherKey) {
  CHECK(!clear.generate(words()).empty());
  LONGS_EQUAL(0x9000, clear.card.send(kShares).word);
  const std::vector<Bytes> keys{derived(derivation()), derived(derivation("etude-43")),
                                derived(derivation("etude-42", 4)),
                                derived(derivation("etude-42", 3, "attribution")),
                                derived(derivation("etude-42", 3, "pseudonym", std::string(64, '0')))};
  for (std::size_t i = 0; i < keys.size(); ++i) {
    LONGS_EQUAL(32, keys[i].size());
    for (std::size_t j = 0; j < i; ++j) CHECK(keys[i] != keys[j]);
  }
  CHECK(derived(derivation()) == keys[0]);
}

TEST(Custodian, SharesAreGivenOutOnce) {
  CHECK(!clear.generate(words()).empty());
  LONGS_EQUAL(0, cloned());
  LONGS_EQUAL(0x9000, clear.card.send(kShares).word);
  STRCMP_EQUAL("clone, this once, the master in slot C1", clear.card.board().shown.at(0).c_str());
  LONGS_EQUAL(1, cloned());
  LONGS_EQUAL(0x6985, clear.card.word(kShares));
  clear.card.insert();
  clear.select();
  LONGS_EQUAL(0x9000, clear.verify());
  LONGS_EQUAL(1, cloned());
  LONGS_EQUAL(0x6985, clear.card.word(kShares));
}

TEST(Custodian, NothingIsDerivedBeforeTheMasterWasCloned) {
  CHECK(!clear.generate(words()).empty());
  LONGS_EQUAL(0x9000, prepare(derivation()));
  LONGS_EQUAL(0x6985, clear.derive().word);
  LONGS_EQUAL(0, clear.counter());
}

TEST(Custodian, NothingIsClonedOrDerivedWithoutPinAndButton) {
  CHECK(!clear.generate(words()).empty());
  clear.card.board().touch = Touch::kDenied;
  LONGS_EQUAL(0x6982, clear.card.word(kShares));
  LONGS_EQUAL(0, cloned());
  clear.card.board().touch = Touch::kTouched;
  clear.card.insert();
  clear.select();
  LONGS_EQUAL(0x6982, clear.card.word(kShares));
  clear.verify();
  LONGS_EQUAL(0x9000, clear.card.word(kShares));
  LONGS_EQUAL(0x9000, prepare(derivation()));
  clear.card.board().touch = Touch::kDenied;
  LONGS_EQUAL(0x6982, clear.derive().word);
  clear.card.board().touch = Touch::kTouched;
  LONGS_EQUAL(0x6985, clear.derive().word);
  clear.load("00", derivation());
  LONGS_EQUAL(0x9000, clear.prepare().word);
  LONGS_EQUAL(0x6985, clear.derive().word);
  LONGS_EQUAL(0, clear.counter());
}

TEST(Custodian, OtherKeysDeriveNothingAndCustodiansSignNothingElse) {
  PolicyWords plain;
  plain.types = {"derive"};
  CHECK(!clear.generate(plain).empty());
  LONGS_EQUAL(0x6A88, clear.card.word(kShares));
  LONGS_EQUAL(-1, cloned());
  LONGS_EQUAL(0x9000, prepare(derivation()));
  LONGS_EQUAL(0x6A81, clear.derive().word);
  CHECK(!clear.generate(words(), "C2").empty());
  clear.load("00", sceau::test::sample(*sceau::statement::find_type("login"), true));
  LONGS_EQUAL(0x6A81, clear.prepare("00", "C2").word);
}

TEST(Custodian, PoliciesThatAreNoCustodiansMakeNoKey) {
  const auto refused = [this](auto change) {
    PolicyWords policy = words();
    change(policy);
    return clear.card.command("00 47 00 C1", policy_der(policy)).word == 0x6A80;
  };
  CHECK(refused([](PolicyWords& p) { p.types = {"derive", "login"}; }));
  CHECK(refused([](PolicyWords& p) { p.types = {"login"}; }));
  CHECK(refused([](PolicyWords& p) { p.touch = 1; }));
  CHECK(refused([](PolicyWords& p) { p.threshold = 0; }));
  CHECK(refused([](PolicyWords& p) { p.threshold = 4; }));
  CHECK(refused([](PolicyWords& p) { std::swap(p.holders[0], p.holders[1]); }));
  CHECK(refused([](PolicyWords& p) { p.holders[1].first = "alice"; }));
  CHECK(refused([](PolicyWords& p) { p.holders[1].first = "Not An Id"; }));
  CHECK(refused([](PolicyWords& p) { p.holders[1].second.pop_back(); }));
  CHECK(refused([](PolicyWords& p) { p.holders[1].second[40] ^= 1; }));
  CHECK(refused([](PolicyWords& p) {
    p.holders.clear();
    for (char c = 'a'; c <= 'i'; ++c) p.holders.emplace_back(std::string(1, c), Bytes(65, 4));
  }));
  LONGS_EQUAL(0x6A88, clear.card.word("00 F7 00 C1 00 00 00"));
}

TEST(Custodian, DeletingTheKeyDeletesTheMasterAndTheNextHasAnother) {
  CHECK(!clear.generate(words()).empty());
  const Bytes first = join(clear.card.send(kShares), {0, 1});
  LONGS_EQUAL(0x9000, clear.card.word("00 E4 00 C1"));
  LONGS_EQUAL(0x6A88, clear.card.word(kShares));
  CHECK(!clear.generate(words()).empty());
  const Bytes second = join(clear.card.send(kShares), {0, 1});
  CHECK(first.size() == 32 && second.size() == 32 && first != second);
}

TEST(Custodian, ACutAnywhereInCloningNeverGivesSharesTwice) {
  CHECK(!clear.generate(words()).empty());
  const Bytes flash = clear.card.flash().content();
  for (const Torn way : {Torn::kNothing, Torn::kEverything, Torn::kSomeBits}) {
    bool interrupted = true;
    for (std::size_t operation = 0; interrupted; ++operation) {
      clear.card.flash().content() = flash;
      CHECK(clear.card.insert());
      clear.select();
      clear.verify();
      const std::size_t before = clear.card.board().random_bytes;
      clear.card.flash().cut_power_after(operation, way, static_cast<unsigned>(operation));
      const Answer given = clear.card.send(kShares);
      interrupted = clear.card.flash().dead();
      CHECK_EQUAL(interrupted, given.word != 0x9000);
      CHECK(!interrupted || given.data.empty());
      // No share was made before it was durable that they were: a record's nonce was drawn, and nothing else.
      if (interrupted) CHECK(clear.card.board().random_bytes - before <= kSealNonce);
      CHECK(clear.card.insert());
      clear.select();
      clear.verify();
      const int marked = cloned();
      CHECK(interrupted || marked == 1);
      LONGS_EQUAL(marked == 1 ? 0x6985 : 0x9000, clear.card.word(kShares));
      LONGS_EQUAL(0x6985, clear.card.word(kShares));
    }
  }
}

TEST(Custodian, ACutAnywhereInDerivingNeverRepeatsACounter) {
  CHECK(!clear.generate(words()).empty());
  LONGS_EQUAL(0x9000, clear.card.send(kShares).word);
  const Bytes flash = clear.card.flash().content();
  for (const Torn way : {Torn::kNothing, Torn::kEverything, Torn::kSomeBits}) {
    bool interrupted = true;
    for (std::size_t operation = 0; interrupted; ++operation) {
      clear.card.flash().content() = flash;
      CHECK(clear.card.insert());
      clear.select();
      LONGS_EQUAL(0x9000, prepare(derivation()));
      clear.card.flash().cut_power_after(operation, way, static_cast<unsigned>(operation));
      const Answer made = clear.derive();
      interrupted = clear.card.flash().dead();
      CHECK_EQUAL(interrupted, made.data.empty());
      CHECK(clear.card.insert());
      clear.select();
      const std::uint32_t counted = clear.counter();
      CHECK(counted == (interrupted ? counted : 1U) && counted <= 1);
      LONGS_EQUAL(counted, clear.journal_count());
      LONGS_EQUAL(0x9000, prepare(derivation()));
      LONGS_EQUAL(0x9000, clear.derive().word);
      LONGS_EQUAL(counted + 1, clear.counter());
    }
  }
}
