// PostgreSQL's log as real servers wrote it, and as it must not be.
#include "sceau/reconcile/server_log.h"

#include <CppUTest/TestHarness.h>

#include <filesystem>
#include <fstream>

#include "sceau/base/files.h"

using namespace sceau;
using namespace sceau::reconcile;

namespace {

struct Seen {
  std::vector<LogLine> lines;
  std::vector<Unreadable> unreadable;
};

Seen read(LogFormat format, const std::string& text) {
  Seen seen;
  read_log(format, text,
           {[&](const LogLine& line) { seen.lines.push_back(line); },
            [&](const Unreadable& what) { seen.unreadable.push_back(what); }});
  return seen;
}

std::string vector_file(const std::string& name) {
  const auto bytes = read_file(std::filesystem::path(SCEAU_TEST_VECTORS) / "reconcile" / name);
  return std::string(as_text(*bytes));
}

// A record of csvlog; `zone` of its session's beginning, which is one second before it.
std::string record(const std::string& message, const std::string& at = "2026-11-22 19:00:10.500 UTC",
                   const std::string& began = "2026-11-22 19:00:09 UTC") {
  return at + R"(,"bob","db",7,"[local]",6b033bb9.7,3,"idle",)" + began + R"(,3/5,0,LOG,00000,")" + message +
         R"(",,,,,,,,,"psql","client backend",,0)" + "\n";
}

}  // namespace

TEST_GROUP(ServerLog){};

TEST(ServerLog, ReadsWhatARealServerWroteInBothFormatsAlike) {
  const Seen csv = read(LogFormat::csv, vector_file("psql.csv"));
  const Seen json = read(LogFormat::json, vector_file("psql.json"));
  LONGS_EQUAL(0, csv.unreadable.size());
  LONGS_EQUAL(0, json.unreadable.size());
  LONGS_EQUAL(33, csv.lines.size());
  LONGS_EQUAL(csv.lines.size(), json.lines.size());
  for (std::size_t i = 0; i < csv.lines.size(); ++i) {
    const LogLine& a = csv.lines[i];
    const LogLine& b = json.lines[i];
    STRCMP_EQUAL(a.message.c_str(), b.message.c_str());
    STRCMP_EQUAL(a.user.c_str(), b.user.c_str());
    STRCMP_EQUAL(a.host.c_str(), b.host.c_str());
    STRCMP_EQUAL(a.query.c_str(), b.query.c_str());
    STRCMP_EQUAL(a.detail.c_str(), b.detail.c_str());
    STRCMP_EQUAL(a.session.c_str(), b.session.c_str());
    CHECK(a.at == b.at && a.number == b.number && a.process == b.process);
  }
  STRCMP_EQUAL("2026-11-22T19:00:09Z", to_rfc3339(csv.lines.front().at / 1000).c_str());
  LONGS_EQUAL(559, csv.lines.front().at % 1000);
}

TEST(ServerLog, KeepsLineFeedsQuotesAndOtherLettersOfAStatement) {
  const Seen csv = read(LogFormat::csv, vector_file("psql.csv"));
  STRCMP_EQUAL("statement: INSERT INTO \"IR_BEN_R\" VALUES ('\xC3\xA9 \"x\", y', 1);",
               csv.lines[6].message.c_str());
  STRCMP_EQUAL("statement: SELECT *\n FROM \"IR_BEN_R\" WHERE a = 'it''s \"q\"';",
               csv.lines[7].message.c_str());
}

TEST(ServerLog, TellsAZonesDistanceFromTheSessionsOwnId) {
  // 6b033bb9 is 19:00:09 UTC.
  const Seen seen =
      read(LogFormat::csv, record("x", "2026-11-23 00:30:10.500 IST", "2026-11-23 00:30:09 IST"));
  LONGS_EQUAL(1, seen.lines.size());
  STRCMP_EQUAL("2026-11-22T19:00:10Z", to_rfc3339(seen.lines[0].at / 1000).c_str());
  const Seen paris =
      read(LogFormat::csv, record("x", "2026-11-22 21:00:10.500 CEST", "2026-11-22 20:00:09 CET"));
  STRCMP_EQUAL("2026-11-22T19:00:10Z", to_rfc3339(paris.lines[0].at / 1000).c_str());
  const Seen unknown = read(LogFormat::csv, record("x", "2026-11-22 21:00:10.500 XYZ"));
  LONGS_EQUAL(0, unknown.lines.size());
  STRCMP_EQUAL("its time cannot be read", unknown.unreadable.front().why.c_str());
}

