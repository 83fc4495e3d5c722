// The values of a request's $1, $2, …: from a file or standard input, never from the command line, which
// other people of the machine can read and a shell remembers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sceau/base/result.h"

namespace sceau::tool {

// One value a line; the last line may end without a line feed. invalid, without showing a value: none at all,
// or more than a request may have.
Result<std::vector<std::string>> parameter_lines(std::string_view text);

// `where`: a file, or "-" for standard input; empty: no parameters.
Result<std::vector<std::string>> read_parameters(const std::string& where);

}  // namespace sceau::tool
