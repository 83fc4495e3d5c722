// What else a process serves while its reader is silent: so that one thread is enough for all transports.
#pragma once

#include <poll.h>

#include <vector>

namespace sceau::firmware::host {

class Attendant {
 public:
  // What to wait for, appended.
  virtual void add_to(std::vector<pollfd>& waiting) const = 0;
  // Milliseconds after which attend() wants to be called in any case; -1: whenever.
  virtual int patience() const = 0;
  // Does what there is to do, and does not wait.
  virtual void attend() = 0;
  // The token must start anew: whoever waits is to return.
  virtual bool rebooting() const = 0;

 protected:
  ~Attendant() = default;
};

}  // namespace sceau::firmware::host
