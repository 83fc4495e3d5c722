#include "firmware_table.h"

#include <string>
#include <vector>

#include "sceau/statement/schema.h"
#include "table_sum.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau::statement;

namespace {

// Without the schema's body_of_gate.
std::vector<Field> known_to_tokens(const TypeInfo& type) {
  std::vector<Field> fields;
  for (const Field& field : type.fields) {
    const bool of_gate =
        type.name == "extraction.result" && (field.name == "made" || field.name == "dropped");
    if (!of_gate) fields.push_back(field);
  }
  return fields;
}

}  // namespace

TEST_GROUP(FirmwareTable){};

TEST(FirmwareTable, SaysTheSameAsTheHostsForEveryType) {
  const auto types = all_types();
  LONGS_EQUAL(types.size(), firmware_type_count());
  for (std::size_t i = 0; i < types.size(); ++i) {
    std::size_t length = 0;
    const char* name = firmware_type_name(i, &length);
    STRCMP_EQUAL(std::string(types[i].name).c_str(), std::string(name, length).c_str());
    UNSIGNED_LONGS_EQUAL(table_sum(known_to_tokens(types[i]), 7), firmware_type_sum(i));
  }
}

TEST(FirmwareTable, LeavesOutWhatGatesAloneSign) {
  const TypeInfo* result = find_type("extraction.result");
  LONGS_EQUAL(result->fields.size() - 2, known_to_tokens(*result).size());
}
