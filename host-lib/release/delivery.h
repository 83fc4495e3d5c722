// Rows on their way into a sink: counted, hashed, and no more of them than were ordered.
#pragma once

#include <string>

#include "sceau/release/csv.h"
#include "sceau/release/extraction.h"

namespace sceau::release {

// Counts and hashes what goes to the sink; refuses a row too many.
class Delivery {
 public:
  Delivery(Sink& sink, std::uint64_t max_rows) : sink_(sink), max_rows_(max_rows) {}

  CsvWriter& csv() { return csv_; }
  Status end_row() {
    if (rows_ == max_rows_) {
      return Error{ErrorKind::refused, "running the extraction: it has more than the " +
                                           std::to_string(max_rows_) +
                                           " rows that may leave: narrow it, or order less at a time"};
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
  static constexpr std::size_t flush_at = 1U << 18U;  // bytes gathered before the sink is called
  Sink& sink_;
  std::uint64_t max_rows_;
  CsvWriter csv_;
  DigestStream digest_;
  std::uint64_t rows_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace sceau::release
