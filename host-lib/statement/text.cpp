#include "text.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>

#include "sceau/base/handle.h"
#include "sceau/statement/value.h"

namespace sceau::statement {

namespace {

struct CodePoint {
  char32_t value;
  std::size_t length;
};

// The code point at the head of `text`, or nothing when its bytes are not UTF-8 in shortest form.
std::optional<CodePoint> decode(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return CodePoint{first, 1};
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return std::nullopt;
  char32_t value = first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0U) != 0x80) return std::nullopt;
    value = (value << 6U) | (next & 0x3FU);
  }
  constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (value < smallest[length] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
    return std::nullopt;
  return CodePoint{value, length};
}

const char* forbidden(char32_t c) {
  if (c < 0x20 || (c >= 0x7F && c <= 0x9F)) return "a control character";
  if (c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
      (c >= 0x2066 && c <= 0x2069)) {
    return "a bidirectional control character";
  }
  if ((c >= 0xFDD0 && c <= 0xFDEF) || (c & 0xFFFEU) == 0xFFFE) return "a noncharacter";
  return nullptr;
}

bool is_nfc(std::string_view text) {
  utf8proc_uint8_t* mapped = nullptr;
  const auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                   static_cast<utf8proc_ssize_t>(text.size()), &mapped,
                                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const Handle<utf8proc_uint8_t, std::free> owner(mapped);
  if (length < 0) return false;
  return text == std::string_view(reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(length));
}

}  // namespace

void append_utf8(std::string& out, char32_t c) {
  const auto push = [&out](char32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (c < 0x80) {
    push(c);
  } else if (c < 0x800) {
    push(0xC0U | (c >> 6U));
    push(0x80U | (c & 0x3FU));
  } else if (c < 0x10000) {
    push(0xE0U | (c >> 12U));
    push(0x80U | ((c >> 6U) & 0x3FU));
    push(0x80U | (c & 0x3FU));
  } else {
    push(0xF0U | (c >> 18U));
    push(0x80U | ((c >> 12U) & 0x3FU));
    push(0x80U | ((c >> 6U) & 0x3FU));
    push(0x80U | (c & 0x3FU));
  }
}

bool is_printable_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

Status check_text(std::string_view text) {
  if (is_printable_ascii(text)) return {};
  for (std::size_t at = 0; at < text.size();) {
    const auto code_point = decode(text.substr(at));
    if (!code_point) {
      return Error{ErrorKind::invalid,
                   "byte " + std::to_string(at) + " of the text is not UTF-8: correct its encoding"};
    }
    if (const char* what = forbidden(code_point->value)) {
      char name[16];
      std::snprintf(name, sizeof name, "U+%04X", static_cast<unsigned>(code_point->value));
      return Error{ErrorKind::invalid, std::string("the text holds ") + what + " (" + name + "): remove it"};
    }
    at += code_point->length;
  }
  if (!is_nfc(text)) {
    return Error{ErrorKind::invalid, "the text is not in Unicode form NFC: normalise it"};
  }
  return {};
}

}  // namespace sceau::statement
