// The Delivery that Gate::fetch hands out.
#pragma once

#include <mutex>

#include "sceau/gate/delivery.h"
#include "spool.h"
#include "state.h"

namespace sceau::gate {

// Counts the records of a CSV (RFC 4180) that went by: line ends inside quotes do not end a record.
class RecordCounter {
 public:
  void update(ByteView bytes);
  // Whole records, the header line included.
  [[nodiscard]] std::int64_t records() const { return records_; }

 private:
  std::int64_t records_ = 0;
  bool quoted_ = false;
};

class Outgoing final : public Delivery {
 public:
  // `facts` is the result as it will be when everything is sent.
  Outgoing(Gate::State& state, Spool spool, ResultFacts facts);
  ~Outgoing() override;

  [[nodiscard]] std::int64_t bytes() const override { return facts_.bytes; }
  [[nodiscard]] std::int64_t rows() const override { return facts_.rows; }
  Result<Bytes> next() override;
  void sent(ByteView bytes) override;
  Status complete() override;
  void interrupt(const std::string& reason) override;

 private:
  Status end(const ResultFacts& facts);

  Gate::State& state_;
  Spool spool_;
  const ResultFacts facts_;
  std::mutex mutex_;  // of what follows: sending and interrupting may meet
  bool ended_ = false;
  std::int64_t sent_ = 0;
  DigestStream digest_;
  RecordCounter counter_;
};

}  // namespace sceau::gate
