#include "sceau/token/piv_signer.h"

#include <CppUTest/TestHarness.h>

#include "fake_card.h"
#include "fixed_pins.h"
#include "sceau/base/digest.h"
#include "sceau/token/csr.h"
#include "sceau/token/initialise.h"

using namespace sceau;
using namespace sceau::token;
using sceau::test::FakeCard;
using sceau::test::FixedPins;

namespace {

constexpr std::uint8_t kSelect = 0xA4;
constexpr std::uint8_t kGetData = 0xCB;
constexpr std::uint8_t kVerify = 0x20;
constexpr std::uint8_t kGeneralAuthenticate = 0x87;
const Bytes kBytes{1, 2, 3};

// A card with a key and its certificate in a slot.
struct Prepared {
  FakeCard* inside;
  std::shared_ptr<PivCard> card;
  explicit Prepared(std::uint8_t slot = 0x9C, Bytes tag = {0x5F, 0xC1, 0x0A}) {
    auto fake = std::make_unique<FakeCard>();
    inside = fake.get();
    const Bytes certificate = test::make_certificate(inside->keys[slot].spki());
    Bytes inner{0x70, 0x82};
    append_u16(inner, static_cast<std::uint16_t>(certificate.size()));
    append(inner, certificate);
    Bytes object{0x53, 0x82};
    append_u16(object, static_cast<std::uint16_t>(inner.size()));
    append(object, inner);
    inside->objects[tag] = object;
    card = std::make_shared<PivCard>(std::move(fake));
  }
};

Secret digits(const char* text) { return Secret(as_bytes(text)); }
bool contains(const Error& error, const std::string& part) {
  return error.message.find(part) != std::string::npos;
}

}  // namespace

TEST_GROUP(Signer){};

TEST(Signer, ColdSignatureIsFourCommandsAndTheNextTwo) {
  Prepared prepared;
  PivSigner signer(prepared.card, {});
  FixedPins pins("123456");
  const auto outcome = signer.sign({{}, kBytes}, pins);
  CHECK(outcome.ok());
  CHECK(outcome->attributes == kBytes);
  CHECK(test::verifies(prepared.inside->keys[0x9C].spki(), kBytes, outcome->signature));
  CHECK(prepared.inside->seen == (Bytes{kSelect, kGetData, kVerify, kGeneralAuthenticate}));
  CHECK(signer.sign({{}, kBytes}, pins).ok());
  LONGS_EQUAL(6, prepared.inside->seen.size());
}

TEST(Signer, KeyTellsItsCertificateAndSlot) {
  Prepared prepared;
  PivSigner signer(prepared.card, {});
  const auto info = signer.key();
  STRCMP_EQUAL("9C", info->slot.c_str());
  STRCMP_EQUAL("Fake", info->reader.c_str());
  CHECK(info->kind == SignatureKind::certificate);
  CHECK_FALSE(info->certificate.empty());
}

TEST(Signer, WrongPinIsAskedOnceAndTheNextQuestionTellsTries) {
  Prepared prepared;
  PivSigner signer(prepared.card, {});
  FixedPins wrong("000000");
  CHECK(contains(signer.sign_raw(kBytes, wrong).error(), "2 tries left"));
  LONGS_EQUAL(1, wrong.asked);
  CHECK_FALSE(wrong.last.tries_left.has_value());
  CHECK_FALSE(signer.sign_raw(kBytes, wrong).ok());
  LONGS_EQUAL(2, wrong.last.tries_left.value_or(-1));
}

TEST(Signer, PinOnceIsAskedAgainOnlyWhenTheCardForgot) {
  Prepared prepared(0x9A, {0x5F, 0xC1, 0x05});
  PivSignerOptions options;
  options.slot = Slot::authentication;
  PivSigner signer(prepared.card, options);
  FixedPins pins("123456");
  CHECK(signer.sign_raw(kBytes, pins).ok());
  CHECK(signer.sign_raw(kBytes, pins).ok());
  LONGS_EQUAL(1, pins.asked);
  CHECK_FALSE(prepared.card->verify_pin(digits("999999")).ok());  // which also logs out
  CHECK(signer.sign_raw(kBytes, pins).ok());
  LONGS_EQUAL(2, pins.asked);
}

