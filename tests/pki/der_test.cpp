#include "sceau/pki/der.h"

#include <CppUTest/TestHarness.h>

using namespace sceau;
using namespace sceau::pki;

TEST_GROUP(Der){};

TEST(Der, WritesTheShortestLength) {
  CHECK(der(der_octet_string, Bytes(3, 7)) == (Bytes{4, 3, 7, 7, 7}));
  CHECK(der(der_octet_string, Bytes(127, 7))[1] == 127);
  const Bytes longer = der(der_octet_string, Bytes(200, 7));
  CHECK(longer[1] == 0x81 && longer[2] == 200 && longer.size() == 203);
  const Bytes longest = der(der_sequence, Bytes(70000, 7));
  CHECK(longest[1] == 0x83 && is_strict_der(der(der_octet_string, Bytes(70000, 7))));
}

TEST(Der, ReadsWhatItWrote) {
  const Bytes bytes = der(der_sequence, {der(der_integer, Bytes{5}), der(der_octet_string, Bytes(300, 1))});
  CHECK(is_strict_der(bytes));
  DerReader outer(bytes);
  DerReader inner(outer.next(der_sequence).value());
  CHECK(inner.next(der_integer).value()[0] == 5);
  LONGS_EQUAL(300, inner.next(der_octet_string).value().size());
  CHECK(inner.done() && outer.done());
}

TEST(Der, RefusesEveryOtherLengthForm) {
  CHECK_FALSE(is_strict_der(Bytes{0x30, 0x80, 0x00, 0x00}));                    // indefinite
  CHECK_FALSE(is_strict_der(Bytes{0x04, 0x81, 0x01, 0x00}));                    // long form for 1
  CHECK_FALSE(is_strict_der(Bytes{0x04, 0x82, 0x00, 0x01, 0x00}));              // leading zero
  CHECK_FALSE(is_strict_der(Bytes{0x04, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 0x00}));  // beyond the end
  CHECK_FALSE(is_strict_der(Bytes{0x04, 0x88, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}));
  CHECK_FALSE(is_strict_der(Bytes{0x04, 0xFF, 0x00}));              // reserved
  CHECK_FALSE(is_strict_der(Bytes{0x1F, 0x81, 0x01, 0x00}));        // tag in many octets
  CHECK_FALSE(is_strict_der(Bytes{0x30, 0x03, 0x04, 0x05, 0x00}));  // child beyond its parent
  CHECK_FALSE(is_strict_der(Bytes{0x05, 0x00, 0x00}));              // something follows
  CHECK_FALSE(is_strict_der(Bytes{0x05}));
  CHECK_FALSE(is_strict_der(Bytes{}));
}

TEST(Der, RefusesNestingWithoutEnd) {
  Bytes bytes{0x05, 0x00};
  for (int i = 0; i < 31; ++i) bytes = der(der_sequence, bytes);
  CHECK(is_strict_der(bytes));
  for (int i = 0; i < 1000; ++i) bytes = der(der_sequence, bytes);
  CHECK_FALSE(is_strict_der(bytes));
}

TEST(Der, AFailedReadStaysWhereItIs) {
  const Bytes bytes{0x04, 0x02, 0x01};
  DerReader reader(bytes);
  CHECK_FALSE(reader.next().has_value());
  CHECK_FALSE(reader.next(der_integer).has_value());
  LONGS_EQUAL(3, reader.rest().size());
}
