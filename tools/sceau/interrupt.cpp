#include "interrupt.h"

namespace sceau::tool {
namespace {

volatile std::sig_atomic_t signal_came = 0;

extern "C" void note_signal(int) { signal_came = 1; }

}  // namespace

Interrupt::Interrupt() {
  signal_came = 0;
  struct sigaction note {};
  note.sa_handler = &note_signal;
  for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &note, &before_[i]);
}

Interrupt::~Interrupt() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &before_[i], nullptr);
}

bool Interrupt::came() { return signal_came != 0; }

}  // namespace sceau::tool
