// Files that administrators read before they sign for them.
#pragma once

#include <string>
#include <string_view>

#include "sceau/base/result.h"

namespace sceau::registry {

// That a file shows what it says: its lines are texts as statements hold them, tabs besides. invalid, naming
// the line.
Status check_shown(std::string_view text, const std::string& doing);

}  // namespace sceau::registry
