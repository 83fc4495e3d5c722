// Writes one line for each command APDU: "CLA INS P1 P2 Lc Le SW", Lc and Le decimal or "-". No data, in
// either direction, ever: a trace must be safe to keep, and PINs travel in data.
#pragma once

#include <string>

#include "board/board.h"
#include "board/host/file_operations.h"

namespace sceau::firmware::host {

class TracingTransport final : public Transport {
 public:
  // Borrows `inner`. Appends to `path`; check ready().
  TracingTransport(Transport& inner, const std::string& path);

  bool ready() const { return file_.open(); }
  Received wait(ByteSpan buffer) override;
  Status answer(ByteView response) override;

 private:
  Transport& inner_;
  File file_;
  std::string line_;
};

}  // namespace sceau::firmware::host
