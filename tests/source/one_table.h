// A catalogue of one small table, T(K, A, B, R) with a person's key, for tests that read SQL; more can
// follow.
#pragma once

#include <string>

#include "sceau/source/catalogue.h"

namespace test {

// `more`: further tables, as TOML.
inline sceau::source::Catalogue one_table(const std::string& more = {}) {
  return *sceau::source::Catalogue::from_toml(R"(format = 1
[tables.T]
person = "K"
[tables.T.columns]
K = { type = "text", label = "person_key" }
A = { type = "integer", label = "measure" }
B = { type = "text", label = "potential_identifier" }
R = { type = "real", label = "measure" }
)" + more);
}

}  // namespace test
