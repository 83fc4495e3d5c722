// The card management key (9B) and its authentication (SP 800-73-5 part 2, 3.2.4 and appendix A.1).
//
// Invariants: a challenge or witness is 16 fresh random bytes, answered once at most: any GENERAL
// AUTHENTICATE, right or wrong, uses it up, and SELECT and reset drop it. An answer is looked at only when
// one of its own kind was asked for. The key never encrypts what an unauthenticated host chooses.
#pragma once

#include "board/board.h"
#include "crypto/aes.h"
#include "piv/objects.h"
#include "store/store.h"

namespace sceau::firmware::piv {

inline constexpr std::size_t kMaxManagementKey = 32;

struct ManagementKey {
  std::uint8_t algorithm = kAes192;
  TouchPolicy touch_policy = TouchPolicy::kNever;
  bool is_default = false;
  SecretArray<kMaxManagementKey> bytes;

  ByteView view() const;
};

// Bytes of a key of this algorithm; 0: not a management-key algorithm.
std::size_t management_key_size(std::uint8_t algorithm);

class Management {
 public:
  Management(Board& board, Store& store) : board_(board), store_(store) {}

  Result<ManagementKey> key();
  // kInvalid: algorithm or size. kFull, kHardware.
  Status replace(std::uint8_t algorithm, ByteView key, TouchPolicy touch_policy);
  // The record of the default key, for the transactions that make a fresh card.
  using Bytes = SecretArray<3 + kMaxManagementKey>;
  static Bytes default_record();

  // Mutual: the witness, encrypted; then the host's decryption of it and its own challenge.
  Result<AesBlock> begin_mutual();
  // kInvalid: nothing was begun, sizes, or the witness is wrong.
  Result<AesBlock> finish_mutual(ByteView witness, ByteView challenge);
  // Single: a challenge, then its encryption.
  Result<AesBlock> begin_single();
  Status finish_single(ByteView response);

  bool authenticated() const { return authenticated_; }
  // A challenge under way is void; log-in stays.
  void drop_challenge();
  void log_out();

 private:
  enum class Asked : std::uint8_t { kNothing, kWitness, kResponse };

  Result<AesBlock> ask(Asked what);
  bool answered(Asked what, ByteView answer, const AesBlock& right);

  Board& board_;
  Store& store_;
  Asked asked_ = Asked::kNothing;
  AesBlock plain_;
  bool authenticated_ = false;
};

}  // namespace sceau::firmware::piv
