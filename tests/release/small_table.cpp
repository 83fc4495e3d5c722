#include "small_table.h"

#include <CppUTest/TestHarness.h>
#include <sqlite3.h>
#include <stdlib.h>

#include <random>
#include <sstream>

#include "sceau/release/extraction.h"

namespace test {
namespace {

using namespace sceau::release;

struct Text final : Sink {
  std::string text;
  sceau::Status write(sceau::ByteView bytes) override {
    text += sceau::as_text(bytes);
    return {};
  }
};

sceau::source::Catalogue catalogue() {
  auto read = sceau::source::Catalogue::from_toml(
      "format = 1\n[tables.PEOPLE]\nperson = \"ID\"\n[tables.PEOPLE.columns]\n"
      "ID = { type = \"text\", label = \"person_key\" }\nR = { type = \"integer\", label = \"measure\" }\n"
      "C = { type = \"integer\", label = \"measure\" }\n");
  CHECK_TEXT(read.ok(), "the catalogue of the small table");
  return std::move(*read);
}

// Mostly enough people, often too few, now and then nobody.
int some_people(std::mt19937& random) {
  switch (random() % 5) {
    case 0:
      return 0;
    case 1:
    case 2:
      return 1 + static_cast<int>(random() % 10);
    default:
      return 11 + static_cast<int>(random() % 30);
  }
}

}  // namespace

SmallTable::SmallTable(unsigned seed, int rows, int columns) : catalogue_(catalogue()) {
  std::mt19937 random(seed);
  std::string sql = "CREATE TABLE PEOPLE (ID TEXT, R INTEGER, C INTEGER);";
  int next = 0;
  for (int r = 0; r < rows; ++r) {
    counts_.emplace_back();
    for (int c = 0; c < columns; ++c) {
      counts_.back().push_back(some_people(random));
      for (int i = 0; i < counts_.back().back(); ++i) {
        sql += "INSERT INTO PEOPLE VALUES ('person" + std::to_string(next++) + "', " + std::to_string(r) +
               ", " + std::to_string(c) + ");";
      }
    }
  }
  std::string name = std::filesystem::temp_directory_path() / "sceau-small-XXXXXX";
  CHECK_TEXT(mkdtemp(name.data()) != nullptr, "a folder for the small table");
  file_ = std::filesystem::path(name) / "small.db";
  sqlite3* database = nullptr;
  sqlite3_open(file_.c_str(), &database);
  const int made = sqlite3_exec(database, ("BEGIN;" + sql + "COMMIT;").c_str(), nullptr, nullptr, nullptr);
  sqlite3_close_v2(database);
  LONGS_EQUAL(SQLITE_OK, made);
}

SmallTable::~SmallTable() {
  std::error_code ignored;
  std::filesystem::remove_all(file_.parent_path(), ignored);
}

int SmallTable::people(int row, int column) const {
  int sum = 0;
  for (int r = 0; r < rows(); ++r) {
    for (int c = 0; c < columns(); ++c) {
      const bool inside = (row < 0 || r == row) && (column < 0 || c == column);
      if (inside) sum += counts_[static_cast<std::size_t>(r)][static_cast<std::size_t>(c)];
    }
  }
  return sum;
}

std::string SmallTable::text(int row, int column) const {
  std::ostringstream out;
  out << "row " << row << " column " << column << " of";
  for (const auto& line : counts_) {
    out << " |";
    for (const int count : line) out << ' ' << count;
  }
  return out.str();
}

std::map<std::pair<int, int>, double> SmallTable::ask(History& history, bool by_row, bool by_column) const {
  const std::string keys = by_row && by_column ? "R, C" : by_row ? "R" : by_column ? "C" : "";
  const std::string sql = "SELECT " + (keys.empty() ? "" : keys + ", ") + "count(*) FROM PEOPLE" +
                          (keys.empty() ? "" : " GROUP BY " + keys);
  auto planned = plan(catalogue_, Kind::aggregate, {sql}, {}, {}, sceau::source::Engine::sqlite);
  CHECK_TEXT(planned.ok(), sql.c_str());
  auto source = sceau::source::open_sqlite(file_);
  auto key = project_key(sceau::Secret(sceau::Bytes(32, 9)), "P1", 1);
  auto pseudonymiser = Pseudonymiser::create(*key, "extraction");
  Text sink;
  Order order;
  order.max_rows = 1000;
  order.history = &history;
  auto outcome = run(*planned, **source, *pseudonymiser, order, sink);
  CHECK_TEXT(outcome.ok(), outcome.ok() ? "" : outcome.error().message.c_str());
  std::map<std::pair<int, int>, double> shown;
  std::istringstream lines(sink.text);
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::vector<std::string> fields;
    std::istringstream parts(line.substr(0, line.find('\r')));
    for (std::string field; std::getline(parts, field, ',');) fields.push_back(field);
    const std::size_t count = (by_row ? 1U : 0U) + (by_column ? 1U : 0U);
    if (fields.size() != count + 1) continue;  // the number is withheld
    shown[{by_row ? std::stoi(fields[0]) : -1, by_column ? std::stoi(fields[count - 1]) : -1}] =
        std::stod(fields[count]);
  }
  return shown;
}

}  // namespace test
