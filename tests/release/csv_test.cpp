#include "sceau/release/csv.h"

#include <CppUTest/TestHarness.h>

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
