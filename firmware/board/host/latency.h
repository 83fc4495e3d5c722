// A card that takes its time: every answer waits, as behind a slow chip or a long wire. For measurements of
// what a host does meanwhile.
#pragma once

#include "board/board.h"
#include "board/host/stop.h"

namespace sceau::firmware::host {

class SlowTransport final : public Transport {
 public:
  // Borrows both. Each answer goes out `milliseconds` after it was made; at once when a stop is asked for.
  SlowTransport(Transport& inner, int milliseconds, const Stop& stop)
      : inner_(inner), milliseconds_(milliseconds), stop_(stop) {}

  Received wait(ByteSpan buffer) override { return inner_.wait(buffer); }
  Status answer(ByteView response) override;

 private:
  Transport& inner_;
  int milliseconds_;
  const Stop& stop_;
};

}  // namespace sceau::firmware::host
