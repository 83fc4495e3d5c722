// Counts the people behind the groups of an aggregate, as its rows come.
#pragma once

#include <memory>
#include <vector>

#include "detail.h"

namespace sceau::release {

// What one weight of one group adds up to, person by person.
class WeightSum {
 public:
  explicit WeightSum(std::size_t largest) : largest_(largest) {}
  void add(double weight, bool is_person);
  // At least `minimum` people contribute, and the largest contributors make up less than `percent` of all.
  [[nodiscard]] bool passes(const Policy& policy) const;
  [[nodiscard]] std::uint64_t people() const { return people_; }

 private:
  std::size_t largest_;      // how many of the largest are kept
  std::vector<double> top_;  // descending
  double total_ = 0;
  std::uint64_t people_ = 0;
};

// Reads the statement that counts people, in step with the one that gives the values.
class PeopleCounter {
 public:
  static Result<PeopleCounter> open(source::Snapshot& snapshot, const source::CheckedSql& sql,
                                    const PeopleCheck& check, const Policy& policy);

  // Counts the group with these keys, which must be the next one. Fails with internal when it is not.
  Status count_group(std::span<const source::Cell> keys);
  // That no group was left over. Fails with internal.
  Status finish();

  [[nodiscard]] bool group_passes() const;
  [[nodiscard]] bool passes(const std::vector<std::size_t>& weights) const;

 private:
  PeopleCounter(std::unique_ptr<source::Rows> rows, const PeopleCheck& check, const Policy& policy)
      : rows_(std::move(rows)), check_(&check), policy_(policy) {}
  Status step();

  std::unique_ptr<source::Rows> rows_;
  const PeopleCheck* check_;
  Policy policy_;
  bool more_ = false;
  std::vector<WeightSum> sums_;
};

}  // namespace sceau::release
