// Writes firmware/statement/nfc_table.h from utf8proc, the library that the host's reader asks.
// Usage: generate-nfc-table > firmware/statement/nfc_table.h
#include <utf8proc.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <tuple>
#include <vector>

namespace {

constexpr std::int32_t kLast = 0x10FFFF;
constexpr std::int32_t kHangulFirst = 0xAC00;
constexpr std::int32_t kHangulLast = 0xD7A3;
constexpr unsigned kNever = 255;  // not in NFC
constexpr unsigned kMaybe = 254;  // a starter that may compose with what stands before it

bool is_scalar(std::int32_t c) { return c < 0xD800 || c > 0xDFFF; }

std::vector<std::int32_t> decomposed(std::int32_t c) {
  std::uint8_t bytes[5] = {};
  const auto size = utf8proc_encode_char(c, bytes);
  std::vector<std::int32_t> out(32);
  const auto count = utf8proc_decompose(bytes, size, out.data(), static_cast<utf8proc_ssize_t>(out.size()),
                                        static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE));
  if (count < 0) std::abort();
  out.resize(static_cast<std::size_t>(count));
  return out;
}

std::vector<std::int32_t> composed(std::vector<std::int32_t> parts) {
  const auto count =
      utf8proc_normalize_utf32(parts.data(), static_cast<utf8proc_ssize_t>(parts.size()),
                               static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  if (count < 0) std::abort();
  parts.resize(static_cast<std::size_t>(count));
  return parts;
}

bool is_nfc(std::int32_t c) {
  const auto again = composed(decomposed(c));
  return again.size() == 1 && again[0] == c;
}

using Pair = std::tuple<std::int32_t, std::int32_t, std::int32_t>;  // first, second, composite

// The two that compose into `c`: its decomposition, all but the last composed again, and the last.
Pair parts_of(std::int32_t c) {
  auto parts = decomposed(c);
  const std::int32_t second = parts.back();
  parts.pop_back();
  const auto first = composed(parts);
  if (first.size() != 1) std::abort();
  return {first[0], second, c};
}

std::vector<Pair> all_pairs() {
  std::vector<Pair> pairs;
  for (std::int32_t c = 0x80; c <= kLast; ++c) {
    const bool hangul = c >= kHangulFirst && c <= kHangulLast;
    if (!is_scalar(c) || hangul || !is_nfc(c) || decomposed(c).size() < 2) continue;
    pairs.push_back(parts_of(c));
  }
  std::sort(pairs.begin(), pairs.end());
  return pairs;
}

unsigned class_of(std::int32_t c, const std::vector<std::int32_t>& seconds) {
  if (!is_scalar(c)) return 0;
  if (!is_nfc(c)) return kNever;
  const auto combining = static_cast<unsigned>(utf8proc_get_property(c)->combining_class);
  if (combining != 0) return combining;
  const bool jamo = (c >= 0x1161 && c <= 0x1175) || (c >= 0x11A8 && c <= 0x11C2);
  return jamo || std::binary_search(seconds.begin(), seconds.end(), c) ? kMaybe : 0;
}

void write_classes(const std::vector<Pair>& pairs) {
  std::vector<std::int32_t> seconds;
  for (const Pair& pair : pairs) seconds.push_back(std::get<1>(pair));
  std::sort(seconds.begin(), seconds.end());
  std::puts("// From `first` on, up to the next row.\ninline constexpr ClassRange kClasses[] = {");
  unsigned before = 0;
  int column = 0;
  for (std::int32_t c = 0; c <= kLast; ++c) {
    const unsigned now = class_of(c, seconds);
    if (now == before) continue;
    std::printf("{0x%X, %u},%s", static_cast<unsigned>(c), now, ++column % 7 == 0 ? "\n" : " ");
    before = now;
  }
  std::puts("};\n");
}

bool is_wide(const Pair& pair) {
  return std::get<0>(pair) > 0xFFFF || std::get<1>(pair) > 0xFFFF || std::get<2>(pair) > 0xFFFF;
}

// By their second part, which few of them differ in.
void write_pairs(std::vector<Pair> pairs) {
  std::sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) {
    return std::tie(std::get<1>(a), std::get<0>(a)) < std::tie(std::get<1>(b), std::get<0>(b));
  });
  std::puts("// By second part and first.\ninline constexpr Pair kPairs[] = {");
  std::vector<std::pair<unsigned, unsigned>> groups;  // second part, and where its pairs begin
  unsigned count = 0;
  for (const Pair& pair : pairs) {
    if (is_wide(pair)) continue;
    const auto second = static_cast<unsigned>(std::get<1>(pair));
    if (groups.empty() || groups.back().first != second) groups.emplace_back(second, count);
    std::printf("{0x%X, 0x%X},%s", static_cast<unsigned>(std::get<0>(pair)),
                static_cast<unsigned>(std::get<2>(pair)), ++count % 6 == 0 ? "\n" : " ");
  }
  std::puts("};\n\n// The last is none: it tells where the pairs end.\ninline constexpr Group kGroups[] = {");
  groups.emplace_back(0, count);
  int column = 0;
  for (const auto& [second, begin] : groups) {
    std::printf("{0x%X, %u},%s", second, begin, ++column % 8 == 0 ? "\n" : " ");
  }
  std::puts("};\n");
}

void write_wide_pairs(const std::vector<Pair>& pairs) {
  std::puts("// Ordered by both parts.\ninline constexpr WidePair kWidePairs[] = {");
  int column = 0;
  for (const Pair& pair : pairs) {
    if (!is_wide(pair)) continue;
    std::printf("{0x%X, 0x%X, 0x%X},%s", static_cast<unsigned>(std::get<0>(pair)),
                static_cast<unsigned>(std::get<1>(pair)), static_cast<unsigned>(std::get<2>(pair)),
                ++column % 4 == 0 ? "\n" : " ");
  }
  std::puts("};\n");
}

}  // namespace

int main() {
  std::puts(
      "// Made by tests/firmware/clearsign/generate_nfc_table.cpp; a test compares. Do not edit.\n"
      "// clang-format off\n#pragma once\n\n#include <cstdint>\n\nnamespace sceau::firmware::statement {\n\n"
      "// 0: starts a new sequence; 1 to 240: canonical combining class; 254: a starter that may compose\n"
      "// with what stands before it; 255: never in NFC.\n"
      "struct ClassRange {\n  std::uint32_t first : 24;\n  std::uint32_t value : 8;\n};\n"
      "// A starter, and what it becomes with the second part of its group.\n"
      "struct Pair {\n  std::uint16_t first;\n  std::uint16_t composite;\n};\n"
      "struct Group {\n  std::uint16_t second;\n  std::uint16_t begin;  // of kPairs\n};\n"
      "struct WidePair {\n  std::uint32_t first;\n  std::uint32_t second;\n  std::uint32_t composite;\n};\n");
  const auto pairs = all_pairs();
  write_classes(pairs);
  write_pairs(pairs);
  write_wide_pairs(pairs);
  std::puts("}  // namespace sceau::firmware::statement");
  return 0;
}
