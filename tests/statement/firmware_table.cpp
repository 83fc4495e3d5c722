#include "firmware_table.h"

#include "statement_table.h"
#include "table_sum.h"

namespace table = sceau::statement_table;

std::size_t firmware_type_count() { return std::size(table::types); }
const char* firmware_type_name(std::size_t index, std::size_t* length) {
  *length = table::types[index].name().size();
  return table::types[index].name().data();
}
unsigned long firmware_type_sum(std::size_t index) { return table_sum(table::types[index].fields(), 7); }
