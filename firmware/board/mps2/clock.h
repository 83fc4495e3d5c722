// Time from the core's SysTick, and what must happen while a command takes long: a time extension twenty
// times a second, as a CCID reader passes on (USB CCID 1.1, 6.2.6, "time extension is requested").
#pragma once

#include <cstdint>

namespace sceau::firmware::mps2::clock {

// Who is told of every tick, in the interrupt.
class TickListener {
 public:
  virtual void on_tick() = 0;

 protected:
  ~TickListener() = default;
};

void start();
// Borrows it.
void listen(TickListener& listener);
std::uint64_t milliseconds();  // since start()
// While busy, the bridge is rung for more time.
void set_busy(bool busy);
bool busy();
// For the interrupt vector.
void on_tick();

}  // namespace sceau::firmware::mps2::clock
