// The keys that vouch for credentials: one of the batch, which many devices share so that nobody is known by
// it, and one of the device alone, used where an enterprise was allowed to (CTAP 2.1, 7.1). Both certificates
// are the maker's, in the form that WebAuthn asks of packed attestation (section 8.2.1).
#pragma once

#include "board/board.h"
#include "crypto/certificate.h"
#include "crypto/key_engine.h"
#include "fido/objects.h"
#include "store/store.h"

namespace sceau::firmware::fido {

class Attestation {
 public:
  static constexpr std::size_t kMaxCertificate = 640;
  enum class Kind : std::uint8_t { kBatch, kDevice };

  Attestation(Board& board, Store& store, KeyEngine& engine)
      : board_(board), store_(store), engine_(engine) {}

  // Makes keys and certificates when there are none yet. kNotFound: there are none and the board has no
  // maker; kFull, kHardware.
  Status ensure();

  // Appends the DER certificate. kNotFound, kTooLong, kCorrupt, kHardware.
  Status certificate(Kind kind, Writer& out);
  Result<std::size_t> certificate_size(Kind kind);
  // ECDSA over a SHA-256 hash. kNotFound, kCorrupt, kHardware.
  Result<KeyOutput> sign(Kind kind, const Hash& hash);

 private:
  Status make(Kind kind);

  Board& board_;
  Store& store_;
  KeyEngine& engine_;
};

}  // namespace sceau::firmware::fido
