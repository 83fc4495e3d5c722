#include "sceau/base/digest.h"

#include <CppUTest/TestHarness.h>

using namespace sceau;

TEST_GROUP(Sha256){};

TEST(Sha256, GivesThePublishedDigests) {
  // FIPS 180-4 examples.
  CHECK_EQUAL(std::string("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
              to_hex(sha256(ByteView())));
  CHECK_EQUAL(std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
              to_hex(sha256(as_bytes("abc"))));
}

TEST(Sha256, PartsAreOneAfterTheOther) {
  CHECK_TRUE(sha256({as_bytes("a"), as_bytes(""), as_bytes("bc")}) == sha256(as_bytes("abc")));
}

TEST(Sha256, AStreamGivesTheDigestOfAllSoFarAndGoesOn) {
  DigestStream stream;
  CHECK_TRUE(stream.current() == sha256(ByteView()));
  stream.update(as_bytes("ab"));
  CHECK_TRUE(stream.current() == sha256(as_bytes("ab")));
  DigestStream moved = std::move(stream);
  moved.update(as_bytes("c"));
  CHECK_TRUE(moved.current() == sha256(as_bytes("abc")));
}

TEST(Sha256, DigestsAreReadFrom64HexCharactersOnly) {
  const std::string hex = to_hex(sha256(as_bytes("abc")));
  CHECK_TRUE(digest_from_hex(hex).value() == sha256(as_bytes("abc")));
  CHECK_FALSE(digest_from_hex(hex.substr(2)).ok());
  CHECK_FALSE(digest_from_hex(hex + "00").ok());
  CHECK_FALSE(digest_from_hex("BA" + hex.substr(2)).ok());
  CHECK_FALSE(digest_from_hex("").ok());
}
