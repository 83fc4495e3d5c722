// sceau-token-board: the token's firmware on a board under QEMU, plugged into a virtual reader.
#include <csignal>
#include <memory>

#include "board/bridge/bridged_token.h"
#include "board/host/latency.h"
#include "board/host/options.h"
#include "board/host/trace.h"
#include "board/host/vpcd.h"

namespace {

using namespace sceau::firmware;          // NOLINT(google-build-using-namespace): the program's one file
using namespace sceau::firmware::bridge;  // NOLINT(google-build-using-namespace)
using namespace sceau::firmware::host;    // NOLINT(google-build-using-namespace)

constexpr const char* kHelp =
    R"(sceau-token-board: a Sceau token's firmware on a board under QEMU, which any
PC/SC program sees as a PIV card.

Usage: sceau-token-board --image ELF --flash FILE --vpcd [HOST:]PORT [options]

  --image ELF          what the board's processor starts
  --firmware FILE      the signed firmware: written into the board's flash, where
                       its loader (--image) finds it
  --machine NAME       QEMU's name for the board: mps2-an505 (default)
  --flash FILE         the board's memory, in which its flash lies; made when
                       absent (16 MiB), with the device's secret beside it in
                       FILE.fuses
  --patience-ms N      give a token up that is silent for N milliseconds at
                       work (default 30000); it may ask for more time
  --vpcd, --touch, --display, --trace-apdus, --latency-ms, --serial,
  --short-only, --print-attestation-root, --version
                       as sceau-token has them
  --help               print this and end

SIGTERM ends it, after the command under way. Exit status: 0 ended as asked,
1 failed, 2 wrong options.
)";
constexpr Program kProgram{"sceau-token-board", kHelp, true};

// Until the reader closes; false: the board has gone.
bool serve(BridgedToken& token, Transport& transport) {
  std::vector<std::uint8_t> buffer(sizeof(mps2::Mailbox::command));
  for (;;) {
    const Transport::Received received = transport.wait(buffer);
    std::optional<std::vector<std::uint8_t>> answer;
    switch (received.event) {
      case Transport::Event::kClosed:
        return true;
      case Transport::Event::kPowerOff:
      case Transport::Event::kPowerOn:
        token.power(received.event == Transport::Event::kPowerOn);
        continue;
      case Transport::Event::kTooLong:
        answer = token.too_long();
        break;
      case Transport::Event::kCommand:
        answer = token.exchange(ByteView(buffer).first(received.size));
        wipe(ByteSpan(buffer).first(received.size));
        break;
    }
    if (!answer) return false;
    static_cast<void>(transport.answer(*answer));  // a reader that went is noticed at the next wait
    wipe(*answer);
  }
}

int serve_reader(const Options& options, BridgedToken& token, const Stop& stop) {
  Vpcd vpcd(options.vpcd, token.answer_to_reset(), stop);
  if (!vpcd.error().empty()) {
    fail(kProgram, vpcd.error());
    return kExitUsage;
  }
  SlowTransport slow(vpcd, options.latency, stop);
  std::unique_ptr<TracingTransport> traced;
  if (!options.trace.empty()) {
    traced = std::make_unique<TracingTransport>(slow, options.trace);
    if (!traced->ready()) {
      return fail(kProgram, "cannot write the trace '" + options.trace + "': check its folder");
    }
  }
  if (!serve(token, traced ? static_cast<Transport&>(*traced) : slow)) return fail(kProgram, token.error());
  return vpcd.error().empty() ? 0 : fail(kProgram, vpcd.error());
}

int run(const Options& options) {
  const Stop stop;
  if (!stop.ready()) return fail(kProgram, "cannot watch for signals: the system refuses a signalfd");
  RealFileOperations operations;
  SharedMemory memory(options.flash);
  if (!memory.error().empty()) return fail(kProgram, memory.error());
  const Fuses fuses = open_fuses(options.flash, options.serial, operations);
  if (!fuses.error.empty()) return fail(kProgram, fuses.error);
  std::string error;
  std::unique_ptr<Button> button = make_button(options.touch, stop, error);
  if (button == nullptr) return fail(kProgram, error);

  HostBoard board(nullptr, fuses, std::move(button), options.display);
  if (!BridgedToken::prepare(board, memory, options.short_only)) {
    return fail(kProgram, "cannot seed the board's random bytes: the system gives none");
  }
  if (!options.firmware.empty() && !memory.write_firmware(options.firmware)) {
    return fail(kProgram, "cannot read the firmware '" + options.firmware + "', or it is longer than 8 MiB");
  }
  Machine machine({options.machine, options.image, options.flash}, stop);
  if (!machine.error().empty()) return fail(kProgram, machine.error());
  BridgedToken token(board, memory, machine, options.patience);
  if (!token.start()) return token.error().empty() ? 0 : fail(kProgram, token.error());
  return serve_reader(options, token, stop);
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a machine that has ended is told by what it does not answer
  Options options;
  const int status = read_options(kProgram, argc, argv, options);
  return status >= 0 ? status : run(options);
}