TEST(ServerLog, SaysWhereARecordCannotBeReadAndGoesOnAfterIt) {
  const std::string good = record("statement: SELECT 1");
  const Seen columns = read(LogFormat::csv, "2026-11-22 19:00:10.500 UTC,a,b\n" + good);
  LONGS_EQUAL(1, columns.lines.size());
  LONGS_EQUAL(1, columns.unreadable.front().line);
  STRCMP_EQUAL("it has 3 columns, and csvlog has 26", columns.unreadable.front().why.c_str());
  const Seen quote = read(LogFormat::csv, good + record("a\" b") + "more\n" + good);
  LONGS_EQUAL(2, quote.lines.size());
  LONGS_EQUAL(2, quote.unreadable.front().line);
  CHECK_FALSE(quote.unreadable.front().at_end);
  std::string number = good;
  number.replace(number.find(",3,\"idle\""), 3, ",x,");
  LONGS_EQUAL(1, read(LogFormat::csv, number).unreadable.size());
}

TEST(ServerLog, KnowsALastLineThatIsNotWholeFromOneThatIsBroken) {
  const std::string good = record("statement: SELECT 1");
  for (const std::size_t cut : {1U, 20U, 60U}) {
    const Seen seen = read(LogFormat::csv, good + good.substr(0, good.size() - cut));
    LONGS_EQUAL(1, seen.lines.size());
    LONGS_EQUAL(1, seen.unreadable.size());
    CHECK(seen.unreadable.front().at_end);
  }
  const Seen broken = read(LogFormat::csv, good + good.substr(0, 80) + "\n");
  CHECK(broken.unreadable.front().at_end || !broken.unreadable.front().why.empty());
  const std::string json = vector_file("psql.json");
  const Seen seen = read(LogFormat::json, json.substr(0, json.size() - 10));
  LONGS_EQUAL(32, seen.lines.size());
  CHECK(seen.unreadable.front().at_end);
}

TEST(ServerLog, RefusesKeysAndValuesThatJsonlogDoesNotHave) {
  const std::string json = vector_file("psql.json");
  std::string line = json.substr(0, json.find('\n') + 1);
  std::string other = line;
  other.replace(other.find("\"pid\""), 5, "\"pit\"");
  STRCMP_EQUAL("it has the key \"pit\", which jsonlog does not have",
               read(LogFormat::json, other).unreadable.front().why.c_str());
  line.replace(line.find("\"LOG\""), 5, "[1]");
  STRCMP_EQUAL("its \"error_severity\" is neither text nor a whole number",
               read(LogFormat::json, line).unreadable.front().why.c_str());
  LONGS_EQUAL(1, read(LogFormat::json, "\xFF\xFE{}\n").unreadable.size());
}

TEST(ServerLog, TakesAFoldersFilesByTheirTimeAndOneFormatOfTwo) {
  std::string name = (std::filesystem::temp_directory_path() / "sceau-log-XXXXXX").string();
  const std::filesystem::path folder = mkdtemp(name.data());
  std::ofstream(folder / "a.csv") << record("late", "2026-11-22 19:00:20.000 UTC");
  std::ofstream(folder / "b.csv") << record("early");
  std::ofstream(folder / "b.json") << "{}\n";
  std::ofstream(folder / "b.log") << "text\n";
  const auto files = log_files({folder.string()});
  LONGS_EQUAL(2, files->size());
  STRCMP_EQUAL("b.csv", files->front().filename().c_str());
  CHECK(log_files({(folder / "b.log").string()}).error().kind == ErrorKind::invalid);
  CHECK(log_files({(folder / "none.csv").string()}).error().kind == ErrorKind::not_found);
  std::filesystem::remove_all(folder);
}
