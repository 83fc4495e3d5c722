// A statement as a person reads it before signing: the lines that a token with a display shows too.
#pragma once

#include <string>
#include <vector>

#include "sceau/base/digest.h"
#include "sceau/statement/statement.h"

namespace sceau::tool {

// "project    p-2026-014", one line a fact; every field of the body is there, in the words of its type.
std::vector<std::string> shown_lines(const statement::Statement& act);

// The lines as one text, indented.
std::string shown_text(const statement::Statement& act);

// The same act in the lines that a token with a display and the gate's pages show (statement/lines.h).
std::string token_text(const statement::Statement& act);

// How people name a request: the first 12 hexadecimal characters of its digest.
std::string short_id(const Digest& digest);

}  // namespace sceau::tool
