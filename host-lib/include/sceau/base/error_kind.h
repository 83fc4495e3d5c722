// The kinds of errors by name: as the gate and 'sceau agent' send them, beside the line.
#pragma once

#include <optional>
#include <string_view>

#include "sceau/base/result.h"

namespace sceau {

// The enumerator's own name: "not_found".
std::string_view error_kind_text(ErrorKind kind);
// Nothing for a name that no kind has.
std::optional<ErrorKind> error_kind_from_text(std::string_view name);

}  // namespace sceau
