// Scripts as extraction tools write them, and hostile ones. followed.txt and varied.txt of the vectors:
// honest; it prints sql_followed_ratio. hostile.txt: each ends in what it hopes to carry out.
#include <cstdio>
#include <iterator>

#include "../sampling.h"
#include "work_session.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using sceau::release::Kind;
using test::Answer;
using test::Entry;
using test::Warehouse;
using test::WorkSession;
using Variant = Warehouse::Variant;

namespace {

Kind leaving_kind(const Entry& entry) {
  const auto found = entry.fields.find("kind");
  return found == entry.fields.end() ? Kind::work : *sceau::release::kind_from(found->second);
}

// The first identifier that the text holds, or nothing.
std::string identifier_in(const std::string& text) {
  for (const std::string& identifier : Warehouse::get().identifiers()) {
    if (text.find(identifier.substr(0, 13)) != std::string::npos) return identifier;
  }
  return {};
}

// What an entry gets: of the last statement, when that is to leave; all refusals.
struct Got {
  std::string refusals;
  std::string leaves;
  std::size_t refused = 0;
};

Got run_script(const Entry& entry, Variant variant, std::size_t number) {
  WorkSession session(variant, "e" + std::to_string(number));
  std::vector<std::string> statements = test::statements_of(entry.sql);
  Got got;
  const Kind kind = leaving_kind(entry);
  std::string last;
  if (kind != Kind::work) {
    last = std::move(statements.back());
    statements.pop_back();
  }
  const auto refuse = [&](const std::string& line) {
    ++got.refused;
    got.refusals += line + "\n";
  };
  for (const std::string& statement : statements) {
    if (const std::string refusal = session.run(statement); !refusal.empty()) refuse(refusal);
  }
  if (kind == Kind::work) return got;
  const Answer answer = session.leave(kind, last);
  if (answer.refused) {
    refuse(answer.text);
  } else {
    got.leaves = answer.text;
  }
  return got;
}

// What a hostile entry carried out; empty: nothing.
std::string carried_out(const Entry& entry, std::size_t number) {
  const Got got = run_script(entry, Variant::original, number);
  std::string leak = identifier_in(got.leaves + got.refusals);
  if (leak.empty() && !Warehouse::has_database()) return {};
  const Got other = run_script(entry, Variant::other_target, number);
  // Whether a script runs must not depend on the target either.
  if (got.refusals != other.refusals) leak = "another refusal for another target";
  if (leaving_kind(entry) != Kind::individual && got.leaves != other.leaves)
    leak = "another answer for another target:\n" + got.leaves + "\n" + other.leaves;
  if (leak.empty() && entry.fields.contains("presence")) {
    const Got without = run_script(entry, Variant::no_target, number);
    if (got.leaves + got.refusals != without.leaves + without.refusals)
      leak = "another answer without the target";
  }
  return leak.empty() ? "" : "[" + entry.name + "] succeeds: " + leak + " | ";
}

}  // namespace

TEST_GROUP(WorkCorpus){};

TEST(WorkCorpus, ScriptsOfExtractionToolsAreFollowed) {
  std::size_t all = 0;
  std::size_t refused = 0;
  std::string lines;
  std::vector<Entry> entries = test::entries_of("work/followed.txt");
  for (Entry& entry : test::entries_of("work/varied.txt")) entries.push_back(std::move(entry));
  for (std::size_t number = 0; const Entry& entry : entries) {
    const Got got = run_script(entry, Variant::original, ++number);
    all += test::statements_of(entry.sql).size();
    refused += got.refused;
    if (got.refused > 0) lines += "  " + entry.name + ": " + got.refusals;
  }
  const double ratio = static_cast<double>(all - refused) / static_cast<double>(all);
  std::printf("\nsql_followed_ratio %.3f (%zu statements)\n%s", ratio, all, lines.c_str());
  CHECK(all >= 200);
  CHECK(ratio >= 0.95);
}

TEST(WorkCorpus, NoHostileScriptCarriesAnythingOut) {
  std::string leaks;
  const std::vector<Entry> entries = test::entries_of("work/hostile.txt");
  std::size_t tried = 0;
  for (std::size_t place = 0; place < entries.size(); ++place) {
    if (!sceau::test::is_sampled(place)) continue;
    leaks += carried_out(entries[place], 1001 + place);
    ++tried;
  }
  std::printf("\nhostile scripts %zu of %zu\n", tried, entries.size());
  CHECK(entries.size() >= 200);
  if (!leaks.empty()) FAIL(leaks.c_str());
}
