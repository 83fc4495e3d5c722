// Whether a text is in NFC, without writing its normal form anywhere.
//
// A text is cut where a character starts that neither combines nor composes with what stands before it. Each
// piece is a starter c0 and marks c1 … cn. Its normal form is found by taking c0 apart, merging its own marks
// with c1 … cn by combining class, and composing again (Unicode Standard, 3.11). The piece is normal when
// that gives c0 back and leaves exactly c1 … cn, in their order: both are seen while merging, one mark at a
// time.
#include <iterator>

#include "statement/nfc_table.h"
#include "statement/text.h"

namespace sceau::firmware::statement {

namespace {

constexpr std::uint32_t kNever = 255;
constexpr std::uint32_t kMaybe = 254;

constexpr std::uint32_t kLeadingFirst = 0x1100;
constexpr std::uint32_t kVowelFirst = 0x1161;
constexpr std::uint32_t kTrailingBefore = 0x11A7;
constexpr std::uint32_t kSyllableFirst = 0xAC00;
constexpr std::uint32_t kLeadings = 19;
constexpr std::uint32_t kVowels = 21;
constexpr std::uint32_t kTrailings = 28;
constexpr std::uint32_t kSyllables = kLeadings * kVowels * kTrailings;

std::uint32_t class_of(std::uint32_t c) {
  std::size_t low = 0;
  std::size_t high = std::size(kClasses);
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (kClasses[middle].first <= c) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low == 0 ? 0 : kClasses[low - 1].value;
}

std::uint32_t combining(std::uint32_t value) { return value >= kMaybe ? 0 : value; }

// 0: they do not compose.
std::uint32_t compose(std::uint32_t first, std::uint32_t second) {
  const std::uint32_t leading = first - kLeadingFirst;
  const std::uint32_t vowel = second - kVowelFirst;
  if (leading < kLeadings && vowel < kVowels) {
    return kSyllableFirst + (leading * kVowels + vowel) * kTrailings;
  }
  const std::uint32_t syllable = first - kSyllableFirst;
  const std::uint32_t trailing = second - kTrailingBefore;
  if (syllable < kSyllables && syllable % kTrailings == 0 && trailing != 0 && trailing < kTrailings) {
    return first + trailing;
  }
  for (const Group* group = std::begin(kGroups); group + 1 != std::end(kGroups); ++group) {
    if (group->second != second) continue;
    for (std::size_t i = group[0].begin; i < group[1].begin; ++i) {
      if (kPairs[i].first == first) return kPairs[i].composite;
    }
  }
  for (const WidePair& pair : kWidePairs) {
    if (pair.first == first && pair.second == second) return pair.composite;
  }
  return 0;
}

struct Parts {
  std::uint32_t first = 0;  // 0: it has none
  std::uint32_t second = 0;
};

Parts parts_of(std::uint32_t c) {
  const std::uint32_t syllable = c - kSyllableFirst;
  if (syllable < kSyllables) {
    const std::uint32_t trailing = syllable % kTrailings;
    if (trailing != 0) return {c - trailing, kTrailingBefore + trailing};
    return {kLeadingFirst + syllable / kTrailings / kVowels, kVowelFirst + syllable / kTrailings % kVowels};
  }
  const Group* group = std::begin(kGroups);
  for (std::size_t i = 0; i < std::size(kPairs); ++i) {
    if (i == group[1].begin) ++group;
    if (kPairs[i].composite == c) return {kPairs[i].first, group->second};
  }
  for (const WidePair& pair : kWidePairs) {
    if (pair.composite == c) return {pair.first, pair.second};
  }
  return {};
}

// A character taken apart: what it starts with, and its marks in order.
struct Decomposed {
  static constexpr std::size_t kMost = 4;
  std::uint32_t base = 0;
  std::array<std::uint32_t, kMost> marks{};
  std::size_t from = kMost;  // marks[from] is the first
};

Decomposed take_apart(std::uint32_t c) {
  Decomposed whole;
  whole.base = c;
  while (whole.from > 0) {
    const Parts parts = parts_of(whole.base);
    if (parts.first == 0) break;
    whole.base = parts.first;
    whole.marks[--whole.from] = parts.second;
  }
  return whole;
}

struct Mark {
  std::uint32_t value = 0;
  std::uint32_t kind = 0;  // class_of()
  std::size_t size = 0;    // bytes in the text; 0: there is none, or the next piece begins
};

Mark mark_at(ByteView text, std::size_t at) {
  if (at >= text.size()) return {};
  const CodePoint c = decode(text.subspan(at));
  const std::uint32_t kind = class_of(c.value);
  return kind == 0 ? Mark{} : Mark{c.value, kind, c.size};
}

// One piece, from the starter at `at`; afterwards `at` is where the next begins.
class Piece {
 public:
  Piece(ByteView text, std::size_t at, std::uint32_t starter)
      : text_(text), came_(at), kept_(at), whole_(starter), own_(take_apart(starter)), composed_(own_.base) {}