TEST(Signer, RefusedTouchIsRefusedAndAsksNoSecondPin) {
  Prepared prepared(0x9A, {0x5F, 0xC1, 0x05});
  PivSignerOptions options;
  options.slot = Slot::authentication;
  PivSigner signer(prepared.card, options);
  FixedPins pins("123456");
  CHECK(signer.sign_raw(kBytes, pins).ok());
  prepared.inside->refuses_touch = true;
  const auto outcome = signer.sign_raw(kBytes, pins);
  CHECK(outcome.error().kind == ErrorKind::refused);
  CHECK(contains(outcome.error(), "touch"));
  LONGS_EQUAL(1, pins.asked);
}

TEST(Signer, SignatureOfAnotherKeyIsNotGivenOut) {
  Prepared prepared;
  prepared.inside->signs_with_another_key = true;
  PivSigner signer(prepared.card, {});
  FixedPins pins("123456");
  CHECK(signer.sign_raw(kBytes, pins).error().kind == ErrorKind::corrupt);
}

TEST(Signer, CardPulledAtAnyCommandIsUnavailable) {
  for (std::size_t at = 0; at < 4; ++at) {
    Prepared prepared;
    prepared.inside->leaves_at = at;
    PivSigner signer(prepared.card, {});
    FixedPins pins("123456");
    const auto outcome = signer.sign_raw(kBytes, pins);
    CHECK(outcome.error().kind == ErrorKind::unavailable);
    CHECK(contains(outcome.error(), "Fake"));
    prepared.inside->leaves_at.reset();
    CHECK(signer.sign_raw(kBytes, pins).ok());
  }
}

TEST(Signer, NothingToSignIsInvalid) {
  Prepared prepared;
  PivSigner signer(prepared.card, {});
  FixedPins pins("123456");
  CHECK(signer.sign({kBytes, {}}, pins).error().kind == ErrorKind::invalid);
  LONGS_EQUAL(0, pins.asked);
}

TEST_GROUP(Initialise){};

TEST(Initialise, LeavesNothingOfTheFactory) {
  auto fake = std::make_unique<FakeCard>();
  FakeCard& inside = *fake;
  PivCard card(std::move(fake));
  SystemRandom random;
  bool kept = false;
  InitialiseOptions options;
  options.keep = [&](const TokenSecrets& secrets) -> Status {
    kept = inside.puk == "12345678" && secrets.puk.size() == 8 && secrets.management_key.size() == 32;
    return {};
  };
  const auto token = initialise(card, digits("271828"), options, random);
  CHECK(token.ok());
  CHECK(kept);
  STRCMP_EQUAL("271828", inside.pin.c_str());
  CHECK(token->secrets.puk.equals(as_bytes(inside.puk)));
  CHECK(token->secrets.management_key.equals(inside.management_key));
  LONGS_EQUAL(4, token->keys.size());
  CHECK(inside.objects.count({0x5F, 0xC1, 0x02}) == 1);
}

TEST(Initialise, SecretsThatCannotBeKeptAreNotSet) {
  auto fake = std::make_unique<FakeCard>();
  FakeCard& inside = *fake;
  PivCard card(std::move(fake));
  SystemRandom random;
  InitialiseOptions options;
  options.keep = [](const TokenSecrets&) -> Status { return Error{ErrorKind::unavailable, "disk full"}; };
  const auto token = initialise(card, digits("271828"), options, random);
  CHECK(contains(token.error(), "disk full"));
  STRCMP_EQUAL("12345678", inside.puk.c_str());
  STRCMP_EQUAL("123456", inside.pin.c_str());
}

