#include "groups.h"

#include <algorithm>

#include "people.h"
#include "sceau/release/history.h"
#include "suppression.h"

namespace sceau::release {
namespace {

// A value that outlives the row it came in.
struct Held {
  explicit Held(const source::Cell& from) : cell(from), text(from.text) {}
  [[nodiscard]] source::Cell view() const {
    source::Cell same = cell;
    same.text = text;
    return same;
  }
  source::Cell cell;
  std::string text;
};

std::string key_text(const source::Cell& cell) {
  using Kind = source::Cell::Kind;
  if (cell.kind == Kind::null) return "null";
  if (!cell.text.empty() || cell.kind == Kind::text) return "text " + std::string(cell.text);
  return cell.kind == Kind::integer ? "text " + std::to_string(cell.integer)
                                    : "real " + std::to_string(cell.real);
}

// All groups of one answer.
class Groups {
 public:
  Groups(const Plan& plan, const PersonHash& hash, const Policy& policy)
      : plan_(plan),
        check_(plan.detail->check),
        hash_(hash),
        minimum_(policy.minimum_people),
        families_(check_.weight_columns) {
    for (std::size_t weight = 0; weight < families_.size(); ++weight) {
      families_[weight].scope = hash.of(check_.scope);
      families_[weight].tells_people = check_.tells_people[weight];
      families_[weight].tells_amount = check_.tells_amount[weight];
    }
  }

  Status add(std::span<const source::Cell> row, std::vector<ReleasedCell> cells);
  // What is shown for its own sake.
  void show_what_passes();
  std::vector<Family>& families() { return families_; }
  // After suppression: what is shown indeed, so that nothing else is kept as shown.
  void settle();
  Status deliver(Delivery& delivery, Outcome& outcome) const;

 private:
  [[nodiscard]] bool shows(std::size_t group, const std::vector<std::size_t>& weights) const {
    return std::all_of(weights.begin(), weights.end(),
                       [&](std::size_t weight) { return families_[weight].cells[group].shown; });
  }
  // A group whose people may not be told is left out whole, for whatever reason: nobody can tell which.
  [[nodiscard]] bool is_listed(std::size_t group) const {
    const ReleasedCell& people = families_[0].cells[group];
    return enough_[group] && (people.shown || !counts_people_);
  }
  void mark_shown(const std::vector<bool>& column_shown, std::size_t group);

