// makeCredential, getAssertion and getNextAssertion: what they give, and each way in which they refuse.
#include "platform.h"

#include <CppUTest/TestHarness.h>

using namespace sceau::firmware;        // NOLINT(google-build-using-namespace): the tests' own subject
using namespace sceau::firmware::test;  // NOLINT(google-build-using-namespace)

namespace {

Extra with_list(const Bytes& list) {
  Extra extra;
  extra.list = list;
  return extra;
}
Extra with_extensions(const Bytes& extensions, const Bytes& options = {}) {
  Extra extra;
  extra.extensions = extensions;
  extra.options = options;
  return extra;
}
Extra with_options(const Bytes& options) { return with_extensions({}, options); }

Bytes up(bool value) { return text_map({{"up", boolean(value)}}); }

}  // namespace

TEST_GROUP(FidoCredential) { Platform token; };

TEST(FidoCredential, IsMadeWithTouchAndAssertsWithTouch) {
  const Made made = token.make();
  UNSIGNED_LONGS_EQUAL(0, made.status);
  UNSIGNED_LONGS_EQUAL(0x41, made.flags);
  UNSIGNED_LONGS_EQUAL(1, static_cast<unsigned>(token.card.board().touches_asked));
  STRCMP_EQUAL("packed", Reply::text_of(made.reply.at(1)).c_str());
  const Asserted asserted = token.get(made);
  UNSIGNED_LONGS_EQUAL(0, asserted.status);
  CHECK(asserted.verified);
  CHECK(asserted.id == made.id);
  UNSIGNED_LONGS_EQUAL(0x01, asserted.flags);
  CHECK(asserted.reply.at(4).empty());
  CHECK(asserted.reply.at(5).empty());
}

TEST(FidoCredential, BelongsToOneRelyingPartyAlone) {
  const Made made = token.make();
  UNSIGNED_LONGS_EQUAL(0x2E, token.get(made, "example.com").status);
}

TEST(FidoCredential, IdOfWhichAnyBitWasChangedIsNobodys) {
  const Made made = token.make();
  for (std::size_t bit = 0; bit < made.id.size() * 8; bit += 7) {
    Made forged = made;
    forged.id[bit / 8] = static_cast<std::uint8_t>(forged.id[bit / 8] ^ (1U << (bit % 8)));
    UNSIGNED_LONGS_EQUAL(0x2E, token.get(forged).status);
  }
  Made shorter = made;
  shorter.id.pop_back();
  UNSIGNED_LONGS_EQUAL(0x2E, token.get(shorter).status);
  UNSIGNED_LONGS_EQUAL(0, token.get(made).status);
}

TEST(FidoCredential, CountsEachSignatureOverPowerCycles) {
  const Made made = token.make("example.org", {1}, with_options(Platform::resident()));
  std::uint32_t last = made.count;
  for (int i = 0; i < 4; ++i) {
    token.power();
    const Asserted asserted = token.get(made);
    CHECK(asserted.verified);
    UNSIGNED_LONGS_EQUAL(last + 1, asserted.count);
    last = asserted.count;
  }
  const Made other = token.make("example.org", {2}, with_options(Platform::resident()));
  UNSIGNED_LONGS_EQUAL(1, other.count);
}

