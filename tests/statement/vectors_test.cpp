// The files in tests/vectors/statement: README.md there says what each line means.
#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "sceau/base/files.h"
#include "sceau/statement/statement.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau;

namespace {

const std::string folder = std::string(SCEAU_TEST_VECTORS) + "/statement/";

std::vector<std::vector<std::string>> rows(const std::string& name) {
  const auto bytes = read_file(folder + name);
  CHECK_TEXT(bytes.ok(), name.c_str());
  std::stringstream stream(to_text(*bytes));
  std::vector<std::vector<std::string>> all;
  for (std::string line; std::getline(stream, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::stringstream cells(line);
    all.emplace_back();
    for (std::string cell; std::getline(cells, cell, '\t');) all.back().push_back(cell);
  }
  return all;
}

}  // namespace

TEST_GROUP(StatementVectors){};

TEST(StatementVectors, Rfc8785IsTakenInsideTheSubsetAndRefusedOutsideIt) {
  const auto all = rows("rfc8785.txt");
  CHECK(all.size() >= 30);
  for (const auto& row : all) {
    const auto value = statement::parse_canonical(as_bytes(row.at(2)));
    const std::string what = row.at(2) + " -> " + (value ? "taken" : value.error().message);
    CHECK_TEXT(value.ok() == (row.at(0) == "accept"), what.c_str());
    if (value) STRCMP_EQUAL(row.at(2).c_str(), statement::to_canonical(*value).c_str());
    if (!value) CHECK_TEXT(value.error().message.find(row.at(1)) != std::string::npos, what.c_str());
  }
}

TEST(StatementVectors, EveryHostileFileIsRefusedForItsReason) {
  std::set<std::string> listed;
  for (const auto& row : rows("hostile.txt")) {
    const auto bytes = read_file(folder + "hostile/" + row.at(0));
    CHECK_TEXT(bytes.ok(), row.at(0).c_str());
    const auto read = statement::read_statement(*bytes);
    CHECK_FALSE_TEXT(read.ok(), row.at(0).c_str());
    CHECK_TEXT(read.error().message.find(row.at(1)) != std::string::npos,
               (row.at(0) + ": " + read.error().message).c_str());
    CHECK_TEXT(read.error().message.find('\n') == std::string::npos, row.at(0).c_str());
    listed.insert(row.at(0));
  }
  for (const auto& file : std::filesystem::directory_iterator(folder + "hostile")) {
    CHECK_TEXT(listed.contains(file.path().filename()), file.path().c_str());
  }
}

TEST(StatementVectors, EveryGoodFileIsTaken) {
  std::size_t count = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder + "good")) {
    const auto read = statement::read_statement(*read_file(file.path()));
    CHECK_TEXT(read.ok(), (file.path().string() + ": " + (read ? "" : read.error().message)).c_str());
    CHECK(*statement::write_statement(*read) == *read_file(file.path()));
    ++count;
  }
  CHECK(count >= 3);
}