  const Plan& plan_;
  const PeopleCheck& check_;
  const PersonHash& hash_;
  std::uint32_t minimum_;
  std::vector<Family> families_;  // by weight, then by group
  std::vector<bool> enough_;      // by group: as many people as there must be
  std::vector<std::vector<Held>> rows_;
  bool counts_people_ = false;  // some column is made of the first weight
};

Status Groups::add(std::span<const source::Cell> row, std::vector<ReleasedCell> cells) {
  if ((rows_.size() + 1) * families_.size() > kMostCells) {
    return Error{ErrorKind::refused, "running the extraction: it has more than " +
                                         std::to_string(kMostCells) +
                                         " values that each must be held against earlier answers: make fewer "
                                         "groups or columns, or ask in parts"};
  }
  enough_.push_back(cells[0].people >= minimum_);
  for (std::size_t weight = 0; weight < families_.size(); ++weight) {
    for (std::size_t key = 0; key < check_.group_keys; ++key)
      cells[weight].keys.push_back(hash_.of(check_.groups[key] + " is " + key_text(row[key])));
    families_[weight].cells.push_back(std::move(cells[weight]));
  }
  auto& held = rows_.emplace_back();
  for (const source::Cell& value : row.subspan(check_.group_keys)) held.emplace_back(value);
  return {};
}

void Groups::mark_shown(const std::vector<bool>& column_shown, std::size_t group) {
  for (Family& family : families_) family.cells[group].shown = false;
  for (std::size_t column = 0; column < column_shown.size(); ++column) {
    if (!column_shown[column]) continue;
    for (const std::size_t weight : check_.weights[column]) families_[weight].cells[group].shown = true;
  }
}

void Groups::show_what_passes() {
  for (const auto& weights : check_.weights)
    counts_people_ = counts_people_ || std::find(weights.begin(), weights.end(), 0U) != weights.end();
  for (std::size_t group = 0; group < rows_.size(); ++group) {
    std::vector<bool> shown;
    for (const auto& weights : check_.weights) {
      shown.push_back(enough_[group] && std::none_of(weights.begin(), weights.end(), [&](std::size_t weight) {
                        return families_[weight].cells[group].small;
                      }));
    }
    mark_shown(shown, group);
  }
}

void Groups::settle() {
  for (std::size_t group = 0; group < rows_.size(); ++group) {
    const bool listed = is_listed(group);
    std::vector<bool> shown;
    for (const auto& weights : check_.weights) shown.push_back(listed && shows(group, weights));
    mark_shown(shown, group);
    if (!listed) enough_[group] = false;
  }
}

Status Groups::deliver(Delivery& delivery, Outcome& outcome) const {
  for (std::size_t group = 0; group < rows_.size(); ++group) {
    if (!enough_[group]) continue;
    for (std::size_t column = 0; column < plan_.columns.size(); ++column) {
      if (shows(group, check_.weights[column])) {
        delivery.csv().field(rows_[group][column].view());
      } else {
        delivery.csv().bare_field({});
        ++outcome.masked_cells;
      }
    }
    if (auto ended = delivery.end_row(); !ended) return ended;
  }
  return {};
}

Status read_groups(const Plan& plan, source::Snapshot& snapshot, const Order& order, const PersonHash& hash,
                   Groups& groups) {
  const PeopleCheck& check = plan.detail->check;
  auto values = snapshot.run(plan.detail->statements[0]);
  if (!values) return values.error();
  auto people = PeopleCounter::open(snapshot, plan.detail->statements[1], check, order.policy, hash);
  if (!people) return people.error();
  while (true) {
    auto more = (*values)->next();
    if (!more) return more.error();
    if (!*more) return people->finish();
    const auto row = (*values)->cells();
    if (auto counted = people->count_group(row.first(check.group_keys)); !counted) return counted;
    if (auto added = groups.add(row, people->take_cells()); !added) return added;
  }
}

Result<std::vector<Family>> read_earlier(const std::vector<Bytes>& kept) {
  std::vector<Family> earlier;
  for (const Bytes& bytes : kept) {
    auto families = read_families(bytes);
    if (!families) return families.error();
    std::move(families->begin(), families->end(), std::back_inserter(earlier));
  }
  return earlier;
}

}  // namespace

Status run_groups(const Plan& plan, source::Snapshot& snapshot, const Order& order, Delivery& delivery,
                  Outcome& outcome) {
  if (order.history == nullptr) {
    return Error{ErrorKind::internal, "running the extraction: nobody kept what was given before"};
  }
  const PersonHash hash(order.history->key().view());
  Groups groups(plan, hash, order.policy);
  if (auto read = read_groups(plan, snapshot, order, hash, groups); !read) return read;
  std::size_t hidden = 0;
  auto decided = order.history->with([&](const std::vector<Bytes>& kept) -> Result<Bytes> {
    auto earlier = read_earlier(kept);
    if (!earlier) return earlier.error();
    groups.show_what_passes();
    hidden = suppress(*earlier, groups.families(), order.policy);
    groups.settle();
    return write_families(groups.families());
  });
  if (!decided) return decided;
  if (auto delivered = groups.deliver(delivery, outcome); !delivered) return delivered;
  if (outcome.masked_cells > 0) {
    outcome.notices.push_back(
        std::to_string(outcome.masked_cells) +
        " values are withheld and left empty: too few people stand behind them, too few "
        "make up most of them, or other values would tell about so few");
  }
  if (hidden > 0) {
    outcome.notices.push_back(std::to_string(hidden) +
                              " values are withheld, or their groups left out, because beside what this "
                              "project was given before, or "
                              "in this answer, they would tell about fewer than " +
                              std::to_string(order.policy.minimum_people) + " people");
  }
  return {};
}

}  // namespace sceau::release