TEST(FidoCredential, RefusesRequestsThatLackWhatTheyNeed) {
  const Bytes hash = bytes(Bytes(32, 1));
  const Bytes rp = text_map({{"id", text("a")}});
  const Bytes user = text_map({{"id", bytes({1})}});
  const Bytes algorithms = array({text_map({{"alg", number(-7)}, {"type", text("public-key")}})});
  const auto make = [&](const Bytes& h, const Bytes& r, const Bytes& u, const Bytes& a) {
    return token.send(1, map({{number(1), h}, {number(2), r}, {number(3), u}, {number(4), a}})).status;
  };
  UNSIGNED_LONGS_EQUAL(0x14, make({}, rp, user, algorithms));
  UNSIGNED_LONGS_EQUAL(0x14, make(hash, {}, user, algorithms));
  UNSIGNED_LONGS_EQUAL(0x14, make(hash, rp, {}, algorithms));
  UNSIGNED_LONGS_EQUAL(0x14, make(hash, rp, user, {}));
  UNSIGNED_LONGS_EQUAL(0x14, make(hash, map({}), user, algorithms));
  UNSIGNED_LONGS_EQUAL(0x14, make(hash, rp, user, array({text_map({{"alg", number(-7)}})})));
  UNSIGNED_LONGS_EQUAL(0x26, make(hash, rp, user, array({})));
  UNSIGNED_LONGS_EQUAL(
      0x26, make(hash, rp, user, array({text_map({{"alg", number(-257)}, {"type", text("public-key")}})})));
  UNSIGNED_LONGS_EQUAL(
      0x26, make(hash, rp, user, array({text_map({{"alg", number(-7)}, {"type", text("other")}})})));
  UNSIGNED_LONGS_EQUAL(0x11, make(text("x"), rp, user, algorithms));
  UNSIGNED_LONGS_EQUAL(0x11, make(hash, text_map({{"id", number(3)}}), user, algorithms));
  UNSIGNED_LONGS_EQUAL(0x11, make(hash, rp, text_map({{"id", text("x")}}), algorithms));
  UNSIGNED_LONGS_EQUAL(0x03, make(bytes(Bytes(31, 1)), rp, user, algorithms));
  UNSIGNED_LONGS_EQUAL(0x12, token.send(1, hex("A20102")).status);
  UNSIGNED_LONGS_EQUAL(0x14, token.send(1).status == 0x11 ? 0x14U : token.send(1).status);
  UNSIGNED_LONGS_EQUAL(0, static_cast<unsigned>(token.card.board().touches_asked));
}

TEST(FidoCredential, RefusesOptionsThatDoNotFit) {
  UNSIGNED_LONGS_EQUAL(0x2C, token.make("a", {1}, with_options(up(false))).status);
  UNSIGNED_LONGS_EQUAL(0x2C, token.make("a", {1}, with_options(text_map({{"uv", boolean(true)}}))).status);
  UNSIGNED_LONGS_EQUAL(0x11, token.make("a", {1}, with_options(text_map({{"rk", number(1)}}))).status);
  const Made made = token.make();
  UNSIGNED_LONGS_EQUAL(0x2B, token.get(made, "example.org", with_options(Platform::resident())).status);
  UNSIGNED_LONGS_EQUAL(
      0x2C, token.get(made, "example.org", with_options(text_map({{"uv", boolean(true)}}))).status);
  const Asserted silent = token.get(made, "example.org", with_options(up(false)));
  UNSIGNED_LONGS_EQUAL(0, silent.status);
  UNSIGNED_LONGS_EQUAL(0, silent.flags);
}

TEST(FidoCredential, NeedsTheTouchItAsksFor) {
  token.card.board().touch = Touch::kDenied;
  UNSIGNED_LONGS_EQUAL(0x27, token.make().status);
  token.card.board().touch = Touch::kTimedOut;
  UNSIGNED_LONGS_EQUAL(0x2F, token.make().status);
  token.card.board().touch = Touch::kTouched;
  const Made made = token.make();
  token.card.board().touch = Touch::kDenied;
  UNSIGNED_LONGS_EQUAL(0x27, token.get(made).status);
  UNSIGNED_LONGS_EQUAL(0x27, token.send(0x0B).status);
}

TEST(FidoCredential, IsExcludedWhereItIsKnown) {
  const Made made = token.make();
  UNSIGNED_LONGS_EQUAL(0x19, token.make("example.org", {7}, with_list(Platform::list(made.id))).status);
  UNSIGNED_LONGS_EQUAL(0, token.make("example.com", {7}, with_list(Platform::list(made.id))).status);
  UNSIGNED_LONGS_EQUAL(0x14, token.make("a", {7}, with_list(array({text_map({{"id", bytes({1})}})}))).status);
  UNSIGNED_LONGS_EQUAL(0x11, token.make("a", {7}, with_list(array({number(1)}))).status);
  UNSIGNED_LONGS_EQUAL(0x11, token.make("a", {7}, with_list(number(1))).status);
}

