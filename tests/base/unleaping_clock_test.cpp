#include "sceau/base/unleaping_clock.h"

#include <vector>
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau;

TEST_GROUP(UnleapingClock) {
  FixedClock wall{1'800'000'000}, uptime{500};
  std::vector<Time> told;
  UnleapingClock clock{wall, uptime, [this](Time ahead) { told.push_back(ahead); }};

  void pass(Time seconds) {
    wall.advance(seconds);
    uptime.advance(seconds);
  }
};

TEST(UnleapingClock, FollowsTheOtherOne) {
  pass(10 * 86400);
  LONGS_EQUAL(wall.now(), clock.now());
  wall.advance(3600);  // set right, by an hour
  LONGS_EQUAL(wall.now(), clock.now());
  LONGS_EQUAL(wall.now() * 1000, clock.now_milliseconds());
  LONGS_EQUAL(0, told.size());
}

TEST(UnleapingClock, DoesNotFollowItOverALeap) {
  const Time before = wall.now();
  wall.advance(3650 * Time{86400});
  LONGS_EQUAL(before, clock.now());
  pass(60);
  LONGS_EQUAL(before + 60, clock.now());
  LONGS_EQUAL(1, told.size());
  LONGS_EQUAL(3650 * 86400, told.front());
  pass(3600);
  LONGS_EQUAL(before + 3660, clock.now());
  LONGS_EQUAL(2, told.size());
}

TEST(UnleapingClock, ComesBackToItOnceItIsRight) {
  wall.advance(3650 * Time{86400});
  (void)clock.now();
  wall.advance(-3650 * Time{86400} + 5);
  LONGS_EQUAL(wall.now(), clock.now());
}

TEST(UnleapingClock, IsSetBackAndRightAgainWithoutALeap) {
  wall.advance(-3650 * Time{86400});
  LONGS_EQUAL(wall.now(), clock.now());
  wall.advance(3650 * Time{86400} + 3600);
  LONGS_EQUAL(wall.now(), clock.now());
  LONGS_EQUAL(0, told.size());
}

TEST(UnleapingClock, TheMachinesUptimeRises) {
  const UptimeClock machine;
  const auto first = machine.now_milliseconds();
  CHECK(first > 0);
  CHECK(machine.now_milliseconds() >= first);
  CHECK(machine.now() * 1000 >= first - 1000);
}
