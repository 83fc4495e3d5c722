// SQL as a statement carries it: one line a statement. Statements hold no control characters, so line ends
// and comments, which a person needs in a file, become spaces here, before anything is signed or shown.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sceau/base/result.h"

namespace sceau::tool {

// Splits a script at its top-level semicolons. Quoted text ('…', "…") is left as it is; comments (-- to the
// end of the line, /* … */ nested as PostgreSQL nests them) become one space. invalid: nothing in it, a quote
// or comment that does not end, a control character inside quotes.
Result<std::vector<std::string>> read_script(std::string_view script);

// The argument itself when it is SQL; the file's content when it names one: it ends in .sql, or is a file and
// has no blank in it.
Result<std::vector<std::string>> read_sql(const std::string& argument);

}  // namespace sceau::tool
