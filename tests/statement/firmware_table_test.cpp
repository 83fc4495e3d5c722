#include "firmware_table.h"

#include <string>

#include "sceau/statement/schema.h"
#include "table_sum.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau::statement;

TEST_GROUP(FirmwareTable){};

TEST(FirmwareTable, SaysTheSameAsTheHostsForEveryType) {
  const auto types = all_types();
  LONGS_EQUAL(types.size(), firmware_type_count());
  for (std::size_t i = 0; i < types.size(); ++i) {
    std::size_t length = 0;
    const char* name = firmware_type_name(i, &length);
    STRCMP_EQUAL(std::string(types[i].name).c_str(), std::string(name, length).c_str());
    UNSIGNED_LONGS_EQUAL(table_sum(types[i].fields, 7), firmware_type_sum(i));
  }
}
