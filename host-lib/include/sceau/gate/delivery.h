// Rows on their way to the requester: read from the encrypted spool, counted and digested as they are sent.
//
// Use: next() gives a piece; when the piece has been handed to the network, sent() says how much of it was;
// after the last piece, complete(). Whatever happens otherwise (interrupt(), or destruction) ends in an
// `interrupted` result with exactly what sent() was told.
#pragma once

#include <cstdint>
#include <memory>

#include "sceau/base/bytes.h"
#include "sceau/base/digest.h"

namespace sceau::gate {

class Delivery {
 public:
  Delivery() = default;
  virtual ~Delivery() = default;
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;

  // What will be sent in all.
  [[nodiscard]] virtual std::int64_t bytes() const = 0;
  [[nodiscard]] virtual std::int64_t rows() const = 0;

  // The next piece, at most 256 KiB; empty at the end. unavailable or corrupt when the spool cannot be read.
  // Pieces are read in order by one thread at a time.
  virtual Result<Bytes> next() = 0;
  // These bytes, the ones that follow all earlier ones, have left.
  virtual void sent(ByteView bytes) = 0;
  // Everything was sent: writes the `delivered` result, durable when this returns. refused when bytes are
  // missing; unavailable when the ledger cannot be written (the gate writes the result as soon as it can).
  virtual Status complete() = 0;
  // Nothing more will be sent. `reason`: one line for the result.
  virtual void interrupt(const std::string& reason) = 0;
};

}  // namespace sceau::gate
