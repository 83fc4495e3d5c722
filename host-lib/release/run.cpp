#include <algorithm>

#include "detail.h"
#include "people.h"
#include "sceau/release/csv.h"

namespace sceau::release {
namespace {

using source::Cell;

constexpr std::size_t flush_at = 1U << 18U;  // bytes gathered before the sink is called

// Counts and hashes what goes to the sink; refuses a row too many.
class Delivery {
 public:
  Delivery(Sink& sink, std::uint64_t max_rows) : sink_(sink), max_rows_(max_rows) {}

  CsvWriter& csv() { return csv_; }
  Status end_row() {
    if (rows_ == max_rows_) {
      return Error{ErrorKind::refused, "running the extraction: it has more than the " +
                                           std::to_string(max_rows_) +
                                           " rows ordered: order more, or narrow it"};
    }
    ++rows_;
    csv_.end_row();
    return csv_.size() >= flush_at ? flush() : Status();
  }
  Status flush() {
    const ByteView bytes = csv_.buffered();
    digest_.update(bytes);
    bytes_ += bytes.size();
    auto written = sink_.write(bytes);
    csv_.clear();
    return written;
  }
  void report(Outcome& outcome) const {
    outcome.rows = rows_;
    outcome.bytes = bytes_;
    outcome.sha256 = digest_.current();
  }

 private:
  Sink& sink_;
  std::uint64_t max_rows_;
  CsvWriter csv_;
  DigestStream digest_;
  std::uint64_t rows_ = 0;
  std::uint64_t bytes_ = 0;
};

void pseudonymise(const Cell& cell, Pseudonymiser& pseudonymiser, CsvWriter& csv) {
  switch (cell.kind) {
    case Cell::Kind::null:
      return csv.bare_field({});
    case Cell::Kind::text:
      return csv.bare_field(pseudonymiser.tagged(cell.text));
    case Cell::Kind::integer:
      return csv.bare_field(pseudonymiser.tagged(std::to_string(cell.integer)));
    case Cell::Kind::real:
      return csv.bare_field(pseudonymiser.tagged(std::to_string(cell.real)));
  }
}

Status run_plain(const Plan& plan, source::Snapshot& snapshot, Pseudonymiser& pseudonymiser,
                 Delivery& delivery) {
  auto rows = snapshot.run(plan.detail->statements[0]);
  if (!rows) return rows.error();
  std::vector<bool> is_key;
  for (const ResultColumn& column : plan.columns) is_key.push_back(column.treatment == Treatment::pseudonym);
  while (true) {
    auto more = (*rows)->next();
    if (!more) return more.error();
    if (!*more) return {};
    const auto cells = (*rows)->cells();
    if (cells.size() != is_key.size()) {
      return Error{ErrorKind::internal,
                   "running the extraction: the database gives other columns than planned"};
    }
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (is_key[i]) {
        pseudonymise(cells[i], pseudonymiser, delivery.csv());
      } else {
        delivery.csv().field(cells[i]);
      }
    }
    if (auto ended = delivery.end_row(); !ended) return ended;
  }
}

Status run_groups(const Plan& plan, source::Snapshot& snapshot, const Policy& policy, Delivery& delivery,
                  std::uint64_t& masked) {
  const PeopleCheck& check = plan.detail->check;
  auto values = snapshot.run(plan.detail->statements[0]);
  if (!values) return values.error();
  auto people = PeopleCounter::open(snapshot, plan.detail->statements[1], check, policy);
  if (!people) return people.error();
  while (true) {
    auto more = (*values)->next();
    if (!more) return more.error();
    if (!*more) return people->finish();
    const auto cells = (*values)->cells();
    if (auto counted = people->count_group(cells.first(check.group_keys)); !counted) return counted;
    if (!people->group_passes()) continue;
    for (std::size_t i = 0; i < plan.columns.size(); ++i) {
      if (people->passes(check.weights[i])) {
        delivery.csv().field(cells[check.group_keys + i]);
      } else {
        delivery.csv().bare_field({});
        ++masked;
      }
    }
    if (auto ended = delivery.end_row(); !ended) return ended;
  }
}

}  // namespace

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
  auto done = plan.detail->people ? run_groups(plan, **snapshot, order.policy, delivery, outcome.masked_cells)
                                  : run_plain(plan, **snapshot, pseudonymiser, delivery);
  if (done) done = delivery.flush();
  if (!done) return done.error();
  delivery.report(outcome);
  outcome.fingerprint = pseudonymiser.fingerprint();
  if (outcome.masked_cells > 0) {
    outcome.notices.push_back(
        std::to_string(outcome.masked_cells) +
        " values are withheld and left empty: too few people stand behind them, or too few "
        "make up most of them");
  }
  return outcome;
}

}  // namespace sceau::release
