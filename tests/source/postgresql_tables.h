// Tables of a SQLite file in a schema of a PostgreSQL database, for tests that tests/with_postgresql runs.
#pragma once

#include <filesystem>
#include <string>

#include "sceau/source/source.h"

namespace test {

// The superuser's connection string; empty: the test runs without PostgreSQL.
std::string postgresql();

// Runs statements as the superuser; ends the program when one fails.
void administrate(const std::string& sql);

// The catalogue's tables of that file, in a schema made for them, which the role `gate` may read.
void copy_tables(const std::filesystem::path& file, const sceau::source::Catalogue& catalogue,
                 const std::string& schema);

// A gate's way to a schema.
sceau::source::PostgresqlPlace place_of(const std::string& schema);
// The same, with workspaces, which the role `gate_work` makes.
sceau::source::PostgresqlPlace work_place_of(const std::string& schema);

}  // namespace test
