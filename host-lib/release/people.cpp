#include "people.h"

#include <algorithm>
#include <cmath>

namespace sceau::release {
namespace {

using Value = source::Cell;

constexpr double kParts = 10'000;          // of a weight's unit: amounts have two decimals, sums of them too
constexpr double kLargestWeight = 9.0e14;  // in parts; heavier ones weigh this

bool is_number(const Value& cell) {
  return cell.kind == Value::Kind::integer || cell.kind == Value::Kind::real;
}

double number(const Value& cell) {
  return cell.kind == Value::Kind::integer ? static_cast<double>(cell.integer) : cell.real;
}

// As the database groups: NULL is NULL's equal, 1 and 1.0 are the same.
bool same(const Value& a, const Value& b) {
  if (is_number(a) && is_number(b)) {
    // What a double cannot tell apart, a database can.
    if (!a.text.empty() && !b.text.empty()) return a.text == b.text;
    return a.kind == b.kind && a.kind == Value::Kind::integer ? a.integer == b.integer
                                                              : number(a) == number(b);
  }
  return a.kind == b.kind && (a.kind == Value::Kind::null || a.text == b.text);
}

// Of what is not zero, one at least: nobody's amount is so small that it is not seen to be missing.
std::int64_t in_parts(double weight) {
  const double parts = weight * kParts;
  if (!std::isfinite(parts) || std::abs(parts) >= kLargestWeight) return std::llround(kLargestWeight);
  if (std::abs(parts) < 1) return weight < 0 ? -1 : 1;
  return std::llround(parts);
}

std::string identity(const Value& person) {
  if (person.kind == Value::Kind::text || !person.text.empty())
    return std::string(without_padding(person.text));
  return person.kind == Value::Kind::integer ? std::to_string(person.integer) : std::to_string(person.real);
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
                                          const PeopleCheck& check, const Policy& policy,
                                          const PersonHash& hash) {
  auto rows = snapshot.run(sql);
  if (!rows) return rows.error();
  PeopleCounter counter(std::move(*rows), check, policy, hash);
  if (auto stepped = counter.step(); !stepped) return stepped.error();
  return counter;
}

Status PeopleCounter::step() {
  auto more = rows_->next();
  if (!more) return more.error();
  more_ = *more;
  return {};
}

void PeopleCounter::count_person(const Value& person, std::span<const Value> weights) {
  const bool known = person.kind != Value::Kind::null;
  const Person who = known ? hash_->person(identity(person)) : 0;
  for (std::size_t i = 0; i < sums_.size(); ++i) {
    if (weights[i].kind == Value::Kind::null || number(weights[i]) == 0) continue;
    const double weight = number(weights[i]) / check_->factors[i];
    sums_[i].add(weight, known);
    if (!known) continue;
    cells_[i].who.add(who, static_cast<std::int64_t>(kParts));
    cells_[i].how_much.add(who, in_parts(weight));
    cells_[i].sample.add(who);
  }
}

Status PeopleCounter::count_group(std::span<const Value> keys) {
  sums_.assign(check_->weight_columns, WeightSum(policy_.dominance_people));
  cells_.assign(check_->weight_columns, ReleasedCell{});
  bool any = false;
  while (more_) {
    const auto cells = rows_->cells();
    if (!std::equal(keys.begin(), keys.end(), cells.begin(), same)) break;
    any = true;
    count_person(cells[keys.size()], cells.subspan(keys.size() + 1));
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

std::vector<ReleasedCell> PeopleCounter::take_cells() {
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    cells_[i].people = static_cast<std::uint32_t>(std::min<std::uint64_t>(sums_[i].people(), UINT32_MAX));
    cells_[i].total = sums_[i].total();
    cells_[i].small = !sums_[i].passes(policy_);
    cells_[i].sample.close();
  }
  return std::move(cells_);
}

}  // namespace sceau::release
