// Each statement of vectors/sql/honest.txt is what an honest agent asks: it must run, and say what the data
// say.
#include <CppUTest/TestHarness.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "warehouse_fixture.h"

using test::Answer;
using test::Entry;
using test::Warehouse;

namespace {

// A sum's last digits follow the order of its parts and the database's kind of number; nine must agree.
std::string in_nine_digits(const std::string& line) {
  std::string out;
  std::istringstream fields(line);
  for (std::string field; std::getline(fields, field, ',');) {
    char* end = nullptr;
    const double number = std::strtod(field.c_str(), &end);
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "%.9g", number);
    out += (out.empty() ? "" : ",") + (!field.empty() && *end == '\0' ? std::string(text.data()) : field);
  }
  return out;
}

std::vector<std::string> sorted_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  for (std::size_t end = text.find("\r\n"); end != std::string::npos; end = text.find("\r\n", begin)) {
    lines.push_back(in_nine_digits(text.substr(begin, end - begin)));
    begin = end + 2;
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::string without_header(const std::string& csv) { return csv.substr(csv.find("\r\n") + 2); }

// SQLite has neither; what they stand for is plain.
std::string for_sqlite(std::string sql) {
  const auto replace = [&](const std::string& from, const std::string& to) {
    for (std::size_t at = sql.find(from); at != std::string::npos; at = sql.find(from))
      sql.replace(at, from.size(), to);
  };
  replace("DATE '", "'");
  replace("EXTRACT(YEAR FROM EXE_SOI_DTD)", "CAST(strftime('%Y', EXE_SOI_DTD) AS INTEGER)");
  return sql;
}

}  // namespace

TEST_GROUP(Honest){};

TEST(Honest, AtLeastFortyStatementsAreTried) { CHECK(test::entries_of("sql/honest.txt").size() >= 40); }

TEST(Honest, EveryStatementRuns) {
  for (const Entry& entry : test::entries_of("sql/honest.txt")) {
    const Answer answer =
        Warehouse::get().ask(*sceau::release::kind_from(entry.fields.at("kind")), entry.sql);
    if (answer.refused) FAIL(("\"" + entry.name + "\" is refused: " + answer.text).c_str());
    if (answer.outcome.rows == 0) FAIL(("\"" + entry.name + "\" gives no rows").c_str());
    if (answer.outcome.masked_cells > 0)
      FAIL(("\"" + entry.name + "\" has values withheld:\n" + answer.text).c_str());
  }
}

TEST(Honest, AggregatesSayWhatTheDatabaseSays) {
  for (const Entry& entry : test::entries_of("sql/honest.txt")) {
    if (entry.fields.at("kind") != "aggregate") continue;
    const Answer answer = Warehouse::get().ask(sceau::release::Kind::aggregate, entry.sql);
    const auto ours = sorted_lines(without_header(answer.text));
    const auto theirs = sorted_lines(Warehouse::get().directly(for_sqlite(entry.sql)));
    if (ours != theirs) FAIL(("\"" + entry.name + "\" says something else:\n" + answer.text).c_str());
  }
}

TEST(Honest, IndividualRowsAreAsManyAsTheDatabaseHas) {
  for (const Entry& entry : test::entries_of("sql/honest.txt")) {
    if (entry.fields.at("kind") != "individual") continue;
    const Answer answer = Warehouse::get().ask(sceau::release::Kind::individual, entry.sql);
    const auto theirs = sorted_lines(Warehouse::get().directly(for_sqlite(entry.sql)));
    if (answer.outcome.rows != theirs.size()) FAIL(("\"" + entry.name + "\" has other rows").c_str());
  }
}
