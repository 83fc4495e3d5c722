// Runs an operation on pairs of secrets between probe_begin() and probe_end(), where QEMU's plugin
// (addresses.cpp) takes a hash of every address executed and every address of memory touched. kOperation, a
// word at the script's place in the PSRAM, chooses the operation. Between the two of a pair everything else
// is the same: flash, random bytes, input.
#include <addresses.h>

#include "board/mps2/crypto_memory.h"
#include "board/mps2/place.h"
#include "board/mps2/registers.h"
#include "crypto/elliptic.h"
#include "crypto/numbers.h"
#include "fixed_board.h"
#include "piv/management.h"
#include "piv/pin.h"
#include "semihosting.h"

extern "C" {
[[gnu::noinline]] void probe_begin() { asm volatile("" ::: "memory"); }
[[gnu::noinline]] void probe_end() { asm volatile("nop" ::: "memory"); }
}

namespace {

using namespace sceau::firmware;        // NOLINT(google-build-using-namespace): the program's one file
using namespace sceau::firmware::test;  // NOLINT(google-build-using-namespace)

constexpr std::size_t kScriptOffset = 0x200000;
constexpr unsigned kPairs = 64;
enum class Operation : std::uint32_t { kPin = 1, kManagement = 2, kLeaky = 3, kSign = 4, kSignLeaky = 5 };

mps2::Place<FixedBoard> board_place;

// Both wrong: in the first byte, in the last one, or in some byte between; `pair` chooses the rest.
std::array<std::uint8_t, 8> wrong_pin(unsigned pair, bool second) {
  std::array<std::uint8_t, 8> pin{'1', '2', '3', '4', '5', '6', '7', '8'};
  const unsigned place = second ? 7 - pair % 4 : pair % 4;
  pin[place] = static_cast<std::uint8_t>('a' + pair % 26);
  return pin;
}

// Nothing that an earlier run has left, mbedTLS's memory included.
FixedBoard& fresh_board() {
  mps2::crypto_memory::start();
  FixedBoard& board = board_place.make(mps2::kSharedMemory);
  board.erase();
  return board;
}

// A fresh card each time, and a wrong PIN: counted, hashed and compared.
void verify_pin(unsigned pair, bool second) {
  FixedBoard& board = fresh_board();
  board.reseed(static_cast<std::uint8_t>(pair + 1));
  Store store(board);
  static_cast<void>(store.mount());
  piv::PinVault vault(board, store);
  static_cast<void>(vault.restore_defaults(3, 3, {}));
  const std::array<std::uint8_t, 8> pin = wrong_pin(pair, second);
  probe_begin();
  static_cast<void>(vault.verify(piv::Reference::kPin, pin));
  probe_end();
}

// A wrong answer to one and the same challenge, wrong in another byte.
void answer_challenge(unsigned pair, bool second) {
  FixedBoard& board = fresh_board();
  board.reseed(static_cast<std::uint8_t>(pair + 1));
  Store store(board);
  static_cast<void>(store.mount());
  piv::Management management(board, store);
  std::array<std::uint8_t, 24> key{};
  key.fill(static_cast<std::uint8_t>(pair));
  static_cast<void>(management.replace(piv::kAes192, key, piv::TouchPolicy::kNever));
  const Result<piv::Block> challenge = management.begin_single(piv::kAes192);
  Result<AesBlock> response = aes_encrypt_block(key, challenge.value().bytes);
  response.value()[second ? 15 - pair % 8 : pair % 8] ^= static_cast<std::uint8_t>(1 + pair);
  probe_begin();
  static_cast<void>(management.finish_single(piv::kAes192, response.value()));
  probe_end();
}

// What must be found: a comparison that stops at the first difference.
[[gnu::noinline]] bool equal_and_leaky(ByteView a, ByteView b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

void compare_leakily(unsigned pair, bool second) {
  constexpr std::array<std::uint8_t, 8> kRight{'1', '2', '3', '4', '5', '6', '7', '8'};
  const std::array<std::uint8_t, 8> pin = wrong_pin(pair, second);
  probe_begin();
  const bool right = equal_and_leaky(pin, kRight);
  probe_end();
  if (right) semihosting::exit(false);
}

// What must be found, too: a signature that works longer when the topmost bit of its secret that may be set
// is.
[[gnu::noinline]] void sign_leakily(EllipticCurve& curve, ByteView secret, ByteView hash) {
  static_cast<void>(curve.sign(secret, hash));
  if ((secret[0] & 0x40) == 0) return;
  mbedtls_ecp_group group;
  mbedtls_ecp_group_init(&group);
  Number number(secret);
  static_cast<void>(mbedtls_ecp_group_load(&group, MBEDTLS_ECP_DP_SECP256R1));
  static_cast<void>(mbedtls_mpi_inv_mod(&number.value, &number.value, &group.N));
  mbedtls_ecp_group_free(&group);
}

// Instructions of a signature: with one key always, or with another each time. Blinding is fresh in both.
void sign(FixedBoard& board, EllipticCurve& curve, unsigned pair, bool second, bool leaky) {
  board.reseed(static_cast<std::uint8_t>(2 * pair + (second ? 1 : 0) + 1));
  std::array<std::uint8_t, 32> secret{};
  static_cast<void>(board.random(secret));  // in both: what the random source does next must be the same
  if (!second) secret.fill(0x33);
  secret[0] &= 0x7F;
  std::array<std::uint8_t, 32> hash{};
  static_cast<void>(board.random(hash));
  mps2::word_at(0xE000E014) = 0xFFFFFF;
  mps2::word_at(0xE000E018) = 0;
  mps2::word_at(0xE000E010) = 1 | 4;
  if (leaky) {
    sign_leakily(curve, secret, hash);
  } else {
    static_cast<void>(curve.sign(secret, hash));
  }
  const std::uint32_t cycles = 0xFFFFFF - mps2::word_at(0xE000E018);
  semihosting::print(second ? "other " : "fixed ");
  semihosting::print(cycles * (1000000 / mps2::kCyclesPerMillisecond));
  semihosting::print("\n");
}

void sign_pairs(bool leaky) {
  FixedBoard& board = fresh_board();
  EllipticCurve curve(board, KeyType::kP256);
  std::array<std::uint8_t, 32> any{};
  any[31] = 1;
  static_cast<void>(curve.sign(any, any));  // makes the table that later signatures find
  for (unsigned pair = 0; pair < kPairs; ++pair) {
    for (const bool second : {false, true}) sign(board, curve, pair, second, leaky);
  }
}

}  // namespace

int main() {
  const auto operation = static_cast<Operation>(mps2::word_at(mps2::kSharedMemory + kScriptOffset));
  if (operation == Operation::kSign) sign_pairs(false);
  if (operation == Operation::kSignLeaky) sign_pairs(true);
  for (unsigned pair = 0; pair < kPairs; ++pair) {
    for (const bool second : {false, true}) {
      if (operation == Operation::kPin) verify_pin(pair, second);
      if (operation == Operation::kManagement) answer_challenge(pair, second);
      if (operation == Operation::kLeaky) compare_leakily(pair, second);
    }
  }
  semihosting::exit(true);
}
