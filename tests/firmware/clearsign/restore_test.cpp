// A custodian's master on its way into another token: by the holders' shares, and by nothing else.
#include <algorithm>

#include "clearsign/share_form.h"
#include "custodians.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau::firmware;        // NOLINT(google-build-using-namespace): the tests' own subject
using namespace sceau::firmware::test;  // NOLINT(google-build-using-namespace)

TEST_GROUP(Restoration) {
  Custodians people;
  ClearCard old_one, new_one;
  Answer given;  // the old token's shares
  Bytes point;   // the new one's, to seal them to

  void setup() override {
    new_one.card.board().number = 77;
    std::array<std::uint8_t, 7> other{};  // its random numbers are others
    CHECK(new_one.card.board().random(other) == Status::kOk);
    for (ClearCard* clear : {&old_one, &new_one}) {
      LONGS_EQUAL(0x9000, clear->verify());
      CHECK(!clear->generate(people.words()).empty());
    }
    given = old_one.card.send(kShares);
    LONGS_EQUAL(0x9000, given.word);
  }
  Bytes origin() {
    const std::uint32_t serial = old_one.card.board().serial();
    Bytes name(4);
    store_be32(name.data(), serial);
    name.push_back(0xC1);
    return name;
  }
  unsigned begin(const Bytes& from) {
    const Answer begun = new_one.card.command("00 49 00 C1", from);
    point = part(begun, 0x80);
    return begun.word;
  }
  // Holder i's share, sealed to the new token.
  Bytes passed_on(std::size_t i) { return people.pass_on(given, i, old_one, new_one, point); }
  Answer bring(const Bytes& share) { return new_one.card.command("00 49 01 C1", share); }
  unsigned bring(std::size_t i) { return bring(passed_on(i)).word; }
  Bytes derived(ClearCard & clear) {
    clear.verify();
    clear.load("00", derivation());
    const Answer prepared = clear.prepare();
    clear.show_all(prepared);
    return part(clear.derive(), 0x82);
  }
};

TEST(Restoration, AnyTwoHoldersMoveTheMasterIntoAnotherTokenThatDerivesTheSameKeys) {
  const Bytes expected = derived(old_one);
  LONGS_EQUAL(32, expected.size());
  LONGS_EQUAL(0x9000, begin(origin()));
  STRCMP_EQUAL("replace the master in slot C1", new_one.card.board().shown.at(0).c_str());
  CHECK(part(bring(passed_on(2)), 0x80) == Bytes{1});
  CHECK(part(bring(passed_on(0)), 0x80) == Bytes{0});
  CHECK(derived(new_one) == expected);
  // Cloned already: it gives no shares of its own, and takes no other master.
  new_one.verify();
  LONGS_EQUAL(0x6985, new_one.card.word(kShares));
  LONGS_EQUAL(0x6985, begin(origin()));
  new_one.card.insert();
  new_one.select();
  CHECK(derived(new_one) == expected);
}

TEST(Restoration, TheDevicesKeyVouchesForThePointThatSharesAreSealedTo) {
  const Answer begun = new_one.card.command("00 49 00 C1", origin());
  LONGS_EQUAL(0x9000, begun.word);
  Bytes message = sceau::to_bytes(std::string_view("sceau restore v1"));
  sceau::append_u32(message, new_one.card.board().serial());
  message.push_back(0xC1);
  const Bytes named = message + part(begun, 0x80);
  new_one.card.send("00 A4 04 00 05 A0 00 00 03 08 00");
  const Bytes device = new_one.card.public_key_of("F9");
  Bytes key = sceau::test::SoftwareKey().spki();
  std::copy(device.begin(), device.end(), key.end() - 65);
  CHECK(sceau::test::verifies(key, named, part(begun, 0x81)));
  CHECK(!sceau::test::verifies(key, message, part(begun, 0x81)));
}

TEST(Restoration, WantsPinAndButtonAndACustodiansFreshKey) {
  new_one.card.board().touch = Touch::kDenied;
  LONGS_EQUAL(0x6982, begin(origin()));
  new_one.card.board().touch = Touch::kTouched;
  LONGS_EQUAL(0x6985, bring(Bytes(clearsign::kSealedShare, 1)).word);
  new_one.card.insert();
  new_one.select();
  LONGS_EQUAL(0x6982, begin(origin()));
  new_one.verify();
  LONGS_EQUAL(0x6700, begin(Bytes(4)));
  LONGS_EQUAL(0x6A80, begin(Bytes(5)));
  LONGS_EQUAL(0x6A86, new_one.card.command("00 49 02 C1", origin()).word);
  LONGS_EQUAL(0x6A88, new_one.card.command("00 49 00 C2", origin()).word);
  PolicyWords plain;
  CHECK(!new_one.generate(plain, "C3").empty());
  LONGS_EQUAL(0x6A88, new_one.card.command("00 49 00 C3", origin()).word);
}

