// authenticatorClientPIN: tries, tokens, permissions, in both protocols.
#include "platform.h"

#include <CppUTest/TestHarness.h>

using namespace sceau::firmware;        // NOLINT(google-build-using-namespace): the tests' own subject
using namespace sceau::firmware::test;  // NOLINT(google-build-using-namespace)

namespace {

Extra verified() {
  Extra extra;
  extra.permission_pin = kPin;
  return extra;
}

}  // namespace

TEST_GROUP(FidoPin) {
  Platform token;

  Reply pin_command(const std::vector<std::pair<Bytes, Bytes>>& parameters) {
    return token.send(0x06, map(parameters));
  }
};

TEST(FidoPin, VerifiesItsUserInBothProtocols) {
  for (const std::uint32_t protocol : {1U, 2U}) {
    Platform fresh;
    fresh.protocol = protocol;
    UNSIGNED_LONGS_EQUAL(0, fresh.set_pin(kPin));
    const Made made = fresh.make("a", {1}, verified());
    UNSIGNED_LONGS_EQUAL(0, made.status);
    UNSIGNED_LONGS_EQUAL(0x45, made.flags);
    const Asserted asserted = fresh.get(made, "a", verified());
    CHECK(asserted.verified);
    UNSIGNED_LONGS_EQUAL(0x05, asserted.flags);
  }
}

TEST(FidoPin, IsSetOnce) {
  UNSIGNED_LONGS_EQUAL(0x35, token.change_pin(kPin, "4321"));
  UNSIGNED_LONGS_EQUAL(0x35, token.get_token(kPin));
  UNSIGNED_LONGS_EQUAL(0, token.set_pin(kPin));
  UNSIGNED_LONGS_EQUAL(0x33, token.set_pin("5678"));
  UNSIGNED_LONGS_EQUAL(0, token.change_pin(kPin, "5678"));
  UNSIGNED_LONGS_EQUAL(0x31, token.get_token(kPin));
  UNSIGNED_LONGS_EQUAL(0, token.get_token("5678"));
}

TEST(FidoPin, KeepsToItsLengths) {
  UNSIGNED_LONGS_EQUAL(0x37, token.set_pin("123"));
  UNSIGNED_LONGS_EQUAL(0x37, token.set_pin("\xC3\xA9\xC3\xA9\xC3\xA9"));  // three characters
  UNSIGNED_LONGS_EQUAL(0x37, token.set_pin("12\xFF\xFF"));
  UNSIGNED_LONGS_EQUAL(0x37, token.set_pin(std::string(64, '1')));
  UNSIGNED_LONGS_EQUAL(0, token.set_pin(std::string(63, '1')));
}

TEST(FidoPin, ThreeWrongOnesNeedPowerToGo) {
  token.set_pin(kPin);
  UNSIGNED_LONGS_EQUAL(0x31, token.get_token("0000"));
  UNSIGNED_LONGS_EQUAL(0x31, token.get_token("0000"));
  UNSIGNED_LONGS_EQUAL(0x34, token.get_token("0000"));
  UNSIGNED_LONGS_EQUAL(5, token.tries());
  UNSIGNED_LONGS_EQUAL(0x34, token.get_token(kPin));
  UNSIGNED_LONGS_EQUAL(5, token.tries());
  const Reply told = pin_command({{number(2), number(1)}});
  CHECK(told.at(4) == boolean(true));
  token.power();
  UNSIGNED_LONGS_EQUAL(0, token.get_token(kPin));
  UNSIGNED_LONGS_EQUAL(8, token.tries());
}

TEST(FidoPin, EightWrongOnesBlockItForGood) {
  token.set_pin(kPin);
  for (unsigned left = 8; left > 0; --left) {
    if (left == 5 || left == 2) token.power();
    UNSIGNED_LONGS_EQUAL(left, token.tries());
    const unsigned expected = left == 1 ? 0x32 : left == 6 || left == 3 ? 0x34 : 0x31;
    UNSIGNED_LONGS_EQUAL(expected, token.get_token("0000"));
  }
  token.power();
  UNSIGNED_LONGS_EQUAL(0x32, token.get_token(kPin));
  UNSIGNED_LONGS_EQUAL(0x32, token.change_pin(kPin, "5678"));
  UNSIGNED_LONGS_EQUAL(0, token.send(0x07).status);
  UNSIGNED_LONGS_EQUAL(8, token.tries());
  UNSIGNED_LONGS_EQUAL(0, token.set_pin("5678"));
}

