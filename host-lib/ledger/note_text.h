// What the text of notes and their signatures are made of: strict UTF-8, and which of it may stand in a note
// or a key's name.
#pragma once

#include <cstddef>
#include <string_view>

namespace sceau::ledger {

// Bytes of the time that a cosignature/v1 begins with, before the signature itself.
inline constexpr std::size_t kCosignatureTimeSize = 8;

// Strict UTF-8 without ASCII control characters other than newline.
bool is_note_text(std::string_view text);

// Not empty, strict UTF-8, no control characters, no Unicode spaces, no '+'.
bool is_key_name(std::string_view name);

}  // namespace sceau::ledger
