// A custodian's master in shares, each sealed to one holder in the form of share_form.h. Splitting: Shamir
// over GF(256); share i is the polynomial at i.
#pragma once

#include "clearsign/share_form.h"

namespace sceau::firmware::clearsign {

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
  std::array<PackedMaster, kMaxHolders> rows_;
};

}  // namespace sceau::firmware::clearsign
