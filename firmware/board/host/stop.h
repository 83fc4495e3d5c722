// SIGTERM and SIGINT as something to poll for. Every wait of the simulator also waits for this, and nothing
// else is ever interrupted: a command under way is finished first.
#pragma once

#include "board/host/file_operations.h"

namespace sceau::firmware::host {

class Stop {
 public:
  // Blocks both signals for the process. Check ready().
  Stop();

  bool ready() const { return file_.open(); }
  int descriptor() const { return file_.get(); }  // readable once a signal has come, for ever after
  bool requested() const;

 private:
  File file_;
};

}  // namespace sceau::firmware::host
