#include "note_text.h"

#include <cstdint>

namespace sceau::ledger {
namespace {

constexpr std::uint32_t kBad = 0xFFFFFFFF;

bool is_space(std::uint32_t c) {  // Unicode White_Space
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

// Takes one code point off `rest`: kBad for overlong forms, surrogates and what is beyond U+10FFFF.
std::uint32_t next_code_point(std::string_view& rest) {
  const auto first = static_cast<std::uint8_t>(rest[0]);
  if ((first >= 0x80 && first < 0xC2) || first > 0xF4) return kBad;
  const unsigned more = first < 0x80 ? 0 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
  if (more >= rest.size()) return kBad;
  std::uint32_t point = more == 0 ? first : first & (0x3FU >> more);
  for (unsigned i = 1; i <= more; ++i) {
    const auto byte = static_cast<std::uint8_t>(rest[i]);
    if ((byte & 0xC0) != 0x80) return kBad;
    point = point << 6 | (byte & 0x3FU);
  }
  rest.remove_prefix(more + 1);
  const bool overlong = (more == 2 && point < 0x800) || (more == 3 && point < 0x10000);
  return overlong || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF) ? kBad : point;
}

}  // namespace

bool is_note_text(std::string_view text) {
  while (!text.empty()) {
    const std::uint32_t point = next_code_point(text);
    if (point == kBad || (point < 0x20 && point != '\n')) return false;
  }
  return true;
}

bool is_key_name(std::string_view name) {
  if (name.empty()) return false;
  while (!name.empty()) {
    const std::uint32_t point = next_code_point(name);
    if (point == kBad || point < 0x20 || point == '+' || is_space(point)) return false;
  }
  return true;
}

}  // namespace sceau::ledger
