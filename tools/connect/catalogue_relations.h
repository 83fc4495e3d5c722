// Which relations of pg_catalog and information_schema there are.
#pragma once

#include <string>
#include <string_view>

namespace sceau::connect {

// CREATE TABLE for each, in SQLite's words.
std::string catalogue_schema();
bool catalogue_has(std::string_view schema, std::string_view name);

}  // namespace sceau::connect