TEST(FidoPin, ATryIsCountedBeforeItIsCompared) {
  // Without power from the first write on, nothing may be compared.
  token.set_pin(kPin);
  const std::uint32_t compared = token.authenticator().pin().compared();
  token.card.flash().cut_power_after(0, Torn::kNothing, 1);
  UNSIGNED_LONGS_EQUAL(0x7F, token.get_token("0000"));
  UNSIGNED_LONGS_EQUAL(compared, token.authenticator().pin().compared());
  for (std::size_t cut = 0; cut < 20; ++cut) {
    Platform other;
    other.set_pin(kPin);
    other.card.flash().cut_power_after(cut, Torn::kSomeBits, static_cast<unsigned>(cut));
    const std::uint32_t before = other.authenticator().pin().compared();
    other.get_token("0000");
    if (!other.card.flash().dead()) break;
    const bool was_compared = other.authenticator().pin().compared() != before;
    other.power();
    UNSIGNED_LONGS_EQUAL(was_compared ? 7U : other.tries(), other.tries());
  }
}

TEST(FidoPin, ComparesAllOfIt) {
  token.set_pin(kPin);
  const std::uint32_t before = token.authenticator().pin().compared();
  token.get_token("0000");
  UNSIGNED_LONGS_EQUAL(32, token.authenticator().pin().compared() - before);
}

TEST(FidoPin, WrongOneChangesTheKeyAgreement) {
  token.set_pin(kPin);
  const auto key = [&] { return pin_command({{number(1), number(2)}, {number(2), number(2)}}).at(1); };
  const Bytes before = key();
  UNSIGNED_LONGS_EQUAL(0, token.get_token(kPin));
  CHECK(key() == before);
  token.get_token("0000");
  CHECK(key() != before);
}

TEST(FidoPin, TokenPermitsWhatItWasAskedForAndNoMore) {
  token.set_pin(kPin);
  const Made made = token.make("a", {1}, verified());
  UNSIGNED_LONGS_EQUAL(0, token.get_token(kPin, 0x04));
  UNSIGNED_LONGS_EQUAL(0, token.manage(0x01).status);
  UNSIGNED_LONGS_EQUAL(0x33, token.configure(0x02).status);
  UNSIGNED_LONGS_EQUAL(0x33, token.write_blobs(Bytes(17, 0), 0, 17).status);
  const Bytes param = bytes(token.authenticate(token.client_data_hash));
  UNSIGNED_LONGS_EQUAL(0x33, token
                                 .send(2, map({{number(1), text("a")},
                                               {number(2), bytes(token.client_data_hash)},
                                               {number(6), param},
                                               {number(7), number(2)}}))
                                 .status);
  UNSIGNED_LONGS_EQUAL(0, token.get_old_token(kPin));
  UNSIGNED_LONGS_EQUAL(0x33, token.manage(0x01).status);
}

TEST(FidoPin, TokenBelongsToItsRelyingPartyAndToOneTouch) {
  token.set_pin(kPin);
  const Made made = token.make("a", {1}, verified());
  const auto get = [&](const std::string& rp) {
    return token
        .send(2, map({{number(1), text(rp)},
                      {number(2), bytes(token.client_data_hash)},
                      {number(3), Platform::list(made.id)},
                      {number(6), bytes(token.authenticate(token.client_data_hash))},
                      {number(7), number(2)}}))
        .status;
  };
  UNSIGNED_LONGS_EQUAL(0, token.get_token(kPin, 0x02, "b"));
  UNSIGNED_LONGS_EQUAL(0x33, get("a"));
  UNSIGNED_LONGS_EQUAL(0, token.get_token(kPin, 0x02, "a"));
  UNSIGNED_LONGS_EQUAL(0, get("a"));
  UNSIGNED_LONGS_EQUAL(0x33, get("a"));
  UNSIGNED_LONGS_EQUAL(0, token.get_old_token(kPin));
  UNSIGNED_LONGS_EQUAL(0x2E, get("b"));  // now it is b's
  UNSIGNED_LONGS_EQUAL(0x33, get("a"));
}

