// Runs a script of commands on the whole token and tells what each cost: instructions, stack, mbedTLS's
// memory.
//
// Run with -icount shift=0, where an instruction takes a nanosecond of the machine's time. The script lies at
// kScriptOffset in the PSRAM: records of kind u16, size u16 and `size` bytes, padded to 4; kind 0 ends it.
#include <addresses.h>

#include "board/mps2/clock.h"
#include "board/mps2/crypto_memory.h"
#include "board/mps2/doorbell.h"
#include "board/mps2/place.h"
#include "board/mps2/registers.h"
#include "board/mps2/stack.h"
#include "board/mps2/usb_port.h"
#include "fixed_board.h"
#include "semihosting.h"
#include "token.h"

extern "C" {
extern std::uint32_t link_stack_top;  // from the linker script
}

namespace {

using namespace sceau::firmware;        // NOLINT(google-build-using-namespace): the program's one file
using namespace sceau::firmware::test;  // NOLINT(google-build-using-namespace)

constexpr std::size_t kScriptOffset = 0x200000;
enum class Kind : std::uint16_t {
  kEnd = 0,
  kCommand = 1,       // a command APDU
  kAuthenticate = 2,  // with the management key of a fresh card
  kSign = 3,          // no command: one P-256 signature by the key engine alone
  kOverPort = 4,      // from now on commands come over the USB port, and no instructions are counted
  kMessage = 5,       // a message of CTAP2, over the USB port as CTAPHID
  kInterrupts = 6,    // no command: the stack that the port's interrupts take on top of what they interrupt
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

// The host of the USB port; it says what it wants in the mailbox, as the bridge does.
class PortHost final : public mps2::clock::TickListener {
 public:
  explicit PortHost(Token& token) : board_(mps2::kSharedMemory), port_(board_, token) {}

  // Configures the device, and gives the card power.
  void start() {
    mps2::doorbell::start();
    port_.start();
    count_quietly();
    control({0x00, 9, 1, 0, 0, 0, 0, 0});
    constexpr std::uint8_t kPowerOn[] = {0x62, 0, 0, 0, 0, 0, 1, 0, 0, 0};
    give(usb::kEndpointCcid, kPowerOn);
    port_.work();
    static_cast<void>(take(usb::kEndpointCcid));
  }

  // The size of the answer.
  std::size_t exchange(ByteView command, ByteSpan answer) {
    constexpr std::size_t kHeader = usb::CcidFunction::kHeader;
    std::uint8_t* const message = transfer().data.data();
    const std::uint8_t header[kHeader] = {0x6F};
    copy(header, {message, kHeader});
    store_le32(message + 1, static_cast<std::uint32_t>(command.size()));
    copy(command, {message + kHeader, command.size()});
    give(usb::kEndpointCcid, {message, kHeader + command.size()});
    port_.work();
    const ByteView whole = take(usb::kEndpointCcid);
    copy(whole.subspan(kHeader), answer);
    return whole.size() - kHeader;
  }

  // One message of this command of CTAPHID, its answer left to be read. The channel is the first.
  void send(std::uint8_t command, ByteView message) {
    if (!open_) report({0xFF, 0xFF, 0xFF, 0xFF, 0x86, 0, 8}, {});
    if (!open_) static_cast<void>(take(usb::kEndpointHid));
    open_ = true;
    std::size_t at = message.size() < 57 ? message.size() : 57;
    report({0, 0, 0, 1, command, static_cast<std::uint8_t>(message.size() >> 8),
            static_cast<std::uint8_t>(message.size())},
           message.first(at));
    for (std::uint8_t sequence = 0; at < message.size(); ++sequence) {
      const std::size_t size = message.size() - at < 59 ? message.size() - at : 59;
      report({0, 0, 0, 1, sequence}, message.subspan(at, size));
      at += size;
    }
  }
  // The status of the answer, which is read to its end.
  std::uint8_t status() {
    const ByteView first = take(usb::kEndpointHid);
    const std::uint8_t status = first[7];
    while (!take(usb::kEndpointHid).empty()) {
    }
    return status;
  }

  // Bytes.
  std::size_t interrupts() {
    send(0x81, std::array<std::uint8_t, 1000>{});
    mps2::clock::set_busy(true);
    std::uintptr_t here = 0;
    asm volatile("mov %0, sp" : "=r"(here));
    mps2::stack::paint();
    mps2::clock::listen(*this);
    mps2::clock::start();
    while (ticks_ < kTicks) mps2::wait_for_interrupt();
    count_quietly();
    mps2::clock::listen(port_);
    mps2::clock::set_busy(false);
    open_ = false;
    return mps2::stack::used() - (reinterpret_cast<std::uintptr_t>(&link_stack_top) - here);
  }

