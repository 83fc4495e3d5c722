// Cards that answer anything: no operation may crash, read outside, loop, or take a lie for the truth.
#include <CppUTest/TestHarness.h>

#include "certificates.h"
#include "fixed_pins.h"
#include "sceau/base/random.h"
#include "sceau/token/find.h"
#include "sceau/token/initialise.h"

using namespace sceau;
using namespace sceau::token;

namespace {

// Answers from a seed: random bytes, or well-known answers with bytes changed or cut off; mostly 9000.
class HostileChannel final : public Channel {
 public:
  explicit HostileChannel(std::uint64_t seed) : random_(seed) {}
  Result<Bytes> transmit(ByteView) override {
    Bytes answer = random_.next() % 3 == 0 ? noise() : damaged(kAnswers[random_.next() % kAnswers.size()]);
    if (random_.next() % 8 == 0) {
      append_u16(answer, static_cast<std::uint16_t>(random_.next()));
    } else {
      append_u16(answer, random_.next() % 8 == 0 ? 0x6110 : 0x9000);
    }
    return answer;
  }
  [[nodiscard]] std::string name() const override { return "Hostile"; }
  [[nodiscard]] bool extended_length() const override { return true; }

 private:
  inline static const std::vector<Bytes> kAnswers{
      {},
      *from_hex("00bc614e"),
      *from_hex("050700"),
      *from_hex("530a7003010203710100fe00"),
      *from_hex("7c128010000102030405060708090a0b0c0d0e0f"),
      *from_hex("7c0a82083006020101020101"),
      *from_hex("0101110202030103010104438641"),
      *from_hex("01010705010006020303"),
      *from_hex("7f49438641"),
  };
  Bytes noise() {
    Bytes bytes(random_.next() % 60);
    random_.fill(bytes);
    return bytes;
  }
  Bytes damaged(Bytes bytes) {
    if (!bytes.empty() && random_.next() % 2 == 0)
      bytes[random_.next() % bytes.size()] ^= static_cast<std::uint8_t>(random_.next());
    if (!bytes.empty() && random_.next() % 4 == 0) bytes.resize(random_.next() % bytes.size());
    return bytes;
  }
  SeededRandom random_;
};

Secret digits(const char* text) { return Secret(as_bytes(text)); }

}  // namespace

TEST_GROUP(Hostile){};

TEST(Hostile, NoAnswersHarmAnyOperation) {
  SeededRandom random(1);
  const test::SoftwareKey key;
  int lies_believed = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    PivCard card(std::make_unique<HostileChannel>(seed));
    (void)card.serial();
    (void)card.version();
    (void)card.object(0x5FC102);
    (void)card.object(0x7E);
    (void)card.certificate(Slot::signature);
    (void)card.pin_state();
    (void)card.verify_pin(digits("271828"));
    (void)card.metadata(Slot::signature);
    (void)card.generate(Slot::signature, Algorithm::p256, PinPolicy::always, TouchPolicy::never);
    (void)card.agree(Slot::key_management, Algorithm::p256, key.point());
    if (card.attest(Slot::signature)) ++lies_believed;
    if (card.authenticate(Secret(Bytes(32, 1)), random)) ++lies_believed;
    if (initialise(card, digits("271828"), {}, random)) ++lies_believed;
  }
  LONGS_EQUAL(0, lies_believed);
}

TEST(Hostile, NoSignatureOfALyingCardIsGivenOut) {
  const test::SoftwareKey key;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    PivSignerOptions options;
    options.public_key = key.spki();
    PivSigner signer(std::make_shared<PivCard>(std::make_unique<HostileChannel>(seed)), options);
    test::FixedPins pins("271828");
    CHECK_FALSE(signer.sign_raw(Bytes{1, 2, 3}, pins).ok());
  }
}

TEST(Hostile, ErasingACardThatNeverBlocksEnds) {
  SeededRandom random(2);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    PivCard card(std::make_unique<HostileChannel>(seed));
    (void)erase(card, random);
    CHECK(card.reader() == "Hostile");
  }
}
