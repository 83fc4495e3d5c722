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

TEST(WebLimitedLog, HowManyWereWithheldIsSaidInTimeToo) {
  for (int i = 0; i < 40; ++i) log.warn("a stranger");
  clock.advance(59);
  log.tick();
  LONGS_EQUAL(30, lines.size());
  clock.advance(1);
  log.tick();
  log.tick();
  LONGS_EQUAL(31, lines.size());
  STRCMP_EQUAL("10 more such warnings were not written", lines.back().c_str());
}

TEST(WebLimitedLog, ABadByteHidesNothingElse) {
  log.warn("a page of \"https://evil.example\xE9\x1B[2J\": é");
  STRCMP_EQUAL("a page of \"https://evil.example??[2J\": ??", lines.at(0).c_str());
  log.warn("signed by Hélène");
  STRCMP_EQUAL("signed by Hélène", lines.at(1).c_str());
}

TEST(WebLimitedLog, NobodyForgesALine) {
  log.warn("one\n2026-11-22T00:00:00Z critical another");
  LONGS_EQUAL(1, lines.size());
  CHECK(lines[0].find('\n') == std::string::npos);
  log.warn(std::string(100'000, 'x'));
  CHECK(lines[1].size() <= 400);
}