  // Every kind of transfer, first while an answer is being read and then when it was, a new message waiting
  // each time.
  void on_tick() override {
    constexpr std::uint8_t kMessage[] = {0x65, 0, 0, 0, 0, 0, 1, 0, 0, 0};
    constexpr std::uint8_t kOthers[usb::kPacket] = {0xFF, 0xFF, 0xFF, 0xFF, 0x86, 0, 8};
    give(usb::kEndpointCcid, kMessage);
    give(usb::kEndpointHid, kOthers);
    port_.on_tick();
    for (std::uint8_t kind = 1; kind <= 3; ++kind) control({0x80, 6, kind, kind, 0, 0, 255, 0});
    control({0x81, 6, 0, 0x22, 1, 0, 255, 0});
    control({0x21, 9, 0, 2, 1, 0, usb::kPacket, 0});
    static_cast<void>(take(usb::kEndpointCcid));
    for (int i = 0; i < 9; ++i) static_cast<void>(take(usb::kEndpointHid));
    if (++ticks_ == kTicks) move(mps2::TransferKind::kBusReset, 0, 0);
  }

 private:
  static constexpr int kTicks = 4;

  mps2::UsbTransfer& transfer() { return board_.mailbox().transfer; }
  void move(mps2::TransferKind kind, std::uint8_t endpoint, std::size_t size) {
    transfer().kind = kind;
    transfer().endpoint = endpoint;
    transfer().size = static_cast<std::uint32_t>(size);
    port_.on_transfer();
  }
  void control(const std::array<std::uint8_t, usb::kSetup>& setup) {
    transfer().setup = setup;
    move(mps2::TransferKind::kControl, 0, setup[6]);
  }
  void give(std::uint8_t endpoint, ByteView data) {
    copy(data, transfer().data);
    move(mps2::TransferKind::kOut, endpoint, data.size());
  }
  ByteView take(std::uint8_t endpoint) {
    move(mps2::TransferKind::kIn, endpoint, transfer().data.size());
    return ByteView(transfer().data).first(transfer().size);
  }
  void report(std::initializer_list<std::uint8_t> head, ByteView data) {
    fido::Report report{};
    copy({head.begin(), head.size()}, report);
    copy(data, ByteSpan(report).subspan(head.size()));
    give(usb::kEndpointHid, report);
    port_.work();
  }
  // Time goes on, and interrupts nothing.
  static void count_quietly() {
    mps2::clock::start();
    mps2::word_at(0xE000E010) = 1 | 4;
  }

  mps2::MailboxBoard board_;
  mps2::UsbPort port_;
  int ticks_ = 0;
  bool open_ = false;
};

class Measurement {
 public:
  Measurement(FixedBoard& board, Token& token, PortHost& host) : board_(board), token_(token), host_(host) {}

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
      case Kind::kOverPort:
        over_port_ = true;
        host_.start();
        break;
      case Kind::kMessage:
        host_.send(0x90, data);
        answer_[0] = host_.status() == 0 ? 0x90 : 0x6F;
        answer_[1] = 0;
        size_ = 2;
        tell("command");
        break;
      case Kind::kInterrupts:
        tell("interrupts", host_.interrupts());
        break;
      default:
        sign();
        tell("sign");
    }
  }

 private:
  // Wraps at 2^24 cycles: long commands are measured for their stack alone.
  void exchange(ByteView command) {
    if (over_port_) {
      size_ = host_.exchange(command, answer_);
      return;
    }
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

  void tell(const char* what) { tell(what, mps2::stack::used()); }
  void tell(const char* what, std::size_t stack) {
    semihosting::print(what);
    for (const std::uint32_t number :
         {instructions_, std::uint32_t{load_be16(answer_.data() + size_ - 2)}, std::uint32_t(size_ - 2),
          std::uint32_t(stack), std::uint32_t(mps2::crypto_memory::used())}) {
      semihosting::print(" ");
      semihosting::print(number);
    }
    semihosting::print("\n");
  }

  FixedBoard& board_;
  Token& token_;
  PortHost& host_;
  bool over_port_ = false;
  std::array<std::uint8_t, Token::kMaxAnswer> answer_{};
  std::size_t size_ = 2;
  std::uint32_t instructions_ = 0;
};

mps2::Place<FixedBoard> board_place;
mps2::Place<Token> token_place;
mps2::Place<PortHost> host_place;
mps2::Place<Measurement> measurement_place;

}  // namespace

int main() {
  mps2::crypto_memory::start();
  FixedBoard& board = board_place.make(mps2::kSharedMemory);
  board.erase();
  Token& token = token_place.make(board, TokenOptions{});
  if (token.start() != Status::kOk) semihosting::exit(false);
  Measurement& measurement = measurement_place.make(board, token, host_place.make(token));
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
