// The characters of signed notes: strict UTF-8, and which of it may stand in a note or a key's name.
#pragma once

#include <string_view>

namespace sceau::ledger {

// Strict UTF-8 without ASCII control characters other than newline.
bool is_note_text(std::string_view text);

// Not empty, strict UTF-8, no control characters, no Unicode spaces, no '+'.
bool is_key_name(std::string_view name);

}  // namespace sceau::ledger
