#include "board/host/stop.h"

#include <poll.h>
#include <sys/signalfd.h>

#include <csignal>

namespace sceau::firmware::host {

Stop::Stop() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGINT);
  if (::sigprocmask(SIG_BLOCK, &signals, nullptr) != 0) return;
  file_ = File(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
}

bool Stop::requested() const {
  pollfd waiting{file_.get(), POLLIN, 0};
  return ::poll(&waiting, 1, 0) == 1;
}

}  // namespace sceau::firmware::host
