// Where FIDO2 keys are that are not in readers: on USB, and on the sockets that SCEAU_FIDO2 names (paths with
// ':' between them; not in programs that run with more rights than who called them).
//
// Looking at USB opens each such device, as libfido2 does to read what it is, and the kernel lets each
// opening take 50 ms (usbhid). Who asks often keeps a FidoPlaces.
#pragma once

#include <string>
#include <vector>

#include "sceau/token/fido_watch.h"

namespace sceau::token {

struct FidoPlace {
  std::string path;
  std::string name;  // as a person knows it
};

// Those that are there now. Speaks to none of them.
std::vector<FidoPlace> fido_places();

// The same, without opening what has not changed since it was asked last. Not for use by two threads at once.
class FidoPlaces {
 public:
  std::vector<FidoPlace> now();

 private:
  FidoWatch watch_;
  bool looked_ = false;
  std::vector<FidoPlace> usb_;
};

}  // namespace sceau::token
