#include "sceau/token/piv.h"

#include "fake_card.h"
#include "scripted_channel.h"

using namespace sceau;
using namespace sceau::token;
using sceau::test::FakeCard;
using sceau::test::Line;
using sceau::test::ScriptedChannel;

namespace {

const Line kSelected{"00a4040005a00000030800", "9000"};

struct Scripted {
  std::unique_ptr<ScriptedChannel> made;
  ScriptedChannel* channel;
  PivCard card;
  explicit Scripted(std::vector<Line> lines)
      : made(std::make_unique<ScriptedChannel>(std::move(lines))),
        channel(made.get()),
        card(std::move(made)) {}
};

Secret digits(const char* text) { return Secret(as_bytes(text)); }
bool contains(const Error& error, const std::string& part) {
  return error.message.find(part) != std::string::npos;
}

}  // namespace

TEST_GROUP(Piv){};

TEST(Piv, SelectsOnceAndReadsTheSerial) {
  Scripted piv({kSelected, {"00f8000000", "00bc614e9000"}, {"00fd000000", "0507009000"}});
  STRCMP_EQUAL("12345678", piv.card.serial()->c_str());
  STRCMP_EQUAL("5.7.0", piv.card.version()->c_str());
  LONGS_EQUAL(piv.channel->begun, piv.channel->ended);
}

TEST(Piv, CardWithoutPivSaysSo) {
  Scripted piv(std::vector<Line>{{"", "6a82"}});
  const auto serial = piv.card.serial();
  CHECK(serial.error().kind == ErrorKind::not_found);
  CHECK(contains(serial.error(), "\"Test\""));
}

TEST(Piv, SelectsAgainAfterAReset) {
  Scripted piv({kSelected, {"", "00bc614e9000"}, kSelected, {"", "00bc614e9000"}});
  CHECK(piv.card.serial().ok());
  piv.channel->next_state = CardState::reset;
  CHECK(piv.card.serial().ok());
  CHECK(piv.channel->played());
}

TEST(Piv, SelectsAgainWhenAnotherApplicationAnswers) {
  Scripted piv({kSelected, {"", "00bc614e9000"}, {"", "6d00"}, kSelected, {"", "00bc614e9000"}});
  CHECK(piv.card.serial().ok());
  CHECK(piv.card.serial().ok());
  CHECK(piv.channel->played());
}

TEST(Piv, APinThatMayHaveBeenComparedIsNotSentAgain) {
  // 6300 is ISO 7816-4's "verification failed" without a number of tries; 6982 and 6F00 say nothing either.
  for (const char* word : {"6300", "6982", "6f00"}) {
    Scripted piv({kSelected, {"", "00bc614e9000"}, {"0020008008313233343536ffff", word}});
    CHECK(piv.card.serial().ok());
    CHECK(!piv.card.verify_pin(digits("123456")).ok());
    CHECK(piv.channel->played());
  }
  Scripted piv(
      {kSelected, {"", "00bc614e9000"}, {"", "6d00"}, kSelected, {"0020008008313233343536ffff", "9000"}});
  CHECK(piv.card.serial().ok());
  CHECK(piv.card.verify_pin(digits("123456")).ok());
  CHECK(piv.channel->played());
}

TEST(Piv, NestedHoldsBeginOnce) {
  Scripted piv({kSelected, {"", "00bc614e9000"}});
  {
    auto held = piv.card.hold();
    CHECK(piv.card.serial().ok());
    LONGS_EQUAL(0, piv.channel->ended);
  }
  LONGS_EQUAL(1, piv.channel->begun);
  LONGS_EQUAL(1, piv.channel->ended);
}

TEST(Piv, WrongPinTellsTriesAndIsNotSentAgain) {
  Scripted piv({kSelected, {"0020008008313233343536ffff", "63c2"}});
  const auto verified = piv.card.verify_pin(digits("123456"));
  CHECK(verified.error().kind == ErrorKind::authentication);
  CHECK(contains(verified.error(), "2 tries left"));
  LONGS_EQUAL(2, piv.card.tries_left().value_or(-1));
  CHECK(piv.channel->played());
}

