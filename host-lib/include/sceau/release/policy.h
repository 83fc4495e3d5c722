// The numbers that decide what may leave. A policy may be stricter than the floors below, never weaker.
#pragma once

#include <cstdint>

#include "sceau/base/result.h"

namespace sceau::release {

// ATIH, ScanSanté and CASD practice: no cell of fewer than 11 people, none in which 2 people make up
// 85 % or more.
inline constexpr std::uint32_t floor_minimum_people = 11;
inline constexpr std::uint32_t floor_dominance_people = 2;
inline constexpr std::uint32_t ceiling_dominance_percent = 85;
inline constexpr std::uint32_t ceiling_time_limit_seconds = 24 * 3600;

struct Policy {
  std::uint32_t minimum_people = floor_minimum_people;
  std::uint32_t dominance_people = floor_dominance_people;      // n
  std::uint32_t dominance_percent = ceiling_dominance_percent;  // k
  std::uint32_t time_limit_seconds = 600;
  std::uint64_t row_limit = 100'000'000;  // of any extraction, whatever was ordered
};

// Fails with invalid, naming the number that is weaker than its floor.
Status check(const Policy& policy);

}  // namespace sceau::release
