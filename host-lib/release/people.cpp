#include "people.h"

#include <algorithm>
#include <cmath>

namespace sceau::release {
namespace {

using source::Cell;

bool is_number(const Cell& cell) { return cell.kind == Cell::Kind::integer || cell.kind == Cell::Kind::real; }

double number(const Cell& cell) {
  return cell.kind == Cell::Kind::integer ? static_cast<double>(cell.integer) : cell.real;
}

// As the database groups: NULL is NULL's equal, 1 and 1.0 are the same.
bool same(const Cell& a, const Cell& b) {
  if (is_number(a) && is_number(b)) {
    // What a double cannot tell apart, a database can.
    if (!a.text.empty() && !b.text.empty()) return a.text == b.text;
    return a.kind == b.kind && a.kind == Cell::Kind::integer ? a.integer == b.integer
                                                             : number(a) == number(b);
  }
  return a.kind == b.kind && (a.kind == Cell::Kind::null || a.text == b.text);
}

Error out_of_step() {
  return {ErrorKind::internal,
          "running the extraction: values and people do not come in the same groups: nothing is delivered"};
}

}  // namespace

void WeightSum::add(double weight, bool is_person) {
  if (weight == 0) return;
  people_ += is_person ? 1 : 0;
  total_ += weight;
  const auto place = std::upper_bound(top_.begin(), top_.end(), weight, std::greater<>());
  top_.insert(place, weight);
  if (top_.size() > largest_) top_.pop_back();
}

bool WeightSum::passes(const Policy& policy) const {
  if (people_ < policy.minimum_people || !std::isfinite(total_) || total_ <= 0) return false;
  double largest = 0;
  for (const double weight : top_) largest += weight;
  return largest * 100 < total_ * policy.dominance_percent;
}

Result<PeopleCounter> PeopleCounter::open(source::Snapshot& snapshot, const source::CheckedSql& sql,
                                          const PeopleCheck& check, const Policy& policy) {
  auto rows = snapshot.run(sql);
  if (!rows) return rows.error();
  PeopleCounter counter(std::move(*rows), check, policy);
  if (auto stepped = counter.step(); !stepped) return stepped.error();
  return counter;
}

Status PeopleCounter::step() {
  auto more = rows_->next();
  if (!more) return more.error();
  more_ = *more;
  return {};
}

Status PeopleCounter::count_group(std::span<const Cell> keys) {
  sums_.assign(check_->weight_columns, WeightSum(policy_.dominance_people));
  bool any = false;
  while (more_) {
    const auto cells = rows_->cells();
    if (!std::equal(keys.begin(), keys.end(), cells.begin(), same)) break;
    any = true;
    const bool is_person = cells[keys.size()].kind != Cell::Kind::null;
    for (std::size_t i = 0; i < sums_.size(); ++i) {
      const Cell& weight = cells[keys.size() + 1 + i];
      if (weight.kind != Cell::Kind::null) sums_[i].add(number(weight), is_person);
    }
    if (auto stepped = step(); !stepped) return stepped;
  }
  // Without GROUP BY there is one group even when it is empty.
  if (!any && !keys.empty()) return out_of_step();
  return {};
}

Status PeopleCounter::finish() {
  if (more_) return out_of_step();
  return {};
}

bool PeopleCounter::group_passes() const { return sums_[0].people() >= policy_.minimum_people; }

bool PeopleCounter::passes(const std::vector<std::size_t>& weights) const {
  return std::all_of(weights.begin(), weights.end(), [&](std::size_t i) { return sums_[i].passes(policy_); });
}

}  // namespace sceau::release
