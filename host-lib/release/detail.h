// What a plan holds besides what it shows.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sceau/release/extraction.h"
#include "sceau/source/work.h"

namespace sceau::release {

// How the people behind the values of an aggregate are counted: a second statement gives, for every group and
// person, how much that person contributes to each value ("weights"), in the order of the first one's groups.
struct PeopleCheck {
  std::size_t group_keys = 0;  // leading columns of both statements
  // By result column: which weights must all pass; empty for group keys and constants.
  std::vector<std::vector<std::size_t>> weights;
  std::size_t weight_columns =
      0;  // of the second statement, after group keys and person; the first weighs 1 a row
  // By weight: a value says how many people weigh something, or what the weights add up to.
  std::vector<bool> tells_people, tells_amount;
  std::vector<double> factors;      // by weight: what it was multiplied with
  std::string scope;                // FROM and WHERE, as text
  std::vector<std::string> groups;  // each group key's expression, as text
};

// PostgreSQL's char(n) is padded with blanks, which other types of the same identifier do not have.
inline std::string_view without_padding(std::string_view identifier) {
  while (identifier.ends_with(' ')) identifier.remove_suffix(1);
  return identifier;
}

struct PlanDetail {
  std::vector<source::CheckedSql> statements;  // what runs; then, with `people`, what counts the people
  std::vector<source::CheckedWork> script;     // of kind work
  bool people = false;
  bool about_nobody = false;  // of kind individual: only reference tables of the catalogue are read
  PeopleCheck check;
};

}  // namespace sceau::release