TEST(FidoCredential, DiscoverableOnesAreFoundTheLatestFirst) {
  for (std::uint8_t id = 1; id <= 3; ++id) {
    UNSIGNED_LONGS_EQUAL(0, token.make("example.org", {id}, with_options(Platform::resident())).status);
  }
  token.make("example.com", {9}, with_options(Platform::resident()));
  const Asserted first = token.get(Made{});
  UNSIGNED_LONGS_EQUAL(0, first.status);
  LONGS_EQUAL(3, Reply::number_of(first.reply.at(5)));
  CHECK(Reply::bytes_of(Reply::named(first.reply.at(4), "id")) == Bytes{3});
  CHECK(Reply::named(first.reply.at(4), "name").empty());  // without a PIN nobody is named
  CHECK(Reply::bytes_of(Reply::named(token.next().reply.at(4), "id")) == Bytes{2});
  const Asserted last = token.next();
  CHECK(Reply::bytes_of(Reply::named(last.reply.at(4), "id")) == Bytes{1});
  CHECK(last.reply.at(5).empty());
  UNSIGNED_LONGS_EQUAL(0x30, token.next().status);
}

TEST(FidoCredential, OfTheSameUserReplacesTheOneBefore) {
  const Made old = token.make("example.org", {1}, with_options(Platform::resident()));
  const Made fresh = token.make("example.org", {1}, with_options(Platform::resident()));
  UNSIGNED_LONGS_EQUAL(0x2E, token.get(old).status);
  CHECK(token.get(fresh).verified);
  CHECK(token.get(Made{}).reply.at(5).empty());
}

TEST(FidoCredential, IterationBelongsToItsChannelAndDies) {
  for (std::uint8_t id = 1; id <= 3; ++id) token.make("a", {id}, with_options(Platform::resident()));
  const auto begin = [&] { return token.get(Made{}, "a").status; };
  UNSIGNED_LONGS_EQUAL(0, begin());
  UNSIGNED_LONGS_EQUAL(0x30, token.next({}, 2).status);
  UNSIGNED_LONGS_EQUAL(0x30, token.next().status);  // another channel's command has dropped it
  UNSIGNED_LONGS_EQUAL(0, begin());
  token.send(0x04);
  UNSIGNED_LONGS_EQUAL(0x30, token.next().status);
  UNSIGNED_LONGS_EQUAL(0, begin());
  token.card.board().now += 29999;
  UNSIGNED_LONGS_EQUAL(0, token.next().status);
  token.card.board().now += 30000;
  UNSIGNED_LONGS_EQUAL(0x30, token.next().status);
  UNSIGNED_LONGS_EQUAL(0, begin());
  token.power();
  UNSIGNED_LONGS_EQUAL(0x30, token.next().status);
}

TEST(FidoCredential, ProtectionHidesIt) {
  const Bytes listed = text_map({{"credProtect", number(2)}});
  const Bytes required = text_map({{"credProtect", number(3)}});
  const Made two = token.make("a", {2}, with_extensions(listed, Platform::resident()));
  const Made three = token.make("a", {3}, with_extensions(required, Platform::resident()));
  CHECK(two.extensions == listed);
  UNSIGNED_LONGS_EQUAL(0xC1, two.flags);
  UNSIGNED_LONGS_EQUAL(0x2E, token.get(Made{}, "a").status);
  UNSIGNED_LONGS_EQUAL(0, token.get(two, "a").status);
  UNSIGNED_LONGS_EQUAL(0x2E, token.get(three, "a").status);
  UNSIGNED_LONGS_EQUAL(0, token.make("a", {4}, with_list(Platform::list(three.id))).status);
  UNSIGNED_LONGS_EQUAL(0x19, token.make("a", {4}, with_list(Platform::list(two.id))).status);
  UNSIGNED_LONGS_EQUAL(0, token.set_pin("1234"));
  Extra verified;
  verified.permission_pin = "1234";
  const Asserted asserted = token.get(three, "a", verified);
  CHECK(asserted.verified);
  UNSIGNED_LONGS_EQUAL(0x05, asserted.flags);
  STRCMP_EQUAL("alice", Reply::text_of(Reply::named(asserted.reply.at(4), "name")).c_str());
  UNSIGNED_LONGS_EQUAL(0x2C,
                       token.make("a", {5}, with_extensions(text_map({{"credProtect", number(4)}}))).status);
}

