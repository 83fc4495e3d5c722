#include "statement/text.h"

namespace sceau::firmware::statement {

CodePoint decode(ByteView bytes) {
  const std::uint8_t first = bytes[0];
  if (first < 0x80) return {first, 1};
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || bytes.size() < size) return {};
  std::uint32_t value = first & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((bytes[i] & 0xC0U) != 0x80) return {};
    value = (value << 6U) | (bytes[i] & 0x3FU);
  }
  constexpr std::uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kSmallest[size] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return {};
  return {value, size};
}

bool is_allowed(std::uint32_t c) {
  if (c < 0x20 || (c >= 0x7F && c <= 0x9F)) return false;
  const bool directs = c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
                       (c >= 0x2066 && c <= 0x2069);
  const bool noncharacter = (c >= 0xFDD0 && c <= 0xFDEF) || (c & 0xFFFEU) == 0xFFFE;
  return !directs && !noncharacter;
}

// ASCII, and what French and its neighbours add to it in a form that no ASCII character has.
bool is_shown_as_itself(std::uint32_t c) {
  if (c >= 0x20 && c < 0x7F) return true;
  if (c >= 0xC0 && c <= 0xFF) return c != 0xD7 && c != 0xF7;
  return c == 0xA7 || c == 0xAB || c == 0xB0 || c == 0xBB || c == 0x152 || c == 0x153 || c == 0x178 ||
         c == 0x20AC;
}

}  // namespace sceau::firmware::statement
