// credentialManagement, authenticatorConfig, largeBlobs and getInfo.
#include "platform.h"

#include <CppUTest/TestHarness.h>

using namespace sceau::firmware;        // NOLINT(google-build-using-namespace): the tests' own subject
using namespace sceau::firmware::test;  // NOLINT(google-build-using-namespace)

namespace {

Extra resident() {
  Extra extra;
  extra.permission_pin = kPin;
  extra.options = Platform::resident();
  return extra;
}

Bytes array_of(std::size_t size, std::uint8_t fill) {
  Bytes body(size - 16, fill);
  Bytes tail = sha(body);
  tail.resize(16);
  return body + tail;
}

}  // namespace

TEST_GROUP(FidoManagement) {
  Platform token;

  void setup() override { token.set_pin(kPin); }
  void make_some() {
    for (std::uint8_t id = 1; id <= 2; ++id) token.make("a", {id}, resident());
    token.make("b", {9}, resident());
    UNSIGNED_LONGS_EQUAL(0, token.get_token(kPin, 0x04));
  }
  std::string option(const char* name) {
    const Bytes value = Reply::named(token.send(0x04).at(4), name);
    return value.empty() ? "" : value == boolean(true) ? "true" : "false";
  }
  Bytes rp_hash(const std::string& rp) { return map({{number(1), bytes(sha(to_bytes(rp)))}}); }
};

TEST(FidoManagement, CountsWhatThereIsAndWhatFits) {
  token.get_token(kPin, 0x04);
  const Reply empty = token.manage(0x01);
  LONGS_EQUAL(0, Reply::number_of(empty.at(1)));
  UNSIGNED_LONGS_EQUAL(0x2E, token.manage(0x02).status);
  make_some();
  const Reply told = token.manage(0x01);
  LONGS_EQUAL(3, Reply::number_of(told.at(1)));
  CHECK(Reply::number_of(told.at(2)) <= Reply::number_of(empty.at(2)) - 3);
}

TEST(FidoManagement, ListsRelyingPartiesOnTheirChannel) {
  make_some();
  const Reply first = token.manage(0x02);
  LONGS_EQUAL(2, Reply::number_of(first.at(5)));
  CHECK(Reply::bytes_of(first.at(4)) == sha(to_bytes(Reply::text_of(Reply::named(first.at(3), "id")))));
  const Bytes next = map({{number(1), number(3)}});
  const Reply second = token.send(0x0A, next);
  UNSIGNED_LONGS_EQUAL(0, second.status);
  CHECK(second.at(5).empty());
  CHECK(second.at(3) != first.at(3));
  UNSIGNED_LONGS_EQUAL(0x30, token.send(0x0A, next).status);
  token.manage(0x02);
  UNSIGNED_LONGS_EQUAL(0x30, token.send(0x0A, next, 2).status);
  UNSIGNED_LONGS_EQUAL(0x30, token.send(0x0A, next).status);
  token.manage(0x02);
  UNSIGNED_LONGS_EQUAL(0x30, token.send(0x08).status);
  UNSIGNED_LONGS_EQUAL(0x30, token.send(0x0A, next).status);
}

TEST(FidoManagement, ListsRenamesAndDeletesCredentials) {
  make_some();
  const Reply first = token.manage(0x04, rp_hash("a"));
  LONGS_EQUAL(2, Reply::number_of(first.at(9)));
  LONGS_EQUAL(1, Reply::number_of(first.at(0x0A)));
  CHECK(Reply::bytes_of(Reply::named(first.at(6), "id")) == Bytes{2});
  const Reply second = token.send(0x0A, map({{number(1), number(5)}}));
  UNSIGNED_LONGS_EQUAL(0, second.status);
  UNSIGNED_LONGS_EQUAL(0x2E, token.manage(0x04, rp_hash("c")).status);
  const Bytes id = second.at(7);
  const auto user = [&](const Bytes& user_id, const Bytes& name) {
    return map({{number(2), id}, {number(3), text_map({{"id", bytes(user_id)}, {"name", name}})}});
  };
  UNSIGNED_LONGS_EQUAL(0, token.manage(0x07, user({1}, text("renamed"))).status);
  UNSIGNED_LONGS_EQUAL(0x02, token.manage(0x07, user({2}, text("renamed"))).status);
  token.manage(0x04, rp_hash("a"));
  const Bytes changed = token.send(0x0A, map({{number(1), number(5)}})).at(6);
  STRCMP_EQUAL("renamed", Reply::text_of(Reply::named(changed, "name")).c_str());
  CHECK(Reply::named(changed, "displayName").empty());
  UNSIGNED_LONGS_EQUAL(0, token.manage(0x06, map({{number(2), id}})).status);
  UNSIGNED_LONGS_EQUAL(0x2E, token.manage(0x06, map({{number(2), id}})).status);
  UNSIGNED_LONGS_EQUAL(0x14, token.manage(0x06, map({})).status);
  UNSIGNED_LONGS_EQUAL(0x14, token.manage(0x04).status);
  LONGS_EQUAL(2, Reply::number_of(token.manage(0x01).at(1)));
}