TEST(FidoCredential, KeepsItsBlobAndGivesItsLargeBlobKey) {
  const Bytes asked = map({{text("credBlob"), bytes(Bytes(32, 7))}, {text("largeBlobKey"), boolean(true)}});
  const Made made = token.make("a", {1}, with_extensions(asked, Platform::resident()));
  CHECK(made.extensions == text_map({{"credBlob", boolean(true)}}));
  const Bytes key = Reply::bytes_of(made.reply.at(5));
  UNSIGNED_LONGS_EQUAL(32, key.size());
  const Bytes wanted = map({{text("credBlob"), boolean(true)}, {text("largeBlobKey"), boolean(true)}});
  const Asserted asserted = token.get(made, "a", with_extensions(wanted));
  CHECK(asserted.extensions == text_map({{"credBlob", bytes(Bytes(32, 7))}}));
  CHECK(Reply::bytes_of(asserted.reply.at(7)) == key);
  const Made too_long = token.make(
      "a", {2}, with_extensions(text_map({{"credBlob", bytes(Bytes(33, 7))}}), Platform::resident()));
  CHECK(too_long.extensions == text_map({{"credBlob", boolean(false)}}));
  UNSIGNED_LONGS_EQUAL(
      0x2C, token.make("a", {3}, with_extensions(text_map({{"largeBlobKey", boolean(true)}}))).status);
  UNSIGNED_LONGS_EQUAL(
      0x2C,
      token
          .make("a", {3}, with_extensions(text_map({{"largeBlobKey", boolean(false)}}), Platform::resident()))
          .status);
}

TEST(FidoCredential, MoreThanAHundredFitAndTheRemainingCountIsKept) {
  const auto remaining = [&] { return Reply::number_of(token.send(0x04).at(0x14)); };
  const std::int64_t fresh = remaining();
  CHECK(fresh >= 100);
  std::int64_t before = fresh;
  const std::string rp(100, 'r');
  for (std::int64_t i = 0; i < fresh; ++i) {
    Bytes user(64, 0x55);
    user[62] = static_cast<std::uint8_t>(i >> 8);
    user[63] = static_cast<std::uint8_t>(i);
    UNSIGNED_LONGS_EQUAL(0, token.make(rp, user, with_options(Platform::resident())).status);
    if (i % 16 != 0) continue;
    CHECK(remaining() < before);
    before = remaining();
  }
  while (remaining() > 0) {
    UNSIGNED_LONGS_EQUAL(
        0,
        token.make("x", {static_cast<std::uint8_t>(remaining())}, with_options(Platform::resident())).status);
  }
  const Asserted asserted = token.get(Made{}, rp);
  CHECK(Reply::number_of(asserted.reply.at(5)) == fresh);
  UNSIGNED_LONGS_EQUAL(0, token.send(0x08).status);
}

TEST(FidoCredential, AnEmptyParameterAsksForATouchAlone) {
  const auto ask = [&] {
    return token
        .send(2, map({{number(1), text("a")},
                      {number(2), bytes(Bytes(32, 1))},
                      {number(6), bytes({})},
                      {number(7), number(2)}}))
        .status;
  };
  UNSIGNED_LONGS_EQUAL(0x35, ask());
  UNSIGNED_LONGS_EQUAL(1, static_cast<unsigned>(token.card.board().touches_asked));
  token.set_pin("1234");
  UNSIGNED_LONGS_EQUAL(0x31, ask());
  token.card.board().touch = Touch::kDenied;
  UNSIGNED_LONGS_EQUAL(0x27, ask());
}