TEST(Piv, WrongPinOfADoubtfulSelectionIsNotSentAgainEither) {
  Scripted piv({kSelected, {"", "00bc614e9000"}, {"", "63c1"}});
  CHECK(piv.card.serial().ok());
  CHECK(contains(piv.card.verify_pin(digits("123456")).error(), "1 try left"));
}

TEST(Piv, BlockedPinSaysHowToUnblock) {
  Scripted piv({kSelected, {"", "6983"}});
  const auto verified = piv.card.verify_pin(digits("123456"));
  CHECK(verified.error().kind == ErrorKind::authentication);
  CHECK(contains(verified.error(), "sceau token unblock"));
  LONGS_EQUAL(0, piv.card.tries_left().value_or(-1));
}

TEST(Piv, PinOfAWrongLengthNeverReachesTheCard) {
  Scripted piv(std::vector<Line>{});
  CHECK(piv.card.verify_pin(digits("12345")).error().kind == ErrorKind::invalid);
  CHECK(piv.card.verify_pin(digits("123456789")).error().kind == ErrorKind::invalid);
  CHECK(piv.card.change_pin(digits("123456"), digits("1")).error().kind == ErrorKind::invalid);
}

TEST(Piv, HostileCertificateObjectsAreCorrupt) {
  for (const char* answer : {"9000",          // nothing at all
                             "530a70059000",  // ends before its length
                             "5380709000",    // indefinite
                             "7003010203"
                             "9000",                  // not in a 53
                             "53057003010203009000",  // something after
                             "5302710000"
                             "9000",            // info without certificate, and a stray byte
                             "53037101009000",  // no certificate
                             "5382ffff709000",  // a length far outside
                             "538470ffffff9000"}) {
    Scripted piv({kSelected, {"", answer}});
    CHECK(piv.card.certificate(Slot::signature).error().kind == ErrorKind::corrupt);
  }
}

TEST(Piv, EmptyOrMissingCertificateIsNotFound) {
  Scripted missing({kSelected, {"", "6a82"}});
  CHECK(missing.card.certificate(Slot::signature).error().kind == ErrorKind::not_found);
  Scripted empty({kSelected, {"", "53009000"}});
  const auto certificate = empty.card.certificate(Slot::signature);
  CHECK(certificate.error().kind == ErrorKind::not_found);
  CHECK(contains(certificate.error(), "9C"));
}

TEST(Piv, HostileSignaturesAreCorrupt) {
  const std::string half = sceau::test::repeat("01", 32);
  for (const std::string& answer :
       std::vector<std::string>{"7c0482020000", "7c0882063004020100020100",
                                "7c0b82093006020101020101ff",  // a byte after the signature
                                "7c0b8209300702020001020101",  // padded number
                                "7c0b8209300602017f0201ff00",  // not the whole
                                "7c0a82083006020101020181",    // negative
                                "82063006020101020101",        // no template
                                "7c4a8248304602210201" + half.substr(2) + "022101" + half}) {
    Scripted piv({kSelected, {"", answer + "9000"}});
    const auto outcome = piv.card.sign_digest(Slot::signature, Algorithm::p256, Bytes(32, 1));
    CHECK(outcome.error().kind == ErrorKind::corrupt);
  }
}

TEST(Piv, HostileKeysAndMetadataAreCorrupt) {
  Scripted off_curve({kSelected,
                      {"",
                       "7f49438641"
                       "04" +
                           sceau::test::repeat("11", 64) + "9000"}});
  CHECK(off_curve.card.generate(Slot::signature, Algorithm::p256, PinPolicy::always, TouchPolicy::never)
            .error()
            .kind == ErrorKind::corrupt);
  for (const char* answer : {"9000", "01019000", "010111020201019000", "01011102020909030101040200009000"}) {
    Scripted piv({kSelected, {"", answer}});
    CHECK(piv.card.metadata(Slot::signature).error().kind == ErrorKind::corrupt);
  }
  Scripted serial({kSelected, {"", "009000"}});
  CHECK(serial.card.serial().error().kind == ErrorKind::corrupt);
  Scripted attestation({kSelected, {"", "30039000"}});
  CHECK(attestation.card.attest(Slot::signature).error().kind == ErrorKind::corrupt);
}

