// The columns that leave, as results state them and approvers and those who ask beforehand are shown them.
#pragma once

#include <algorithm>
#include <cstdint>

#include "sceau/release/extraction.h"
#include "sceau/statement/value.h"

namespace sceau::gate {

inline statement::Array columns_of(const std::vector<release::ResultColumn>& all) {
  statement::Array columns;
  columns.reserve(all.size());
  for (const release::ResultColumn& column : all) {
    columns.emplace_back(statement::Object{{"label", source::to_string(column.label)},
                                           {"name", column.name},
                                           {"treatment", release::to_string(column.treatment)}});
  }
  return columns;
}

// A count as canonical JSON carries it.
inline std::int64_t as_integer(std::uint64_t count) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(count, statement::max_integer));
}

}  // namespace sceau::gate
