// What results say of a workspace's tables comes back whole.
#include "workspace.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau;

TEST_GROUP(Workspace) {
  source::Table table;

  void setup() override {
    table.name = "t";
    table.person = "ID";
    table.columns.resize(3);
    table.columns[0].name = "ID";
    table.columns[0].label = source::Label::person_key;
    table.columns[1].name = "town";
    table.columns[1].label = source::Label::potential_identifier;
    table.columns[1].copied = source::CopiedFrom{"PEOPLE", "TOWN", 1};
    table.columns[1].made_of = {"PEOPLE.TOWN"};
    table.columns[2].name = "f";
    table.columns[2].label = source::Label::potential_identifier;
    table.columns[2].made_of = {"PEOPLE.BORN", "PEOPLE.TOWN"};
    table.columns[2].compared = {"PEOPLE.BORN"};
    table.chosen = {"PEOPLE.BORN"};
    table.left_out = {"PEOPLE.DIED", "PEOPLE.TOWN"};
  }
  source::Table again() const {
    const registry::WorkTables tables{
        {"t", std::make_shared<const statement::Value>(gate::work_table_value(table))}};
    auto read = gate::read_workspace(&tables, {"p", "a", "s"});
    if (!read) FAIL(read.error().message.c_str());
    return *read->tables.at(0);
  }
};

TEST(Workspace, KeepsWhatTablesTellOfPotentialIdentifiers) {
  const source::Table read = again();
  CHECK(read.chosen == table.chosen);
  CHECK(read.left_out == table.left_out);
  CHECK(read.columns[2].made_of == table.columns[2].made_of);
  CHECK(read.columns[2].compared == table.columns[2].compared);
}

TEST(Workspace, KnowsWhichNumbersWereMadeWide) {
  table.columns[1].type = source::Type::integer;
  table.columns[1].narrow = true;
  CHECK(again().columns[1].narrow);
  table.columns[1].narrow = false;
  CHECK_FALSE(again().columns[1].narrow);
  table.columns[2].type = source::Type::integer;  // computed
  CHECK_FALSE(again().columns[2].narrow);
}

TEST(Workspace, SaysNothingTwice) {
  CHECK(again().columns[1].made_of.empty());  // it is a copy
  CHECK(again().columns[1].copied == table.columns[1].copied);
  table.untied = "nobody knows whose its rows are";
  CHECK(again().chosen.empty());
  CHECK(again().columns[2].made_of.empty());
}
