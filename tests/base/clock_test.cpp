#include "sceau/base/clock.h"

#include <CppUTest/TestHarness.h>

using namespace sceau;

TEST_GROUP(Rfc3339){};

TEST(Rfc3339, TimesReadBackAsTheyAreWritten) {
  const std::pair<Time, const char*> vectors[] = {
      {0, "1970-01-01T00:00:00Z"},
      {-1, "1969-12-31T23:59:59Z"},
      {951782400, "2000-02-29T00:00:00Z"},
      {1763800000, "2025-11-22T08:26:40Z"},
      {4102444800, "2100-01-01T00:00:00Z"},
      {253402300799, "9999-12-31T23:59:59Z"},
      {-62167219200, "0000-01-01T00:00:00Z"},
  };
  for (const auto& [time, text] : vectors) {
    CHECK_EQUAL(std::string(text), to_rfc3339(time));
    CHECK_TRUE(time == from_rfc3339(text).value());
  }
}

TEST(Rfc3339, OtherSpellingsAndImpossibleTimesAreRefused) {
  for (const char* text : {"",
                           "2025-11-22",
                           "2025-11-22T08:26:40",
                           "2025-11-22T08:26:40z",
                           "2025-11-22t08:26:40Z",
                           "2025-11-22 08:26:40Z",
                           "2025-11-22T08:26:40.0Z",
                           "2025-11-22T08:26:40+00:00",
                           "2025-11-22T08:26:40ZZ",
                           "2025-1-22T08:26:40Z",
                           "2025-02-29T00:00:00Z",
                           "2025-00-10T00:00:00Z",
                           "2025-13-10T00:00:00Z",
                           "2025-10-00T00:00:00Z",
                           "2025-11-31T00:00:00Z",
                           "2100-02-29T00:00:00Z",
                           "2025-11-22T24:00:00Z",
                           "2025-11-22T08:60:00Z",
                           "2025-11-22T08:26:60Z",
                           "-025-11-22T08:26:40Z",
                           "+025-11-22T08:26:40Z",
                           "2025-11-22T 8:26:40Z",
                           "2025/11/22T08:26:40Z",
                           "20251-1-22T08:26:40Z"}) {
    if (from_rfc3339(text)) FAIL(text);
  }
}

TEST_GROUP(Clock){};

TEST(Clock, AFixedOneStandsStillUntilItIsSet) {
  FixedClock clock(100);
  CHECK_EQUAL(100, clock.now());
  CHECK_EQUAL(100000, clock.now_milliseconds());
  clock.advance(5);
  CHECK_EQUAL(105, clock.now());
  clock.set(7);
  CHECK_EQUAL(7, clock.now());
}

TEST(Clock, TheSystemsSecondsAreItsMillisecondsRounded) {
  const SystemClock clock;
  const std::int64_t before = clock.now_milliseconds();
  const Time now = clock.now();
  CHECK_TRUE(now >= before / 1000);
  CHECK_TRUE(now <= clock.now_milliseconds() / 1000);
  CHECK_TRUE(now > 1700000000);
}
