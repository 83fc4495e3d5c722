// Runs a script of commands on the whole token and tells what each cost: instructions, stack, mbedTLS's
// memory.
//
// Run with -icount shift=0, where an instruction takes a nanosecond of the machine's time. The script lies at
// kScriptOffset in the PSRAM: records of kind u16, size u16 and `size` bytes, padded to 4; kind 0 ends it.
#include <addresses.h>

#include "board/mps2/crypto_memory.h"
#include "board/mps2/place.h"
#include "board/mps2/registers.h"
#include "board/mps2/stack.h"
#include "fixed_board.h"
#include "semihosting.h"
#include "token.h"

namespace {

using namespace sceau::firmware;        // NOLINT(google-build-using-namespace): the program's one file
using namespace sceau::firmware::test;  // NOLINT(google-build-using-namespace)

constexpr std::size_t kScriptOffset = 0x200000;
enum class Kind : std::uint16_t {
  kEnd = 0,
  kCommand = 1,       // a command APDU
  kAuthenticate = 2,  // with the management key of a fresh card
  kSign = 3,          // no command: one P-256 signature by the key engine alone
};

// SysTick counts down from 2^24 - 1, in the core's cycles, and never interrupts.
class Stopwatch {
 public:
  Stopwatch() {
    mps2::word_at(0xE000E014) = 0xFFFFFF;
    mps2::word_at(0xE000E018) = 0;
    mps2::word_at(0xE000E010) = 1 | 4;
  }
  std::uint32_t instructions() const {
    constexpr std::uint32_t kInstructionsPerCycle = 1000000 / mps2::kCyclesPerMillisecond;
    return (0xFFFFFF - mps2::word_at(0xE000E018)) * kInstructionsPerCycle;
  }
};

class Measurement {
 public:
  Measurement(FixedBoard& board, Token& token) : board_(board), token_(token) {}

  void run(Kind kind, ByteView data) {
    switch (kind) {
      case Kind::kCommand:
        exchange(data);
        tell("command");
        break;
      case Kind::kAuthenticate:
        authenticate();
        tell("authenticate");
        break;
      default:
        sign();
        tell("sign");
    }
  }

 private:
  // Wraps at 2^24 cycles: long commands are measured for their stack alone.
  void exchange(ByteView command) {
    const Stopwatch stopwatch;
    size_ = token_.exchange(command, answer_);
    instructions_ = stopwatch.instructions();
  }

  void authenticate() {
    constexpr std::uint8_t kKey[] = {1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8};
    constexpr std::uint8_t kAsk[] = {0x00, 0x87, 0x0A, 0x9B, 0x04, 0x7C, 0x02, 0x81, 0x00, 0x00};
    exchange(kAsk);
    if (size_ != 22) return;
    AesBlock block;
    copy(ByteView(answer_).subspan(4, kAesBlock), block);
    const Result<AesBlock> response = aes_encrypt_block(kKey, block);
    std::array<std::uint8_t, 26> reply{0x00, 0x87, 0x0A, 0x9B, 0x14, 0x7C, 0x12, 0x82, 0x10};
    copy(response.value(), ByteSpan(reply).subspan(9, kAesBlock));
    exchange(reply);
  }

  void sign() {
    EllipticCurve curve(board_, KeyType::kP256);
    const Result<KeyPair> pair = curve.generate();
    const std::array<std::uint8_t, 32> hash{0x42};
    const Stopwatch stopwatch;
    const Result<KeyOutput> signature = curve.sign(pair.value().secret.view(), hash);
    instructions_ = stopwatch.instructions();
    answer_[0] = signature.ok() ? 0x90 : 0x6F;
    answer_[1] = 0;
    size_ = 2;
  }

  void tell(const char* what) {
    semihosting::print(what);
    for (const std::uint32_t number :
         {instructions_, std::uint32_t{load_be16(answer_.data() + size_ - 2)}, std::uint32_t(size_ - 2),
          std::uint32_t(mps2::stack::used()), std::uint32_t(mps2::crypto_memory::used())}) {
      semihosting::print(" ");
      semihosting::print(number);
    }
    semihosting::print("\n");
  }

  FixedBoard& board_;
  Token& token_;
  std::array<std::uint8_t, Token::kMaxAnswer> answer_{};
  std::size_t size_ = 2;
  std::uint32_t instructions_ = 0;
};

mps2::Place<FixedBoard> board_place;
mps2::Place<Token> token_place;
mps2::Place<Measurement> measurement_place;

}  // namespace

int main() {
  mps2::crypto_memory::start();
  FixedBoard& board = board_place.make(mps2::kSharedMemory);
  board.erase();
  Token& token = token_place.make(board, TokenOptions{});
  if (token.start() != Status::kOk) semihosting::exit(false);
  Measurement& measurement = measurement_place.make(board, token);
  const auto* at = reinterpret_cast<const std::uint8_t*>(mps2::kSharedMemory + kScriptOffset);
  for (;;) {
    const auto kind = static_cast<Kind>(load_le16(at));
    const std::size_t size = load_le16(at + 2);
    if (kind == Kind::kEnd) break;
    measurement.run(kind, {at + 4, size});
    at += 4 + (size + 3) / 4 * 4;
  }
  semihosting::exit(true);
}
