// Statements with one word wrong: they are refused with a line, or mean something else. The reader stops in
// the middle of what it reads then, and must not use what it has by that time.
#include <cctype>
#include <cstdio>
#include <set>

#include "../sampling.h"
#include "work_session.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using sceau::release::Kind;
using test::Entry;
using test::Warehouse;
using test::WorkSession;

namespace {

bool in_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// The statement without its digits: loops over months have one.
std::string shape_of(const std::string& statement) {
  std::string shape;
  for (const char c : statement) {
    if (std::isdigit(static_cast<unsigned char>(c)) == 0) shape += c;
  }
  return shape;
}

// Each of its words in turn is one that names nothing.
std::vector<std::string> misspelt(const std::string& statement) {
  std::vector<std::string> all;
  for (std::size_t begin = 0; begin < statement.size();) {
    std::size_t end = begin;
    while (end < statement.size() && in_word(statement[end])) ++end;
    if (end > begin) all.push_back(statement.substr(0, begin) + "zz" + statement.substr(end));
    begin = std::max(end, begin + 1);
  }
  return all;
}

class Misspeller {
 public:
  void try_all(Kind kind, const std::string& statement, const WorkSession& session) {
    if (!shapes_.insert(shape_of(statement)).second) return;
    for (const std::string& wrong : misspelt(statement)) {
      if (!sceau::test::is_sampled(place_++)) continue;
      const auto planned = sceau::release::plan(Warehouse::get().catalogue(), kind, {wrong}, {}, {},
                                                sceau::source::Engine::postgresql, session.workspace);
      ++tried;
      if (planned) continue;
      ++refused;
      CHECK_TEXT(planned.error().kind != sceau::ErrorKind::internal,
                 (wrong + "\n" + planned.error().message).c_str());
    }
  }
  std::size_t tried = 0;
  std::size_t refused = 0;

 private:
  std::set<std::string> shapes_;
  std::size_t place_ = 0;
};

}  // namespace

TEST_GROUP(Misspelt){};

TEST(Misspelt, OneWrongWordIsRefusedWithALine) {
  Misspeller misspeller;
  std::size_t number = 5000;
  for (const char* file : {"work/followed.txt", "work/varied.txt", "sql/honest.txt"}) {
    for (const Entry& entry : test::entries_of(file)) {
      WorkSession session(Warehouse::Variant::original, "m" + std::to_string(++number));
      const Kind kind = *sceau::release::kind_from(entry.fields.at("kind"));
      std::vector<std::string> statements = test::statements_of(entry.sql);
      for (std::size_t i = 0; i < statements.size(); ++i) {
        const bool leaves = kind != Kind::work && i + 1 == statements.size();
        misspeller.try_all(leaves ? kind : Kind::work, statements[i], session);
        if (!leaves) (void)session.run(statements[i]);
      }
    }
  }
  std::printf("\nmisspelt statements %zu, refused %zu\n", misspeller.tried, misspeller.refused);
  CHECK(misspeller.refused > misspeller.tried / 2);
  CHECK(misspeller.tried > 500);
}
