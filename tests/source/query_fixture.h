// A small catalogue, and what is made of a SELECT that reads it.
#pragma once

#include <string>

#include "one_table.h"
#include "sceau/source/query.h"

namespace test {

inline const sceau::source::Catalogue& catalogue() {
  static const sceau::source::Catalogue made = one_table(R"([tables.U]
person = "K"
[tables.U.columns]
K = { type = "text", label = "person_key" }
C = { type = "integer", label = "measure" }
)");
  return made;
}

inline std::string printed_of(const std::string& sql) {
  auto read = sceau::source::read_select(sql, catalogue());
  if (!read) return "refused: " + read.error().message;
  auto printed = print(*read, catalogue(), sceau::source::Engine::sqlite);
  return printed ? printed->text() : "refused: " + printed.error().message;
}

}  // namespace test
