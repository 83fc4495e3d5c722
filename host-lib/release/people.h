// Counts the people behind the groups of an aggregate, as its rows come.
#pragma once

#include <memory>
#include <vector>

#include "detail.h"
#include "released.h"

namespace sceau::release {

// What one weight of one group adds up to, person by person.
class WeightSum {
 public:
  explicit WeightSum(std::size_t largest) : largest_(largest) {}
  void add(double weight, bool is_person);
  // At least `minimum` people contribute, and the largest contributors make up less than `percent` of all.
  [[nodiscard]] bool passes(const Policy& policy) const;
  [[nodiscard]] std::uint64_t people() const { return people_; }
  [[nodiscard]] double total() const { return total_; }

 private:
  std::size_t largest_;      // how many of the largest are kept
  std::vector<double> top_;  // descending
  double total_ = 0;
  std::uint64_t people_ = 0;
};

// Reads the statement that counts people, in step with the one that gives the values.
class PeopleCounter {
 public:
  // `hash` must outlive it.
  static Result<PeopleCounter> open(source::Snapshot& snapshot, const source::CheckedSql& sql,
                                    const PeopleCheck& check, const Policy& policy, const PersonHash& hash);

  // Counts the group with these keys, which must be the next one. Fails with internal when it is not.
  Status count_group(std::span<const source::Cell> keys);
  // That no group was left over. Fails with internal.
  Status finish();

  // Of the group counted last, a cell for each weight; none is shown yet, and those that do not pass are
  // small.
  [[nodiscard]] std::vector<ReleasedCell> take_cells();

 private:
  PeopleCounter(std::unique_ptr<source::Rows> rows, const PeopleCheck& check, const Policy& policy,
                const PersonHash& hash)
      : rows_(std::move(rows)), check_(&check), policy_(policy), hash_(&hash) {}
  Status step();
  void count_person(const source::Cell& person, std::span<const source::Cell> weights);

  std::unique_ptr<source::Rows> rows_;
  const PeopleCheck* check_;
  Policy policy_;
  const PersonHash* hash_;
  bool more_ = false;
  std::vector<WeightSum> sums_;
  std::vector<ReleasedCell> cells_;
};

}  // namespace sceau::release