  bool is_normal() {
    for (;;) {
      const Mark next = mark_at(text_, came_);
      const bool own_left = own_.from < Decomposed::kMost;
      if (own_left) {
        const std::uint32_t mark = own_.marks[own_.from];
        const std::uint32_t order = combining(class_of(mark));
        if (next.size == 0 || combining(next.kind) == 0 || order <= combining(next.kind)) {
          ++own_.from;
          if (!merge(mark, order)) return false;
          continue;
        }
      }
      if (next.size == 0 || next.kind == kNever) return next.size == 0 && composed_ == whole_;
      if (combining(next.kind) == 0 && !joins(next)) return composed_ == whole_;
      if (combining(next.kind) < came_order_) return false;  // out of canonical order
      came_order_ = combining(next.kind);
      came_ += next.size;
      if (!merge(next.value, combining(next.kind))) return false;
    }
  }
  // Where the piece ended; meaningful when it is normal.
  std::size_t end() const { return came_; }

 private:
  // Whether a starter composes with what stands right before it; else it begins the next piece.
  bool joins(const Mark& mark) const { return !kept_any_ && compose(composed_, mark.value) != 0; }

  // Composes the mark, or keeps it: then it must be the next mark of the text.
  bool merge(std::uint32_t mark, std::uint32_t order) {
    const bool blocked = kept_any_ && (last_order_ >= order || order == 0);
    const std::uint32_t together = blocked ? 0 : compose(composed_, mark);
    if (together != 0) {
      composed_ = together;
      return true;
    }
    kept_any_ = true;
    last_order_ = order;
    const Mark expected = mark_at(text_, kept_);
    if (expected.size == 0 || expected.value != mark) return false;
    kept_ += expected.size;
    return true;
  }

  ByteView text_;
  std::size_t came_;  // the next mark to merge
  std::size_t kept_;  // the next mark that must be kept
  std::uint32_t whole_;
  Decomposed own_;
  std::uint32_t composed_;
  bool kept_any_ = false;
  std::uint32_t last_order_ = 0;
  std::uint32_t came_order_ = 0;
};

// Marks before any starter: they compose with nothing, and stand in order. Where they end; npos: not normal.
constexpr std::size_t kNotNormal = ~std::size_t{0};
std::size_t skip_leading_marks(ByteView text) {
  std::size_t at = 0;
  std::uint32_t before = 0;
  for (;;) {
    const Mark mark = mark_at(text, at);
    if (mark.size == 0 || mark.kind >= kMaybe) return at;
    if (mark.kind < before) return kNotNormal;
    before = mark.kind;
    at += mark.size;
  }
}

}  // namespace

bool is_nfc(ByteView utf8) {
  std::size_t at = skip_leading_marks(utf8);
  if (at == kNotNormal) return false;
  while (at < utf8.size()) {
    // ASCII composes with marks alone, and those are none of it.
    if (utf8[at] < 0x80 && (at + 1 == utf8.size() || utf8[at + 1] < 0x80)) {
      ++at;
      continue;
    }
    const CodePoint c = decode(utf8.subspan(at));
    at += c.size;
    const std::uint32_t kind = class_of(c.value);
    if (kind == kNever) return false;
    if (mark_at(utf8, at).size == 0) continue;  // nothing to compose with
    Piece piece(utf8, at, c.value);
    if (!piece.is_normal()) return false;
    at = piece.end();
  }
  return true;
}

}  // namespace sceau::firmware::statement
