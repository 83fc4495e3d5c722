// sceau-token-board: the token's firmware on a board under QEMU, plugged into a virtual reader.
#include <csignal>
#include <memory>

#include "board/bridge/bridged_usb.h"
#include "board/host/latency.h"
#include "board/host/options.h"
#include "board/host/trace.h"
#include "board/host/usbip.h"
#include "board/host/vpcd.h"

namespace {

using namespace sceau::firmware;          // NOLINT(google-build-using-namespace): the program's one file
using namespace sceau::firmware::bridge;  // NOLINT(google-build-using-namespace)
using namespace sceau::firmware::host;    // NOLINT(google-build-using-namespace)

constexpr const char* kHelp =
    R"(sceau-token-board: a Sceau token's firmware on a board under QEMU: a PIV and FIDO
card for any PC/SC program, and a FIDO2 key.

Usage: sceau-token-board --image ELF --flash FILE [--vpcd [HOST:]PORT]
                         [--hid SOCKET] [--hid-udp PORT[:PORT]] [--usbip PORT]
                         [options]

  --image ELF          what the board's processor starts
  --firmware FILE      the signed firmware: written into the board's flash, where
                       its loader (--image) finds it
  --machine NAME       QEMU's name for the board: mps2-an505 (default)
  --flash FILE         the board's memory, in which its flash lies; made when
                       absent (16 MiB), with the device's secret beside it in
                       FILE.fuses
  --patience-ms N      give a token up that is silent for N milliseconds at
                       work (default 30000); it may ask for more time
  --vpcd, --hid, --hid-udp, --usbip, --touch, --display, --trace-apdus,
  --latency-ms, --serial, --short-only, --print-attestation-root, --version
                       as sceau-token has them; --usbip without --hid
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

int serve_reader(const Options& options, BridgedToken& token, Attendant& others, const Stop& stop) {
  Vpcd vpcd(options.vpcd, token.answer_to_reset(), stop);
  vpcd.attend_with(&others);
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
  if (!serve(token, traced ? static_cast<Transport&>(*traced) : slow) || !token.error().empty()) {
    return fail(kProgram, token.error());
  }
  return vpcd.error().empty() ? 0 : fail(kProgram, vpcd.error());
}

// All that wants to be served beside the reader: the board itself, USB/IP, lines of CTAPHID.
class Surroundings final : public Attendant, public Meanwhile {
 public:
  // Null: `error` says why.
  static std::unique_ptr<Surroundings> open(const Options& options, std::string& error) {
    std::vector<std::unique_ptr<HidSocket>> lines;
    if (!options.hid.empty()) lines.push_back(open_hid_socket(options.hid, error));
    if (error.empty() && !options.hid_udp.empty()) lines.push_back(open_hid_udp(options.hid_udp, error));
    std::unique_ptr<UsbIp> usbip;
    if (error.empty() && !options.usbip.empty()) usbip = UsbIp::open(options.usbip, error);
    if (!error.empty()) return nullptr;
    return std::make_unique<Surroundings>(std::move(lines), std::move(usbip));
  }
  Surroundings(std::vector<std::unique_ptr<HidSocket>> lines, std::unique_ptr<UsbIp> usbip)
      : hid_(std::move(lines)), usbip_(std::move(usbip)) {}

  // Serves this token from now on; borrows it.
  void plug(BridgedToken& token, const Machine& machine) {
    token_ = &token;
    descriptor_ = machine.descriptor();
    hid_.plug(std::make_unique<BridgedUsb>(token));
    if (usbip_ != nullptr) usbip_->plug(std::make_unique<BridgedUsb>(token));
    token.attend_with(this);
  }

  void add_to(std::vector<pollfd>& waiting) const override {
    waiting.push_back({descriptor_, POLLIN, 0});
    hid_.add_to(waiting);
    if (usbip_ != nullptr) usbip_->add_to(waiting);
  }
  int patience() const override { return hid_.patience(); }
  void attend() override {
    static_cast<void>(token_->listen());
    static_cast<void>(go_on());
  }
  bool rebooting() const override { return hid_.rebooting() || !token_->error().empty(); }
  bool go_on() override {
    hid_.attend();
    if (usbip_ != nullptr) usbip_->attend();
    return true;
  }

 private:
  BridgedHid hid_;
  std::unique_ptr<UsbIp> usbip_;
  BridgedToken* token_ = nullptr;
  int descriptor_ = -1;
};

// What has no reader, until a stop or a reboot.
int serve_others(Surroundings& others, const BridgedToken& token, const Stop& stop) {
  std::vector<pollfd> waiting;
  while (!others.rebooting()) {
    waiting.assign(1, {stop.descriptor(), POLLIN, 0});
    others.add_to(waiting);
    ::poll(waiting.data(), waiting.size(), others.patience());
    if (waiting[0].revents != 0) return 0;
    others.attend();
  }
  return token.error().empty() ? 0 : fail(kProgram, token.error());
}

// One power-up. `again`: a reboot was asked for.
int run_once(const Options& options, HostBoard& board, SharedMemory& memory, Surroundings& others,
             const Stop& stop, bool& again) {
  again = false;
  if (!BridgedToken::prepare(board, memory, options.short_only)) {
    return fail(kProgram, "cannot seed the board's random bytes: the system gives none");
  }
  Machine machine({options.machine, options.image, options.flash}, stop);
  if (!machine.error().empty()) return fail(kProgram, machine.error());
  BridgedToken token(board, memory, machine, options.patience);
  if (!token.start()) return token.error().empty() ? 0 : fail(kProgram, token.error());
  others.plug(token, machine);
  board.attend_with(&others);
  const int status =
      options.vpcd.empty() ? serve_others(others, token, stop) : serve_reader(options, token, others, stop);
  again = others.rebooting() && !stop.requested();
  board.attend_with(nullptr);
  return status;
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
  if (!options.firmware.empty() && !memory.write_firmware(options.firmware)) {
    return fail(kProgram, "cannot read the firmware '" + options.firmware + "', or it is longer than 8 MiB");
  }
  const std::unique_ptr<Surroundings> others = Surroundings::open(options, error);
  if (others == nullptr) return fail(kProgram, error);
  for (bool again = true; again;) {
    const int status = run_once(options, board, memory, *others, stop, again);
    if (status != 0) return status;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a machine that has ended is told by what it does not answer
  Options options;
  const int status = read_options(kProgram, argc, argv, options);
  return status >= 0 ? status : run(options);
}
