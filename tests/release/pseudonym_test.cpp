#include "sceau/release/pseudonym.h"

#include <CppUTest/TestHarness.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

using namespace sceau;
using namespace sceau::release;

namespace {

// HMAC-SHA-256 in one call, its key set for every message.
Bytes hmac(ByteView key, const Bytes& message) {
  Bytes out(32);
  unsigned length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), message.data(), message.size(), out.data(),
       &length);
  return out;
}

Bytes text(std::string_view value) { return to_bytes(value); }

Secret master() { return Secret(Bytes(32, 0x42)); }

}  // namespace

TEST_GROUP(Pseudonym){};

TEST(Pseudonym, IsWhatTheHeaderSays) {
  Bytes message = text("sceau project key v1");
  append_u16(message, 2);
  append(message, as_bytes("P1"));
  append(message, Bytes{0, 0, 0, 3});
  const Bytes key = hmac(master().view(), message);
  auto derived = project_key(master(), "P1", 3);
  CHECK(derived->equals(key));

  Bytes own = text("sceau extraction key v1");
  append_u16(own, 4);
  append(own, as_bytes("abcd"));
  const Bytes extraction = hmac(key, own);
  Bytes cut = hmac(key, text("185057800604830"));
  cut.resize(16);
  const std::string pseudonym = to_base32(cut);
  const std::string tag = to_base32(hmac(extraction, text(pseudonym))).substr(0, 5);
  auto pseudonymiser = Pseudonymiser::create(*derived, "abcd");
  CHECK_EQUAL(pseudonym + "-" + tag, std::string(pseudonymiser->tagged("185057800604830")));
}

TEST(Pseudonym, StaysTheSameInAProjectAndDiffersElsewhere) {
  auto key = project_key(master(), "P1", 1);
  auto first = Pseudonymiser::create(*key, "one");
  auto second = Pseudonymiser::create(*key, "two");
  const std::string a(first->tagged("someone"));
  const std::string b(second->tagged("someone"));
  CHECK_EQUAL(a.substr(0, pseudonym_size), b.substr(0, pseudonym_size));
  CHECK(a != b);
  for (const auto& [project, epoch] : {std::pair{"P2", 1}, std::pair{"P1", 2}}) {
    auto other_key = project_key(master(), project, static_cast<std::uint32_t>(epoch));
    auto other = Pseudonymiser::create(*other_key, "one");
    CHECK(a.substr(0, 8) != std::string(other->tagged("someone")).substr(0, 8));
  }
}

TEST(Pseudonym, TheCacheNeverMixesPeopleUp) {
  auto key = project_key(master(), "P1", 1);
  auto cached = Pseudonymiser::create(*key, "x");
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 100'000; i += 7) {
      const std::string identifier = "person" + std::to_string(i);
      if (i % 9973 != 0) {
        cached->tagged(identifier);
        continue;
      }
      auto fresh = Pseudonymiser::create(*key, "x");
      CHECK_EQUAL(std::string(fresh->tagged(identifier)), std::string(cached->tagged(identifier)));
    }
  }
}

TEST(Pseudonym, LongAndEmptyIdentifiersHavePseudonymsToo) {
  auto key = project_key(master(), "P1", 1);
  auto pseudonymiser = Pseudonymiser::create(*key, "x");
  const std::string empty(pseudonymiser->tagged(""));
  const std::string longer(pseudonymiser->tagged(std::string(500, 'a')));
  CHECK_EQUAL(tagged_pseudonym_size, empty.size());
  CHECK_EQUAL(tagged_pseudonym_size, longer.size());
  CHECK(empty != longer);
}

TEST(Pseudonym, ShortMasterKeysAndNamelessProjectsAreRefused) {
  CHECK_FALSE(project_key(Secret(Bytes(31, 1)), "P1", 1).ok());
  CHECK_FALSE(project_key(master(), "", 1).ok());
  CHECK_FALSE(Pseudonymiser::create(Secret(Bytes(31, 1)), "x").ok());
}

TEST(Pseudonym, TheFingerprintCommitsToTheExtractionAndItsCount) {
  auto key = project_key(master(), "P1", 1);
  auto one = Pseudonymiser::create(*key, "x");
  auto other = Pseudonymiser::create(*key, "y");
  CHECK(one->fingerprint() != other->fingerprint());
  const Digest before = one->fingerprint();
  one->tagged("a");
  CHECK(before != one->fingerprint());
  CHECK_EQUAL(1U, one->delivered());
}
