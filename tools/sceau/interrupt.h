// Ctrl-C while rows come: the transfer ends in good order, so that FILE.part goes away and the person is
// told.
#pragma once

#include <array>
#include <csignal>

namespace sceau::tool {

// While it lives, SIGINT, SIGTERM and SIGHUP are noted instead of ending the process. One at a time.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  [[nodiscard]] static bool came();

 private:
  static constexpr std::array kSignals{SIGINT, SIGTERM, SIGHUP};
  std::array<struct sigaction, kSignals.size()> before_{};
};

}  // namespace sceau::tool
