// The runs that the configuration lets go at once, to whoever asks first. What has to wait for its workspace
// does that before it asks: waiting takes none of them from others.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <stop_token>

namespace sceau::gate {

class Turns {
 public:
  // One of the runs, given back at its end; it must not outlive the Turns.
  struct GiveBack {
    void operator()(Turns* from) const { from->give_back(); }
  };
  using Turn = std::unique_ptr<Turns, GiveBack>;

  explicit Turns(unsigned runs) : free_(runs) {}
  // Waits until all who came before have theirs and one is free. Null: `stop` came first.
  Turn take(const std::stop_token& stop);

 private:
  void give_back();

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::uint64_t> waiting_;  // by when they came
  std::uint64_t came_ = 0;
  unsigned free_;
};

}  // namespace sceau::gate
