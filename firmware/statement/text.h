// What a text in a statement may hold, and how the token shows it.
//
// The rule is that of the host's reader (host-lib/statement/text.cpp): UTF-8 in its shortest form and Unicode
// form NFC (Unicode Standard Annex 15), without control characters, characters that change the direction of
// writing, and noncharacters. Both readers ask the same version of Unicode: nfc_table.h is made from the
// library that the host uses, and a test compares them.
#pragma once

#include "core/bytes.h"

namespace sceau::firmware::statement {

struct CodePoint {
  std::uint32_t value = 0;
  std::size_t size = 0;  // bytes; 0: the bytes are not UTF-8 in its shortest form
};

// The first code point of bytes that are not empty.
CodePoint decode(ByteView bytes);

// Whether a statement may hold it.
bool is_allowed(std::uint32_t code_point);

// Whether UTF-8 that decode() takes is in NFC. Takes no memory however long a run of marks is.
bool is_nfc(ByteView utf8);

// Whether the token's display shows the character itself. All others are shown by their number: every
// character that could be taken for one of these, or for none, is among them.
bool is_shown_as_itself(std::uint32_t code_point);

}  // namespace sceau::firmware::statement