TEST(FidoManagement, WantsItsPermission) {
  make_some();
  UNSIGNED_LONGS_EQUAL(0x36, token.send(0x0A, map({{number(1), number(1)}})).status);
  UNSIGNED_LONGS_EQUAL(
      0x14, token.send(0x0A, map({{number(1), number(1)}, {number(4), bytes(Bytes(32, 1))}})).status);
  UNSIGNED_LONGS_EQUAL(
      0x33,
      token
          .send(0x0A, map({{number(1), number(1)}, {number(3), number(2)}, {number(4), bytes(Bytes(32, 1))}}))
          .status);
  UNSIGNED_LONGS_EQUAL(0x3E, token.manage(0x08).status);
  UNSIGNED_LONGS_EQUAL(0x14, token.send(0x0A, map({})).status);
  UNSIGNED_LONGS_EQUAL(0, token.get_token(kPin, 0x04, "a"));
  UNSIGNED_LONGS_EQUAL(0x33, token.manage(0x01).status);
  UNSIGNED_LONGS_EQUAL(0x33, token.manage(0x02).status);
  UNSIGNED_LONGS_EQUAL(0x33, token.manage(0x04, rp_hash("b")).status);
  UNSIGNED_LONGS_EQUAL(0, token.manage(0x04, rp_hash("a")).status);
}

TEST(FidoManagement, AlwaysUvMeansAlways) {
  token.get_token(kPin, 0x20);
  UNSIGNED_LONGS_EQUAL(0, token.configure(0x02).status);
  STRCMP_EQUAL("true", option("alwaysUv").c_str());
  STRCMP_EQUAL("false", option("makeCredUvNotRqd").c_str());
  UNSIGNED_LONGS_EQUAL(0x36, token.make("a", {1}).status);
  Extra verified;
  verified.permission_pin = kPin;
  const Made made = token.make("a", {1}, verified);
  UNSIGNED_LONGS_EQUAL(0, made.status);
  UNSIGNED_LONGS_EQUAL(0x36, token.get(made, "a").status);
  token.card.send("00 A4 04 00 08 A0 00 00 06 47 2F 00 01 00");
  UNSIGNED_LONGS_EQUAL(0x6D00, token.card.word("00 03 00 00 00"));
  token.power();
  STRCMP_EQUAL("true", option("alwaysUv").c_str());
  token.get_token(kPin, 0x20);
  UNSIGNED_LONGS_EQUAL(0, token.configure(0x02).status);
  STRCMP_EQUAL("false", option("alwaysUv").c_str());
}

TEST(FidoManagement, LeastPinLengthOnlyGrowsAndForcesAChange) {
  const auto set = [&](const std::vector<std::pair<Bytes, Bytes>>& parameters) {
    token.get_token(kPin, 0x20);
    return token.configure(0x03, map(parameters)).status;
  };
  Extra asking;
  asking.permission_pin = kPin;
  asking.extensions = text_map({{"minPinLength", boolean(true)}});
  CHECK(token.make("a", {1}, asking).extensions.empty());
  UNSIGNED_LONGS_EQUAL(0, set({{number(2), array({text("a")})}}));
  CHECK(token.make("a", {1}, asking).extensions == text_map({{"minPinLength", number(4)}}));
  CHECK(token.make("b", {1}, asking).extensions.empty());
  UNSIGNED_LONGS_EQUAL(0x37, set({{number(1), number(3)}}));
  UNSIGNED_LONGS_EQUAL(0x37, set({{number(1), number(64)}}));
  UNSIGNED_LONGS_EQUAL(0x03, set({{number(2), array(std::vector<Bytes>(9, text("x")))}}));
  UNSIGNED_LONGS_EQUAL(0, set({{number(1), number(6)}}));
  CHECK(token.send(0x04).at(0x0C) == boolean(true));
  UNSIGNED_LONGS_EQUAL(0x31, token.get_token(kPin));
  UNSIGNED_LONGS_EQUAL(8, token.tries());
  UNSIGNED_LONGS_EQUAL(0x37, token.change_pin(kPin, "12345"));
  UNSIGNED_LONGS_EQUAL(0x37, token.change_pin(kPin, kPin));
  UNSIGNED_LONGS_EQUAL(0, token.change_pin(kPin, "123456"));
  CHECK(token.send(0x04).at(0x0C) == boolean(false));
  UNSIGNED_LONGS_EQUAL(0, token.get_token("123456", 0x20));
  UNSIGNED_LONGS_EQUAL(0, token.configure(0x03, map({{number(3), boolean(true)}})).status);
  UNSIGNED_LONGS_EQUAL(0x37, token.change_pin("123456", "123456"));
  UNSIGNED_LONGS_EQUAL(0, token.change_pin("123456", "654321"));
}

