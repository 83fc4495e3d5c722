#include "sceau/release/csv.h"

#include <CppUTest/TestHarness.h>

#include <cstdlib>

using sceau::release::CsvWriter;
using sceau::source::Cell;

namespace {

std::string field(const Cell& cell) {
  CsvWriter csv;
  csv.field(cell);
  return std::string(sceau::as_text(csv.buffered()));
}
Cell text(std::string_view value) { return {Cell::Kind::text, 0, 0, value}; }
Cell real(double value) { return {Cell::Kind::real, 0, value, {}}; }
Cell whole(std::int64_t value) { return {Cell::Kind::integer, value, 0, {}}; }

}  // namespace

TEST_GROUP(Csv){};

TEST(Csv, QuotesOnlyWhatNeedsThem) {
  CHECK_EQUAL("plain", field(text("plain")));
  CHECK_EQUAL("\"a,b\"", field(text("a,b")));
  CHECK_EQUAL("\"a\"\"b\"", field(text("a\"b")));
  CHECK_EQUAL("\"a\r\nb\"", field(text("a\r\nb")));
  CHECK_EQUAL("\"two words\"", field(text("two words")));
}

TEST(Csv, TellsEmptyTextFromNull) {
  CHECK_EQUAL("\"\"", field(text("")));
  CHECK_EQUAL("", field(Cell{}));
}

TEST(Csv, NumbersReadBackAsThemselves) {
  CHECK_EQUAL("3.0", field(real(3)));
  CHECK_EQUAL("0.1", field(real(0.1)));
  CHECK_EQUAL("0.30000000000000004", field(real(0.1 + 0.2)));
  CHECK_EQUAL("1e+300", field(real(1e300)));
  CHECK_EQUAL("-9223372036854775808", field(whole(INT64_MIN)));
}

// Whatever the database's spelling is: it is taken only where it is the same.
TEST(Csv, ADatabasesSpellingChangesNothing) {
  for (const char* spelt : {"99.72",
                            "0.1",
                            "0.05",
                            "0.0001",
                            "-0.5",
                            "12.50",
                            "7.0",
                            "3",
                            "-0",
                            "1e+20",
                            "1e-07",
                            ".5",
                            "5.",
                            "00.5",
                            "1.2.3",
                            "Infinity",
                            "NaN",
                            "123456789012.345",
                            "0.10",
                            "-12.25",
                            "100.5",
                            "1.",
                            "0.123456789012345678",
                            "12345678901234567.5",
                            "-1234567.125"}) {
    const double value = std::strtod(spelt, nullptr);
    CHECK_EQUAL(field(real(value)), field({Cell::Kind::real, 0, value, spelt}));
  }
  for (const char* spelt : {"0", "-0", "3000000", "-7", "9223372036854775807"}) {
    const std::int64_t value = std::strtoll(spelt, nullptr, 10);
    CHECK_EQUAL(field(whole(value)), field({Cell::Kind::integer, value, 0, spelt}));
  }
}

TEST(Csv, FormulasAreNotAltered) { CHECK_EQUAL("=1+1", field(text("=1+1"))); }

TEST(Csv, LinesEndWithCarriageReturnAndLineFeed) {
  CsvWriter csv;
  const std::vector<std::string> names = {"a", "b c"};
  csv.header(names);
  csv.field(whole(1));
  csv.field(Cell{});
  csv.end_row();
  CHECK_EQUAL("a,\"b c\"\r\n1,\r\n", std::string(sceau::as_text(csv.buffered())));
}
