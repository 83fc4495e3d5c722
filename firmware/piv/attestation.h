// Attestation: the device's own key (F9), its certificate from the maker, and the certificates by which it
// vouches that a key was generated inside. Extensions are Yubico's, under 1.3.6.1.4.1.41482.3.
#pragma once

#include "board/board.h"
#include "crypto/certificate.h"
#include "crypto/key_engine.h"
#include "piv/keys.h"

namespace sceau::firmware::piv {

class Attestation {
 public:
  Attestation(Board& board, Store& store, KeyEngine& engine)
      : board_(board), store_(store), engine_(engine) {}

  // Makes key and certificate when there are none yet, in one transaction. kNotFound: there are none and the
  // board has no maker. kFull, kHardware.
  Status ensure();

  // Appends the DER certificate for a key generated in `slot`. kNotFound: no attestation key; kTooLong,
  // kHardware.
  Status attest(std::uint8_t slot, const Key& key, Writer& out);

 private:
  Board& board_;
  Store& store_;
  KeyEngine& engine_;
};

}  // namespace sceau::firmware::piv
