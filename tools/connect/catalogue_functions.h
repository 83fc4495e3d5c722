// PostgreSQL's functions that clients ask the catalogue with, as far as they have an answer here.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "values.h"

struct sqlite3;

namespace sceau::connect {

// What functions tell of the session. All of it is the session's own; nothing of it comes from the gate.
struct Facts {
  std::string user = "agent", database = "sceau";
  std::int32_t process = 0;
  std::function<std::optional<std::string>(const std::string& name)> setting;
  std::function<bool(const std::string& name, const std::string& value)> set;
  std::map<std::string, std::int64_t> tables;  // by lower-case name: their oids
  std::map<std::int64_t, std::string> table_names;
};

struct KnownFunction {
  std::string_view name, sql;  // SQLite's or ours
  std::uint32_t type;
};
// Null: it is not answered.
const KnownFunction* find_function(std::string_view name);

// Makes ours known to a database. `facts` outlives it.
void register_functions(sqlite3* database, Facts& facts);

}  // namespace sceau::connect
