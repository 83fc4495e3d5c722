// A stop that comes when either of two does: the gate's end, or its client's.
#pragma once

#include <stop_token>

namespace sceau::gate {

class EitherStop {
 public:
  EitherStop(const std::stop_token& first, const std::stop_token& second)
      : with_first_(first, End{stop_}), with_second_(second, End{stop_}) {}
  EitherStop(const EitherStop&) = delete;
  EitherStop& operator=(const EitherStop&) = delete;
  ~EitherStop() = default;

  [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }

 private:
  struct End {
    std::stop_source& stop;
    void operator()() const { stop.request_stop(); }
  };
  std::stop_source stop_;
  const std::stop_callback<End> with_first_, with_second_;
};

}  // namespace sceau::gate
