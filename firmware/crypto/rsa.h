// RSA with moduli of 2048 and 3072 bits (RFC 8017), through mbedTLS's direct API: the bare operation with the
// secret key (5.1.2, 5.2.1); padding is the host's, as PIV has it (SP 800-73-5 part 2, 3.2.4).
//
// Invariants: a key is kept and used only when its parts belong together; the operation blinds message and
// exponents with the board's random source, and its result is checked with the public key before it is given
// away, so that a fault during the computation reveals nothing. Each fails with kHardware when the random
// source does.
#pragma once

#include "board/board.h"
#include "crypto/key_pair.h"

namespace sceau::firmware {

struct RsaParts {  // the first zeros of each may be left out
  ByteView p, q, dp, dq, qinv;
};

class Rsa {
 public:
  explicit Rsa(Board& board) : board_(board) {}

  // Takes long: the primes are sought at random (FIPS 186-4, B.3.3).
  Result<KeyPair> generate(KeyType type);
  // kInvalid: a part of another size, p or q not prime or too close to each other (FIPS 186-4, B.3.3 5.4), a
  // modulus shorter than the type says, or exponents and coefficient that are not those of p, q and 65537.
  Result<KeyPair> pair_of(KeyType type, const RsaParts& parts);
  // kInvalid: the block is not of the modulus' size, or not below it.
  Result<KeyOutput> apply(const KeyPair& pair, ByteView block);

  // Whether apply() takes this block.
  static bool takes(const PublicKey& key, ByteView block);

 private:
  Board& board_;
};

}  // namespace sceau::firmware