TEST(Piv, PeerPointOffTheCurveNeverReachesTheCard) {
  Scripted piv(std::vector<Line>{});
  Bytes point(65, 0x11);
  point[0] = 0x04;
  CHECK(piv.card.agree(Slot::key_management, Algorithm::p256, point).error().kind == ErrorKind::invalid);
}

TEST(Piv, ManagementKeyAuthenticatesBothSides) {
  auto fake = std::make_unique<FakeCard>();
  FakeCard& inside = *fake;
  PivCard card(std::move(fake));
  SystemRandom random;
  const Secret key(inside.management_key);
  CHECK(card.authenticate(key, random).ok());
  CHECK(card.set_management_key(Secret(Bytes(32, 9))).ok());
  CHECK(card.authenticate(Secret(Bytes(32, 9)), random).ok());
  CHECK(card.authenticate(Secret(Bytes(32, 8)), random).error().kind == ErrorKind::authentication);
  CHECK(card.authenticate(key, random).error().kind == ErrorKind::authentication);
  CHECK(card.authenticate(Secret(Bytes(7, 8)), random).error().kind == ErrorKind::invalid);
}

TEST(Piv, CardThatDoesNotKnowItsManagementKeyIsRefused) {
  auto fake = std::make_unique<FakeCard>();
  fake->lies_about_management = true;
  const Secret key(fake->management_key);
  PivCard card(std::move(fake));
  SystemRandom random;
  const auto outcome = card.authenticate(key, random);
  CHECK(outcome.error().kind == ErrorKind::authentication);
  CHECK(contains(outcome.error(), "do not use this card"));
}

TEST(Piv, SlotsHaveNames) {
  STRCMP_EQUAL("9C", slot_text(Slot::signature).c_str());
  CHECK(*slot_from_text("9c") == Slot::signature);
  CHECK(*slot_from_text("82") == Slot::session);
  for (const char* text : {"", "9", "9B", "96", "9CC", "F9", "zz"}) CHECK_FALSE(slot_from_text(text).ok());
  LONGS_EQUAL(24, all_slots().size());
}

TEST(Piv, ForgettingThePinTellsTheCard) {
  Scripted piv({kSelected, {"0020ff80", "9000"}});
  CHECK(piv.card.forget_pin().ok());
  CHECK(piv.channel->played());
}

TEST(Piv, ACardThatCannotForgetThePinIsSelectedAnewAndAsked) {
  Scripted gone({kSelected, {"0020ff80", "6a86"}, kSelected, {"00200080", "63c3"}});
  CHECK(gone.card.forget_pin().ok());
  Scripted kept({kSelected, {"0020ff80", "6a86"}, kSelected, {"00200080", "9000"}});
  CHECK(kept.card.forget_pin().error().kind == ErrorKind::refused);
}

TEST(Piv, ForgettingTheManagementKeyAnswersAWitnessWrongly) {
  FakeCard* card = new FakeCard;
  PivCard piv{std::unique_ptr<FakeCard>(card)};
  SystemRandom random;
  CHECK(piv.authenticate(Secret(ByteView(card->management_key)), random).ok());
  CHECK(piv.put_object(0x5FC105, Bytes{1}).ok());
  CHECK(piv.forget_management_key(random).ok());
  CHECK(piv.put_object(0x5FC105, Bytes{1}).error().kind == ErrorKind::authentication);
}

TEST(Piv, ReadsADirectoryAndOnlySlotsThatThereAre) {
  const std::string asked = "00cb3fff055c035fff2000";
  Scripted piv({kSelected, {asked, "530b8002aabb81029a0082019e9000"}});
  const auto directory = piv.card.directory();
  CHECK(directory.ok());
  CHECK(directory->mark == Bytes({0xAA, 0xBB}));
  CHECK(directory->keys == std::vector<Slot>{Slot::authentication});
  CHECK(directory->certificates == std::vector<Slot>{Slot::card_authentication});
  Scripted none({kSelected, {asked, "6a82"}});
  CHECK(none.card.directory().error().kind == ErrorKind::not_found);
  for (const char* broken : {"530481008200", "53068000810082009000", "5302810053009000"}) {
    Scripted hostile({kSelected, {asked, std::string(broken) + "9000"}});
    CHECK(hostile.card.directory().error().kind == ErrorKind::corrupt);
  }
}