TEST(Initialise, PulledAtAnyCommandSaysWhatToDo) {
  SystemRandom random;
  std::size_t total = 0;
  {
    auto fake = std::make_unique<FakeCard>();
    FakeCard& inside = *fake;
    PivCard card(std::move(fake));
    CHECK(initialise(card, digits("271828"), {}, random).ok());
    total = inside.seen.size();
  }
  for (std::size_t at = 0; at < total; ++at) {
    auto fake = std::make_unique<FakeCard>();
    fake->leaves_at = at;
    FakeCard& inside = *fake;
    PivCard card(std::move(fake));
    bool kept = false;
    InitialiseOptions options;
    options.keep = [&](const TokenSecrets&) -> Status {
      kept = true;
      return {};
    };
    const auto token = initialise(card, digits("271828"), options, random);
    CHECK(token.error().kind == ErrorKind::unavailable);
    CHECK(contains(token.error(), kept ? "half initialised" : "still has the factory's secrets"));
    if (!kept) {
      inside.leaves_at.reset();
      CHECK(initialise(card, digits("271828"), {}, random).ok());
    }
  }
}

TEST(Initialise, WeakPinsAreRefusedBeforeTheCardIsTouched) {
  for (const char* pin : {"123456", "12345678", "000000", "12345", "123456789", "12345a", ""}) {
    CHECK_FALSE(check_new_pin(digits(pin)).ok());
    auto fake = std::make_unique<FakeCard>();
    FakeCard& inside = *fake;
    PivCard card(std::move(fake));
    SystemRandom random;
    CHECK_FALSE(initialise(card, digits(pin), {}, random).ok());
    LONGS_EQUAL(0, inside.seen.size());
  }
  CHECK(check_new_pin(digits("271828")).ok());
}

TEST(Initialise, OlderTokensComeWithATripleDesKeyAndLeaveWithAes) {
  auto fake = std::make_unique<FakeCard>();
  FakeCard& inside = *fake;
  inside.triple_des = true;
  PivCard card(std::move(fake));
  SystemRandom random;
  CHECK(initialise(card, digits("271828"), {}, random).ok());
  LONGS_EQUAL(32, inside.management_key.size());
}

TEST(Initialise, TokenInUseIsRefused) {
  auto fake = std::make_unique<FakeCard>();
  fake->management_key = Bytes(32, 3);
  PivCard card(std::move(fake));
  SystemRandom random;
  CHECK(initialise(card, digits("271828"), {}, random).error().kind == ErrorKind::refused);
}

TEST_GROUP(Request){};

TEST(Request, IsSignedByTheTokenAndVerifies) {
  const test::SoftwareKey key;
  const auto request =
      certificate_request(key.spki(), {{"CN", "Zoé Martin"}, {"2.5.4.97", "NTRFR-123"}},
                          [&](ByteView tbs) -> Result<Bytes> { return key.sign_digest(sha256(tbs)); });
  CHECK(request.ok());
  LONGS_EQUAL(0x30, (*request)[0]);
}

TEST(Request, SignatureOfAnotherKeyIsFoundOut) {
  const test::SoftwareKey key;
  const test::SoftwareKey other;
  const auto request = certificate_request(key.spki(), {{"CN", "A"}}, [&](ByteView tbs) -> Result<Bytes> {
    return other.sign_digest(sha256(tbs));
  });
  CHECK(request.error().kind == ErrorKind::corrupt);
}

TEST(Request, BadNamesAndKeysAreInvalid) {
  const test::SoftwareKey key;
  const auto never = [](ByteView) -> Result<Bytes> { return Error{ErrorKind::internal, "asked to sign"}; };
  CHECK(certificate_request(key.spki(), {{"C", "FRANCE"}}, never).error().kind == ErrorKind::invalid);
  CHECK(certificate_request(key.spki(), {{"noSuchName", "A"}}, never).error().kind == ErrorKind::invalid);
  CHECK(certificate_request(Bytes{0x30, 0x00}, {{"CN", "A"}}, never).error().kind == ErrorKind::invalid);
}

TEST(Request, FailureToSignComesThrough) {
  const test::SoftwareKey key;
  const auto request = certificate_request(key.spki(), {{"CN", "A"}}, [](ByteView) -> Result<Bytes> {
    return Error{ErrorKind::authentication, "wrong PIN"};
  });
  CHECK(request.error().kind == ErrorKind::authentication);
}
