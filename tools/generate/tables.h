// The tables that the generator makes: names, columns, types and keys after schema-snds (Health Data Hub,
// Mozilla Public License 2.0); of the wide tables, the columns that real extractions use. IR_PHA_R is the
// drug nomenclature that ER_PHA_F's codes refer to.
//
// What is ours: BEN_NIR_PSA, which in the SNDS is already a pseudonym of 17 characters, holds here a clear
// NIR (13 characters and key) followed by the rank among twins, so that a leak would show.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sceau/source/catalogue.h"

namespace sceau::generate {

struct TableDescription {
  std::string_view name;
  std::string_view person;  // as in the catalogue
  std::string_view
      belongs_to;  // as in the catalogue; joined on the primary key of that table, or on `joined_on`
  std::vector<std::string_view> joined_on;
  std::vector<std::string_view> primary_key;
  std::vector<source::Column> columns;
};

// IR_PHA_R, IR_BEN_R, IR_IBA_R, ER_PRS_F, ER_PHA_F, ER_ETE_F.
const std::vector<TableDescription>& tables();

// CREATE TABLE, clustered on its primary key.
std::string create_statement(const TableDescription& table);
// INSERT with a parameter a column.
std::string insert_statement(const TableDescription& table);
// The catalogue of all tables, as TOML.
std::string catalogue();

}  // namespace sceau::generate