TEST(FidoPin, TokenDies) {
  token.set_pin(kPin);
  UNSIGNED_LONGS_EQUAL(0, token.get_token(kPin, 0x04));
  token.card.board().now += 30000;
  UNSIGNED_LONGS_EQUAL(0x33, token.manage(0x01).status);
  UNSIGNED_LONGS_EQUAL(0, token.get_token(kPin, 0x04));
  UNSIGNED_LONGS_EQUAL(0, token.manage(0x01).status);
  token.card.board().now += 599999;
  UNSIGNED_LONGS_EQUAL(0, token.manage(0x01).status);
  token.card.board().now += 1;
  UNSIGNED_LONGS_EQUAL(0x33, token.manage(0x01).status);
  UNSIGNED_LONGS_EQUAL(0, token.get_token(kPin, 0x04));
  token.power();
  UNSIGNED_LONGS_EQUAL(0x33, token.manage(0x01).status);
  UNSIGNED_LONGS_EQUAL(0, token.get_token(kPin, 0x04));
  UNSIGNED_LONGS_EQUAL(0, token.change_pin(kPin, "5678"));
  UNSIGNED_LONGS_EQUAL(0x33, token.manage(0x01).status);
}

TEST(FidoPin, RefusesWhatItDoesNotKnow) {
  UNSIGNED_LONGS_EQUAL(0x14, pin_command({{number(1), number(2)}}).status);
  UNSIGNED_LONGS_EQUAL(0x3E, pin_command({{number(1), number(2)}, {number(2), number(6)}}).status);
  UNSIGNED_LONGS_EQUAL(0x3E, pin_command({{number(2), number(7)}}).status);
  UNSIGNED_LONGS_EQUAL(0x3E, pin_command({{number(2), number(200)}}).status);
  UNSIGNED_LONGS_EQUAL(0x14, pin_command({{number(2), number(2)}}).status);
  UNSIGNED_LONGS_EQUAL(0x02, pin_command({{number(1), number(3)}, {number(2), number(2)}}).status);
  UNSIGNED_LONGS_EQUAL(0x14, pin_command({{number(1), number(2)}, {number(2), number(3)}}).status);
  UNSIGNED_LONGS_EQUAL(0x14, pin_command({{number(1), number(2)}, {number(2), number(4)}}).status);
  UNSIGNED_LONGS_EQUAL(0x14, pin_command({{number(1), number(2)}, {number(2), number(5)}}).status);
  UNSIGNED_LONGS_EQUAL(0x11, pin_command({{number(1), text("2")}, {number(2), number(2)}}).status);
}

TEST(FidoPin, RefusesPermissionsThatMakeNoSense) {
  token.set_pin(kPin);
  UNSIGNED_LONGS_EQUAL(0x02, token.get_token(kPin, 0x00));
  UNSIGNED_LONGS_EQUAL(0x40, token.get_token(kPin, 0x08));
  UNSIGNED_LONGS_EQUAL(0x14, token.get_token(kPin, 0x01));
  UNSIGNED_LONGS_EQUAL(0, token.get_token(kPin, 0x01, "a"));
  UNSIGNED_LONGS_EQUAL(8, token.tries());
}

TEST(FidoPin, RefusesPointsThatAreNone) {
  token.set_pin(kPin);
  const Bytes nowhere = Platform::cose_key(Bytes{4} + Bytes(64, 1));
  const auto ask = [&](const Bytes& key) {
    return pin_command({{number(1), number(2)},
                        {number(2), number(5)},
                        {number(3), key},
                        {number(6), bytes(Bytes(32, 1))}})
        .status;
  };
  UNSIGNED_LONGS_EQUAL(0x02, ask(nowhere));
  UNSIGNED_LONGS_EQUAL(0x02, ask(Platform::cose_key(Bytes{4} + Bytes(64, 0))));
  UNSIGNED_LONGS_EQUAL(0x11, ask(number(1)));
  UNSIGNED_LONGS_EQUAL(0x14, ask(map({{number(1), number(2)}})));
  UNSIGNED_LONGS_EQUAL(8, token.tries());
}