TEST(FidoManagement, EnterpriseAttestationIsTheDevicesOwn) {
  Extra asking;
  asking.permission_pin = kPin;
  asking.enterprise = number(2);
  UNSIGNED_LONGS_EQUAL(0x02, token.make("a", {1}, asking).status);
  STRCMP_EQUAL("false", option("ep").c_str());
  token.get_token(kPin, 0x20);
  UNSIGNED_LONGS_EQUAL(0, token.configure(0x01).status);
  STRCMP_EQUAL("true", option("ep").c_str());
  const auto certificate = [&](const Made& made) { return Reply::named(made.reply.at(3), "x5c"); };
  const Made own = token.make("a", {1}, asking);
  CHECK(own.reply.at(4) == boolean(true));
  asking.enterprise = number(1);
  const Made batch = token.make("a", {1}, asking);
  CHECK(batch.reply.at(4).empty());
  CHECK(certificate(own) != certificate(batch));
  asking.enterprise = number(3);
  UNSIGNED_LONGS_EQUAL(0x2C, token.make("a", {1}, asking).status);
  // Two devices of a batch are not told apart.
  Platform other;
  CHECK(certificate(other.make()) == certificate(batch));
}

TEST(FidoManagement, ConfigurationWantsItsPermission) {
  UNSIGNED_LONGS_EQUAL(0x36, token.send(0x0D, map({{number(1), number(2)}})).status);
  UNSIGNED_LONGS_EQUAL(0x02, token.configure(0x05).status);
  token.get_token(kPin, 0x20);
  UNSIGNED_LONGS_EQUAL(0x14, token.configure(0x03).status);
  Platform open;
  UNSIGNED_LONGS_EQUAL(0, open.send(0x0D, map({{number(1), number(2)}})).status);
  UNSIGNED_LONGS_EQUAL(0x36, open.send(0x0D, map({{number(1), number(1)}})).status);
  UNSIGNED_LONGS_EQUAL(0, open.send(0x0D, map({{number(1), number(2)}})).status);
  UNSIGNED_LONGS_EQUAL(
      0x35,
      open.send(0x0D, map({{number(1), number(3)}, {number(2), map({{number(3), boolean(true)}})}})).status);
}

TEST(FidoManagement, LargeBlobsComeIntoForceWhole) {
  const Bytes initial = token.read_blobs(0, 100);
  UNSIGNED_LONGS_EQUAL(17, initial.size());
  const Bytes whole = array_of(2500, 0x42);
  token.get_token(kPin, 0x10);
  const auto part = [&](std::size_t from, std::size_t to) {
    return Bytes(whole.begin() + static_cast<long>(from), whole.begin() + static_cast<long>(to));
  };
  UNSIGNED_LONGS_EQUAL(0, token.write_blobs(part(0, 700), 0, 2500).status);
  UNSIGNED_LONGS_EQUAL(0x04, token.write_blobs(part(800, 900), 800, 0).status);
  UNSIGNED_LONGS_EQUAL(0, token.write_blobs(part(700, 1800), 700, 0).status);
  CHECK(token.read_blobs(0, 1000) == initial);
  UNSIGNED_LONGS_EQUAL(0x02, token.write_blobs(Bytes(701, 0), 1800, 0).status);
  UNSIGNED_LONGS_EQUAL(0, token.write_blobs(part(1800, 2500), 1800, 0).status);
  token.power();
  CHECK(token.read_blobs(0, 1100) + token.read_blobs(1100, 1100) + token.read_blobs(2200, 1100) == whole);
  UNSIGNED_LONGS_EQUAL(0, token.read_blobs(2500, 10).size());
  UNSIGNED_LONGS_EQUAL(0x02,
                       token.send(0x0C, map({{number(1), number(1)}, {number(3), number(2501)}})).status);
  UNSIGNED_LONGS_EQUAL(0x03,
                       token.send(0x0C, map({{number(1), number(1137)}, {number(3), number(0)}})).status);
  UNSIGNED_LONGS_EQUAL(0x14, token.send(0x0C, map({{number(1), number(1)}})).status);
  UNSIGNED_LONGS_EQUAL(0x02, token.send(0x0C, map({{number(3), number(0)}})).status);
}

