#include "sceau/base/bytes.h"

#include <CppUTest/TestHarness.h>

using namespace sceau;

TEST_GROUP(Encodings){};

TEST(Encodings, HexIsLowerCaseAndReadsBack) {
  const Bytes bytes{0x00, 0x0F, 0xA5, 0xFF};
  CHECK_EQUAL(std::string("000fa5ff"), to_hex(bytes));
  CHECK_TRUE(bytes == from_hex("000fa5ff").value());
  CHECK_TRUE(from_hex("").value().empty());
}

TEST(Encodings, HexRefusesUpperCaseOddLengthsAndOtherCharacters) {
  for (const char* text : {"0", "abc", "AB", "aB", "0g", "0x", " 00", "00 ", "0\n", "\xC3\xA9"}) {
    CHECK_FALSE(from_hex(text).ok());
  }
}

TEST(Encodings, Base64IsThatOfRfc4648) {
  // RFC 4648 section 10.
  const std::pair<const char*, const char*> vectors[] = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
  };
  for (const auto& [plain, encoded] : vectors) {
    CHECK_EQUAL(std::string(encoded), to_base64(as_bytes(plain)));
    CHECK_EQUAL(std::string(plain), to_text(from_base64(encoded).value()));
  }
  CHECK_EQUAL(std::string("+/+/"), to_base64(Bytes{0xFB, 0xFF, 0xBF}));
}

TEST(Encodings, Base64HasOneSpellingAValue) {
  for (const char* text :
       {"Zg", "Zg=", "Zg===", "=", "==", "====", "Z===", "Zh==", "Zm9=", "Zg==Zg==", "Zm 9", "Zm9v\n", "Zm-v",
        "Zm_v", "Zm=v", "Z=9v", "Zg==\n\n\n\n", "Zm9v====", "\xC3\xA9\xC3\xA9"}) {
    if (from_base64(text)) FAIL(text);
  }
}

TEST(Encodings, Base32IsThatOfRfc4648WithoutPadding) {
  const std::pair<const char*, const char*> vectors[] = {
      {"", ""},
      {"f", "MY"},
      {"fo", "MZXQ"},
      {"foo", "MZXW6"},
      {"foob", "MZXW6YQ"},
      {"fooba", "MZXW6YTB"},
      {"foobar", "MZXW6YTBOI"},
  };
  for (const auto& [plain, encoded] : vectors) CHECK_EQUAL(std::string(encoded), to_base32(as_bytes(plain)));
}

TEST(Encodings, IntegersAreBigEndian) {
  Bytes out;
  append_u16(out, 0x0102);
  append_u64(out, 0x030405060708090A);
  CHECK_EQUAL(std::string("0102030405060708090a"), to_hex(out));
  CHECK_EQUAL(0x0102, read_u16(ByteView(out).first<2>()));
  CHECK_TRUE(0x030405060708090A == read_u64(ByteView(out).last<8>()));
}

TEST(Encodings, ConstantTimeComparisonComparesLengthsToo) {
  CHECK_TRUE(equal_constant_time({}, {}));
  CHECK_TRUE(equal_constant_time(as_bytes("1234"), as_bytes("1234")));
  CHECK_FALSE(equal_constant_time(as_bytes("1234"), as_bytes("1235")));
  CHECK_FALSE(equal_constant_time(as_bytes("1234"), as_bytes("123")));
  CHECK_FALSE(equal_constant_time(as_bytes("1234"), as_bytes("12345")));
}
