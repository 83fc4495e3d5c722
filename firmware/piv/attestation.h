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

  // The same for a key of another application: what its certificate says of it.
  struct Claim {
    std::uint8_t slot = 0;
    PublicKey key;
    std::uint8_t pin_policy = 0;
    std::uint8_t touch_policy = 0;
    CertificateExtension more;  // one extension of that application's own; none where it has no value
  };
  Status attest(const Claim& claim, Writer& out);

  // Signs a message that cannot be taken for a certificate: ECDSA over its SHA-256, with the device's key.
  // kNotFound, kHardware.
  Result<KeyOutput> sign(ByteView message);

 private:
  Board& board_;
  Store& store_;
  KeyEngine& engine_;
};

}  // namespace sceau::firmware::piv