TEST(FidoManagement, LargeBlobsAreRefusedWithoutTheirHashTheirRoomOrTheirPermission) {
  const Bytes initial = token.read_blobs(0, 100);
  token.get_token(kPin, 0x10);
  Bytes spoiled = array_of(600, 1);
  spoiled[3] ^= 1;
  UNSIGNED_LONGS_EQUAL(0x3D, token.write_blobs(spoiled, 0, 600).status);
  UNSIGNED_LONGS_EQUAL(0x18, token.write_blobs(Bytes(100, 0), 0, 4097).status);
  UNSIGNED_LONGS_EQUAL(0x02, token.write_blobs(Bytes(16, 0), 0, 16).status);
  UNSIGNED_LONGS_EQUAL(0x03, token.write_blobs(Bytes(1137, 0), 0, 4000).status);
  const Bytes good = array_of(100, 2);
  UNSIGNED_LONGS_EQUAL(
      0x36,
      token.send(0x0C, map({{number(2), bytes(good)}, {number(3), number(0)}, {number(4), number(100)}}))
          .status);
  CHECK(token.read_blobs(0, 100) == initial);
  for (std::size_t size : {17U, 511U, 512U, 513U, 528U, 529U, 1024U, 1030U}) {
    const Bytes one = array_of(size, static_cast<std::uint8_t>(size));
    UNSIGNED_LONGS_EQUAL(0, token.write_blobs(one, 0, size).status);
    CHECK(token.read_blobs(0, 1100) == one);
  }
}

TEST(FidoManagement, NamesAreCutBetweenCharactersAndEmptyOnesAbsent) {
  Platform fresh;
  const std::string long_name = std::string(63, 'x') + "\xC3\xA9";
  const auto make = [&](const std::string& rp, const std::string& name) {
    return fresh
        .send(1, map({{number(1), bytes(Bytes(32, 1))},
                      {number(2), text_map({{"id", text(rp)}})},
                      {number(3), text_map({{"id", bytes({1})}, {"name", text(name)}})},
                      {number(4), array({text_map({{"alg", number(-7)}, {"type", text("public-key")}})})},
                      {number(7), Platform::resident()}}))
        .status;
  };
  UNSIGNED_LONGS_EQUAL(0, make("short", long_name));
  UNSIGNED_LONGS_EQUAL(0, make("https:" + std::string(200, 'y'), ""));
  fresh.set_pin(kPin);
  fresh.get_token(kPin, 0x04);
  const Bytes cut = fresh.manage(0x04, rp_hash("short")).at(6);
  UNSIGNED_LONGS_EQUAL(63, Reply::text_of(Reply::named(cut, "name")).size());
  fresh.manage(0x02);
  const Reply second = fresh.send(0x0A, map({{number(1), number(3)}}));
  const std::string kept = Reply::text_of(Reply::named(second.at(3), "id"));
  UNSIGNED_LONGS_EQUAL(127, kept.size());
  STRCMP_EQUAL("https:\xE2\x80\xA6y", kept.substr(0, 10).c_str());
  const Bytes unnamed = fresh.manage(0x04, map({{number(1), second.at(4)}})).at(6);
  CHECK(Reply::named(unnamed, "name").empty());
}

TEST(FidoManagement, GetInfoTellsWhatThereIs) {
  const Reply info = token.send(0x04);
  UNSIGNED_LONGS_EQUAL(0, info.status);
  LONGS_EQUAL(1200, Reply::number_of(info.at(5)));
  CHECK(info.at(6) == array({number(2), number(1)}));
  STRCMP_EQUAL("true", option("clientPin").c_str());
  LONGS_EQUAL(4, Reply::number_of(info.at(0x0D)));
  UNSIGNED_LONGS_EQUAL(0x01, token.send(0x03).status);
  UNSIGNED_LONGS_EQUAL(0x01, token.send(0x40).status);
}
