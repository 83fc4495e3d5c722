// The table of statement types as schema.json says it, and the two programs' forms of it that are written
// from it while building. Throws std::runtime_error, naming the field, where the schema cannot be used.
#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <vector>

namespace sceau::tables {

// One member of a body. What kind, limits and choices mean: include/sceau/statement/schema.h.
struct Field {
  std::string name;
  std::string kind;
  bool required = true;
  std::int64_t minimum = 0;
  std::int64_t maximum = 0;
  std::vector<std::string> choices;
  std::vector<Field> fields;
};

struct Type {
  std::string name;
  std::string title;
  std::string retention;
  std::vector<Field> fields;       // as tokens know them
  std::vector<Field> host_fields;  // as the host does: with those of body_of_gate
};

// The rows of the schema's "types", ordered by name; a name that is there twice is an error.
std::vector<Type> read_types(std::istream& text);

// The members of every statement beside those of its type, which are in "body"
// (host-lib/statement/statement.cpp).
std::vector<Field> envelope();

// Each writes one whole source file anew.
void write_host(const std::vector<Type>& types, const std::string& path);  // defines statement::all_types()
void write_firmware(const std::vector<Type>& types, const std::string& path);  // a header: statement_table.h

[[noreturn]] void fail(const std::string& where, const std::string& what);

std::string quoted(const std::string& text);  // as a literal; names and words of the schema need no escapes

}  // namespace sceau::tables
