#include "board/host/latency.h"

#include <poll.h>

namespace sceau::firmware::host {

Status SlowTransport::answer(ByteView response) {
  pollfd stopped{stop_.descriptor(), POLLIN, 0};
  if (milliseconds_ > 0) static_cast<void>(::poll(&stopped, 1, milliseconds_));
  return inner_.answer(response);
}

}  // namespace sceau::firmware::host