TEST(FidoPin, ResetIsForTheFirstSecondsAndATouch) {
  token.set_pin(kPin);
  const Made made = token.make("a", {1}, verified());
  token.card.board().now += 10001;
  UNSIGNED_LONGS_EQUAL(0x30, token.send(0x07).status);
  token.power();
  token.card.board().touch = Touch::kDenied;
  UNSIGNED_LONGS_EQUAL(0x27, token.send(0x07).status);
  token.card.board().touch = Touch::kTouched;
  CHECK(token.get(made, "a").verified);
  UNSIGNED_LONGS_EQUAL(0, token.send(0x07).status);
  UNSIGNED_LONGS_EQUAL(0x2E, token.get(made, "a").status);
  UNSIGNED_LONGS_EQUAL(0x35, token.get_token(kPin));
}

TEST(FidoPin, ResettingPivLeavesItAlone) {
  token.set_pin(kPin);
  const Made made = token.make("a", {1}, verified());
  Card& card = token.card;
  while (card.verify("000000") != 0x6983) {
  }
  while (card.command("002C0080", Bytes(16, '0')).word != 0x6983) {
  }
  UNSIGNED_LONGS_EQUAL(0x9000, card.word("00FB0000"));
  CHECK(token.get(made, "a").verified);
  UNSIGNED_LONGS_EQUAL(0, token.get_token(kPin));
}

TEST(FidoPin, HmacSecretsAreTheCredentialsAndTheUsers) {
  for (const std::uint32_t protocol : {1U, 2U}) {
    Platform fresh;
    fresh.protocol = protocol;
    Extra with;
    with.extensions = text_map({{"hmac-secret", boolean(true)}});
    const Made made = fresh.make("a", {1}, with);
    CHECK(made.extensions == text_map({{"hmac-secret", boolean(true)}}));
    const auto secret = [&](const Made& of, const Bytes& salts, const std::string& pin, unsigned& status) {
      Bytes cose;
      const fido::SharedSecret shared = fresh.share(cose);
      const Bytes encrypted = fresh.encrypt(shared, salts);
      const Bytes key(shared.authentication.begin(), shared.authentication.end());
      Extra extra;
      extra.permission_pin = pin;
      extra.extensions = text_map({{"hmac-secret", map({{number(1), cose},
                                                        {number(2), bytes(encrypted)},
                                                        {number(3), bytes(fresh.tag(key, encrypted))},
                                                        {number(4), number(protocol)}})}});
      const Asserted asserted = fresh.get(of, "a", extra);
      status = asserted.status;
      if (asserted.extensions.empty()) return Bytes();
      const Bytes output = Reply::bytes_of(Reply::named(asserted.extensions, "hmac-secret"));
      const fido::Decrypted plain = fido::decrypt(shared, output).value();
      return Bytes(plain.view().begin(), plain.view().end());
    };
    unsigned status = 0;
    const Bytes one = secret(made, Bytes(32, 1), "", status);
    UNSIGNED_LONGS_EQUAL(32, one.size());
    const Bytes both = secret(made, Bytes(32, 1) + Bytes(32, 2), "", status);
    UNSIGNED_LONGS_EQUAL(64, both.size());
    CHECK(Bytes(both.begin(), both.begin() + 32) == one);
    CHECK(Bytes(both.begin() + 32, both.end()) != one);
    secret(made, Bytes(48, 1), "", status);
    UNSIGNED_LONGS_EQUAL(0x03, status);
    fresh.set_pin(kPin);
    CHECK(secret(made, Bytes(32, 1), kPin, status) != one);
    CHECK(secret(fresh.make("a", {2}), Bytes(32, 1), "", status).empty());
    UNSIGNED_LONGS_EQUAL(0, status);
  }
}
