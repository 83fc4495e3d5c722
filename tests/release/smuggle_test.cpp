// Each attempt of vectors/sql/smuggle.txt is run for real; none may succeed.
#include <CppUTest/TestHarness.h>

#include <cstdio>

#include "warehouse_fixture.h"

using test::Answer;
using test::Entry;
using test::Warehouse;
using Variant = Warehouse::Variant;

namespace {

sceau::release::Kind kind_of(const Entry& entry) {
  auto kind = sceau::release::kind_from(entry.fields.at("kind"));
  return kind ? *kind : sceau::release::Kind::work;
}

// The first identifier that the text holds, or nothing.
std::string found_in(const std::string& text) {
  for (const std::string& identifier : Warehouse::get().identifiers()) {
    // A NIR without key and rank is enough to name somebody.
    if (text.find(identifier.substr(0, 13)) != std::string::npos) return identifier;
  }
  return {};
}

// What the attempt carried out; empty when nothing.
std::string carried_out(const Entry& entry) {
  const Warehouse& warehouse = Warehouse::get();
  const Answer answer = warehouse.ask(kind_of(entry), entry.sql);
  std::string leak = answer.refused ? std::string() : found_in(answer.text);
  if (kind_of(entry) == sceau::release::Kind::aggregate) {
    const Answer other = warehouse.ask(Variant::other_target, kind_of(entry), entry.sql);
    if (answer.text != other.text)
      leak = "another answer for another target:\n" + answer.text + "\n" + other.text;
    if (entry.fields.contains("presence")) {
      const Answer without = warehouse.ask(Variant::no_target, kind_of(entry), entry.sql);
      if (answer.text != without.text)
        leak = "another answer without the target:\n" + answer.text + "\n" + without.text;
    }
  }
  if (leak.empty()) return {};
  return "[" + entry.name + "] succeeds: " + leak + " | ";
}

}  // namespace

TEST_GROUP(Smuggling){};

TEST(Smuggling, AtLeastFiftyWaysAreTried) { CHECK(test::entries_of("sql/smuggle.txt").size() >= 50); }

TEST(Smuggling, NoWaySucceeds) {
  std::string leaks;
  for (const Entry& entry : test::entries_of("sql/smuggle.txt")) leaks += carried_out(entry);
  if (!leaks.empty()) FAIL(leaks.c_str());
}

TEST(Smuggling, EveryRefusalIsOneLineThatNamesNobody) {
  for (const Entry& entry : test::entries_of("sql/smuggle.txt")) {
    const Answer answer = Warehouse::get().ask(kind_of(entry), entry.sql);
    if (!answer.refused) continue;
    CHECK(answer.text.size() > 20);
    CHECK(answer.text.find('\n') == std::string::npos);
    CHECK(found_in(answer.text).empty());
  }
}

TEST(Smuggling, TheTestItselfSeesALeak) {
  const std::string leaked =
      Warehouse::get().directly("SELECT BEN_NIR_PSA FROM IR_BEN_R WHERE BEN_NAI_ANN = 1911");
  CHECK(!found_in(leaked).empty());
  CHECK(!found_in("x" + Warehouse::get().identifiers()[1] + "y").empty());
}