TEST(Restoration, AShareThatIsRefusedEndsIt) {
  const auto refused = [this](const Bytes& share) {
    LONGS_EQUAL(0x9000, begin(origin()));
    const Bytes first = passed_on(0);
    LONGS_EQUAL(0x9000, bring(first).word);
    LONGS_EQUAL(0x6A80, bring(share.empty() ? first : share).word);
    return bring(1) == 0x6985;
  };
  CHECK(refused({}));  // the same again
  CHECK(refused(Bytes(clearsign::kSealedShare, 0)));
  CHECK(refused(Bytes(3)));
  std::vector<Bytes> as_given;  // sealed to its holder
  for (TlvReader reader(given.data); !reader.done();) {
    const ByteView share = reader.next().value().value;
    as_given.emplace_back(share.begin(), share.end());
  }
  CHECK(refused(as_given.at(1)));
  LONGS_EQUAL(0x9000, begin(origin()));
  const Bytes good = passed_on(1);
  for (const std::size_t at : {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{3},
                               std::size_t{30}, std::size_t{80}, good.size() - 1}) {
    LONGS_EQUAL(0x9000, begin(origin()));
    Bytes spoilt = passed_on(1);
    spoilt[at] ^= 1;
    LONGS_EQUAL(0x6A80, bring(spoilt).word);
    LONGS_EQUAL(0x6985, bring(0));
  }
}

TEST(Restoration, SharesOfAnotherMasterOrOriginGiveNothing) {
  const Bytes before = new_one.card.flash().content();
  Bytes elsewhere = origin();
  elsewhere[4] = 0xC2;
  LONGS_EQUAL(0x9000, begin(elsewhere));
  LONGS_EQUAL(0x9000, bring(0));
  LONGS_EQUAL(0x6A80, bring(1));
  CHECK(new_one.card.flash().content() == before);
  // One share of this master, one of another.
  LONGS_EQUAL(0x9000, begin(origin()));
  LONGS_EQUAL(0x9000, bring(0));
  LONGS_EQUAL(0x9000, old_one.card.word("00 E4 00 C1"));
  CHECK(!old_one.generate(people.words()).empty());
  given = old_one.card.send(kShares);
  LONGS_EQUAL(0x6A80, bring(1));
  CHECK(new_one.card.flash().content() == before);
  LONGS_EQUAL(0x9000, new_one.card.word(kShares));
}

// A host that knows the form, and chooses the master.
TEST(Restoration, NobodyButTheHolderCanSealHerShare) {
  LONGS_EQUAL(0x9000, begin(origin()));
  LONGS_EQUAL(0x6A80, bring(people.pass_on_by(1, given, 0, old_one, new_one, point)).word);
  LONGS_EQUAL(0x6985, bring(Bytes(clearsign::kSealedShare, 1)).word);
}

TEST(Restoration, DeletingTheKeyOrAWrongPinEndsIt) {
  LONGS_EQUAL(0x9000, begin(origin()));
  const Bytes share = passed_on(0);
  LONGS_EQUAL(0x9000, new_one.card.word("00 E4 00 C1"));
  CHECK(!new_one.generate(people.words()).empty());
  LONGS_EQUAL(0x6985, bring(share).word);
  LONGS_EQUAL(0x9000, begin(origin()));
  const Bytes another = passed_on(0);
  LONGS_EQUAL(0x63C2, new_one.verify("000000"));
  new_one.verify();
  LONGS_EQUAL(0x6985, bring(another).word);
}

TEST(Restoration, SelectingAnythingEndsIt) {
  LONGS_EQUAL(0x9000, begin(origin()));
  LONGS_EQUAL(0x9000, bring(0));
  const Bytes second = passed_on(1);
  new_one.select();
  new_one.verify();
  LONGS_EQUAL(0x6985, bring(second).word);
}

TEST(Restoration, ACutAnywhereLeavesTheFreshMasterOrTheRestoredOne) {
  const Bytes expected = derived(old_one);
  const Bytes flash = new_one.card.flash().content();
  for (const Torn way : {Torn::kNothing, Torn::kEverything, Torn::kSomeBits}) {
    bool interrupted = true;
    for (std::size_t operation = 0; interrupted; ++operation) {
      new_one.card.flash().content() = flash;
      CHECK(new_one.card.insert());
      new_one.select();
      new_one.verify();
      LONGS_EQUAL(0x9000, begin(origin()));
      LONGS_EQUAL(0x9000, bring(0));
      const Bytes last = passed_on(1);
      new_one.card.flash().cut_power_after(operation, way, static_cast<unsigned>(operation));
      const unsigned word = bring(last).word;
      interrupted = new_one.card.flash().dead();
      CHECK_EQUAL(interrupted, word != 0x9000);
      CHECK(new_one.card.insert());
      new_one.select();
      new_one.verify();
      const Bytes key = derived(new_one);
      CHECK(key == expected || (interrupted && key.empty()));  // a fresh one derives nothing yet
    }
  }
}
