// Which characters a statement's texts and keys may hold. check_text() itself is in the public header.
#pragma once

#include <string>
#include <string_view>

namespace sceau::statement {

// Appends the UTF-8 form of a code point (RFC 3629) that is not a surrogate.
void append_utf8(std::string& out, char32_t code_point);

// U+0020..7E only: what keys are made of, and texts that need no closer look.
bool is_printable_ascii(std::string_view text);

}  // namespace sceau::statement
