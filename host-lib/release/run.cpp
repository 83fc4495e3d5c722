#include <algorithm>
#include <set>
#include <span>

#include "delivery.h"
#include "detail.h"
#include "groups.h"

namespace sceau::release {
namespace {

using source::Cell;

// How many people an answer is about, as far as it shows: the different identifiers in each key column,
// counted up to a limit; the column with the fewest decides, and one without any shows nobody. Without a key
// column nobody is shown, unless the tables that are read are about nobody: then each row counts.
class PeopleSeen {
 public:
  PeopleSeen(const std::vector<bool>& is_key, bool about_nobody, std::size_t limit)
      : limit_(limit), about_nobody_(about_nobody), columns_(is_key.size()) {
    for (std::size_t i = 0; i < is_key.size(); ++i)
      if (is_key[i]) keys_.push_back(i);
  }
  void row(std::span<const Cell> cells) {
    if (rows_ < limit_) ++rows_;
    for (const std::size_t key : keys_) {
      if (columns_[key].size() < limit_ && cells[key].kind != Cell::Kind::null)
        columns_[key].insert(identifier(cells[key]));
    }
  }
  [[nodiscard]] std::size_t fewest() const {
    std::size_t fewest = about_nobody_ || !keys_.empty() ? rows_ : 0;
    for (const std::size_t key : keys_) fewest = std::min(fewest, columns_[key].size());
    return fewest;
  }

 private:
  static std::string identifier(const Cell& cell) {
    if (cell.kind == Cell::Kind::text) return std::string(cell.text);
    return cell.kind == Cell::Kind::integer ? std::to_string(cell.integer) : std::to_string(cell.real);
  }

  std::size_t limit_, rows_ = 0;
  bool about_nobody_;
  std::vector<std::size_t> keys_;
  std::vector<std::set<std::string>> columns_;
};

void pseudonymise(const Cell& cell, Pseudonymiser& pseudonymiser, CsvWriter& csv) {
  switch (cell.kind) {
    case Cell::Kind::null:
      return csv.bare_field({});
    case Cell::Kind::text:
      return csv.bare_field(pseudonymiser.tagged(without_padding(cell.text)));
    case Cell::Kind::integer:
      return csv.bare_field(pseudonymiser.tagged(std::to_string(cell.integer)));
    case Cell::Kind::real:
      return csv.bare_field(pseudonymiser.tagged(std::to_string(cell.real)));
  }
}

Status run_plain(const Plan& plan, source::Snapshot& snapshot, Pseudonymiser& pseudonymiser,
                 const Order& order, Delivery& delivery, Outcome& outcome) {
  auto rows = snapshot.run(plan.detail->statements[0]);
  if (!rows) return rows.error();
  std::vector<bool> is_key;
  for (const ResultColumn& column : plan.columns) is_key.push_back(column.treatment == Treatment::pseudonym);
  PeopleSeen seen(is_key, plan.detail->about_nobody, order.policy.minimum_people);
  while (true) {
    auto more = (*rows)->next();
    if (!more) return more.error();
    if (!*more) break;
    const auto cells = (*rows)->cells();
    if (cells.size() != is_key.size()) {
      return Error{ErrorKind::internal,
                   "running the extraction: the database gives other columns than planned"};
    }
    seen.row(cells);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (is_key[i]) {
        pseudonymise(cells[i], pseudonymiser, delivery.csv());
      } else {
        delivery.csv().field(cells[i]);
      }
    }
    if (auto ended = delivery.end_row(); !ended) return ended;
  }
  outcome.people = seen.fewest();
  return {};
}

}  // namespace

Status run_work(const Plan& plan, source::Source& source, const source::Workspace& place,
                const std::function<Status()>& permit, const Order& order) {
  if (auto checked = check(order.policy); !checked) return checked;
  const source::Limits limits{std::chrono::seconds(order.policy.time_limit_seconds), order.stop};
  return source.work(plan.detail->script, place, permit, limits);
}

Result<std::optional<source::ExpectedRows>> expected_rows(const Plan& plan, source::Source& source,
                                                          std::uint64_t enough,
                                                          const source::Limits& limits) {
  if (plan.detail->statements.empty()) return std::optional<source::ExpectedRows>();
  auto snapshot = source.snapshot(limits);
  if (!snapshot) return snapshot.error();
  return (*snapshot)->expected_rows(plan.detail->statements[0], enough);
}

Result<Outcome> run(const Plan& plan, source::Source& source, Pseudonymiser& pseudonymiser,
                    const Order& order, Sink& sink) {
  if (auto checked = check(order.policy); !checked) return checked.error();
  const source::Limits limits{std::chrono::seconds(order.policy.time_limit_seconds), order.stop};
  auto snapshot = source.snapshot(limits);
  if (!snapshot) return snapshot.error();
  Delivery delivery(sink, std::min(order.max_rows, order.policy.row_limit));
  std::vector<std::string> names;
  for (const ResultColumn& column : plan.columns) names.push_back(column.name);
  delivery.csv().header(names);
  Outcome outcome;
  outcome.notices = plan.notices;
  auto done = plan.detail->people ? run_groups(plan, **snapshot, order, delivery, outcome)
                                  : run_plain(plan, **snapshot, pseudonymiser, order, delivery, outcome);
  if (done) done = delivery.flush();
  if (!done) return done.error();
  delivery.report(outcome);
  outcome.fingerprint = pseudonymiser.fingerprint();
  return outcome;
}

}  // namespace sceau::release
