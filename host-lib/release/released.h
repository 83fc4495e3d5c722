// What an answer tells about people, kept so that later answers can be held against it: of every value,
// whether it was shown, and a sketch of the people behind it.
//
// A value is shown for a group of rows; what it adds up, person by person, are its weights (detail.h). All
// groups of one weight are a Family, most often parts of one whole. Kept as bytes it is health data, though
// nobody reads names in it without the key: whoever keeps it encrypts it.
#pragma once

#include <cstdint>
#include <vector>

#include "sceau/base/bytes.h"
#include "sceau/base/result.h"
#include "sketch.h"

namespace sceau::release {

struct ReleasedCell {
  bool shown = false;
  bool small = false;  // too few people, or too few make up most of it: hidden for its own sake
  std::uint32_t people = 0;
  double total = 0;                 // of the weights
  std::vector<std::uint64_t> keys;  // of each group key, a hash of its expression and value
  Sketch who;                       // everybody weighs 1
  Sketch how_much;                  // the weights, in ten-thousandths
  Sample sample;
};

struct Family {
  bool tells_people = false;  // a value says how many they are
  bool tells_amount = false;  // a value says what the weights add up to
  std::uint64_t scope = 0;    // a hash of FROM and WHERE
  std::vector<ReleasedCell> cells;
};

// The most cells of one answer: what comes later is held against each of them.
inline constexpr std::size_t kMostCells = 20'000;

// Fixed order, little-endian; starts with its version.
Bytes write_families(const std::vector<Family>& families);
// Strict. Fails with corrupt.
Result<std::vector<Family>> read_families(ByteView bytes);

}  // namespace sceau::release
