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

// A block of the algorithm in use: 16 bytes, 8 for triple DES.
struct Block {
  AesBlock bytes;
  std::size_t size = 0;
  ByteView view() const { return ByteView(bytes).first(size); }
};

struct ManagementKey {
  std::uint8_t algorithm = kAes192;
  TouchPolicy touch_policy = TouchPolicy::kNever;
  bool is_default = false;
  SecretArray<kMaxManagementKey> bytes;

  ByteView view() const;
};

// Bytes of a key of this algorithm; 0: not a management-key algorithm.
std::size_t management_key_size(std::uint8_t algorithm);

// Whether this key authenticates with this algorithm.
bool serves(const ManagementKey& key, std::uint8_t algorithm);

class Management {
 public:
  Management(Board& board, Store& store) : board_(board), store_(store) {}

  Result<ManagementKey> key();
  // kInvalid: algorithm or size. kFull, kHardware.
  Status replace(std::uint8_t algorithm, ByteView key, TouchPolicy touch_policy);
  // The record of the default key, for the transactions that make a fresh card.
  using Bytes = SecretArray<3 + kMaxManagementKey>;
  static Bytes default_record();

  // In all of these `algorithm` is one that serves(key(), …); what a question was asked with, its answer must
  // come with, too. Mutual: the witness, encrypted; then the host's decryption of it and its own challenge.
  Result<Block> begin_mutual(std::uint8_t algorithm);
  // kInvalid: nothing was begun, sizes, or the witness is wrong.
  Result<Block> finish_mutual(std::uint8_t algorithm, ByteView witness, ByteView challenge);
  // Single: a challenge, then its encryption.
  Result<Block> begin_single(std::uint8_t algorithm);
  Status finish_single(std::uint8_t algorithm, ByteView response);

  bool authenticated() const { return authenticated_; }
  // A challenge under way is void; log-in stays.
  void drop_challenge();
  void log_out();

 private:
  enum class Asked : std::uint8_t { kNothing, kWitness, kResponse };

  Result<Block> encrypt(std::uint8_t algorithm, ByteView block);
  Result<Block> ask(Asked what, std::uint8_t algorithm);
  // Uses the question up; whether it was this one.
  bool take_question(Asked what, std::uint8_t algorithm);

  Board& board_;
  Store& store_;
  Asked asked_ = Asked::kNothing;
  std::uint8_t asked_with_ = 0;
  Block plain_;
  bool authenticated_ = false;
};

}  // namespace sceau::firmware::piv
