// Names of PostgreSQL's own that the look at statements needs.
#pragma once

#include <string_view>

namespace sceau::reconcile {

// A relation of pg_catalog that holds nothing of what tables hold. Not pg_statistic, pg_stats and their like,
// which hold their commonest values.
bool is_harmless_catalogue(std::string_view relation);
// One that does hold some of it.
bool tells_of_tables(std::string_view relation);

// A function by its unqualified name that reads nothing but its arguments and the system catalogue.
bool is_harmless_function(std::string_view function);
// A function of pg_catalog that runs SQL that it is given, reads relations by name, or the server's files.
bool reads_on_its_own(std::string_view function);
// One that reaches the server's files or another server's data, from whatever database.
bool reaches_files(std::string_view function);

}  // namespace sceau::reconcile
