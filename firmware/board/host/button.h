// The simulator's button: always pressed, never pressed, a question at the terminal, or a Unix socket.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "board/board.h"
#include "board/host/stop.h"

namespace sceau::firmware::host {

class Button {
 public:
  virtual ~Button() = default;
  // Waits at most `milliseconds`; `lines` is what the display shows. `meanwhile` is called all the while, and
  // ends the wait when it wants no more.
  virtual Touch wait(std::uint32_t milliseconds, const std::vector<std::string>& lines,
                     Meanwhile& meanwhile) = 0;
};

// `mode`: "auto", "deny", "ask" or the path of a Unix socket to listen on. There each client is told what the
// display shows, a line each, then "touch?"; its next byte 't' touches, 'd' denies. Null: `error` says why.
std::unique_ptr<Button> make_button(const std::string& mode, const Stop& stop, std::string& error);

}  // namespace sceau::firmware::host
