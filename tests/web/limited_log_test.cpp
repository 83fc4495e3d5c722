#include "web/limited_log.h"

#include <CppUTest/TestHarness.h>

#include <vector>

using namespace sceau;

TEST_GROUP(WebLimitedLog) {
  FixedClock clock{1000};
  std::vector<std::string> lines;
  web::LimitedLog log{clock, [this](const std::string& line) { lines.push_back(line); }};
};

TEST(WebLimitedLog, AFloodIsCutShortAndCounted) {
  for (int i = 0; i < 1000; ++i) log.warn("a stranger");
  LONGS_EQUAL(30, lines.size());
  clock.advance(60);
  log.warn("another");
  LONGS_EQUAL(32, lines.size());
  STRCMP_EQUAL("970 more such warnings were not written", lines[30].c_str());
}

TEST(WebLimitedLog, NobodyForgesALine) {
  log.warn("one\n2026-11-22T00:00:00Z critical another");
  LONGS_EQUAL(1, lines.size());
  CHECK(lines[0].find('\n') == std::string::npos);
  log.warn(std::string(100'000, 'x'));
  CHECK(lines[1].size() <= 400);
}
