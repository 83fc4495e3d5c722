// Fills the system catalogue's relations.
#pragma once

#include "catalogue_functions.h"
#include "tables.h"

struct sqlite3;

namespace sceau::connect {

// Notes the tables' oids in `facts`. internal: SQLite takes them not.
Status fill_catalogue(sqlite3* database, const Tables& tables, Facts& facts);

}  // namespace sceau::connect
