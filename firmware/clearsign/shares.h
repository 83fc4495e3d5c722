// A custodian's master in shares, each sealed to one holder: the same form as the host's escrow of PUK and
// management key (host-lib/include/sceau/token/escrow.h), so that what opens and joins those opens and joins
// these.
//
// Split is 20 | master | 00 | check (16 bytes), where check is the start of SHA-256 over what seals every
// share (its head and recipient left empty) and the bytes before it. Splitting: Shamir over GF(256) with the
// polynomial 11D, as libgfshare; share i is the polynomial at i. There is no such code in mbedTLS; this one
// multiplies without tables and without branches, so that time tells nothing of the master.
// Sealed: version (1) | threshold | count | index | ephemeral point (65) | ciphertext | tag (16).
#pragma once

#include "clearsign/custodian.h"
#include "crypto/key_engine.h"

namespace sceau::firmware::clearsign {

inline constexpr std::size_t kPackedMaster = 1 + kMasterSize + 1 + 16;
inline constexpr std::size_t kSealedShare = 4 + kHolderPoint + kPackedMaster + 16;

// What every share is bound to: the token's serial number, and "custodian" and the key's slot for a holder.
struct ShareContext {
  std::uint32_t serial = 0;
  std::uint8_t slot = 0;
};

class MasterShares {
 public:
  // Borrows the board for its random source, and the engine.
  MasterShares(Board& board, KeyEngine& engine) : board_(board), engine_(engine) {}

  // Draws the polynomials. kHardware.
  Status split(const Master& master, std::uint8_t threshold, const ShareContext& context);
  // Appends share `index`, from 1 to the number of holders, sealed. kInvalid: the holder's point; kHardware.
  Status seal_one(const Custodian& custodian, std::uint8_t index, Writer& out);

 private:
  void evaluate(std::uint8_t at, ByteSpan into) const;

  Board& board_;
  KeyEngine& engine_;
  ShareContext context_;
  std::uint8_t threshold_ = 0;
  // One row a power of the unknown: the secret itself, then random ones.
  std::array<SecretArray<kPackedMaster>, kMaxHolders> rows_;
};

}  // namespace sceau::firmware::clearsign
