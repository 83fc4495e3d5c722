// sceau-token: the token as a process, plugged into a virtual reader.
#include <memory>
#include <string>

#include "board/host/hid_server.h"
#include "board/host/host_board.h"
#include "board/host/latency.h"
#include "board/host/options.h"
#include "board/host/trace.h"
#include "board/host/usbip.h"
#include "board/host/vpcd.h"
#include "token.h"

namespace {

using namespace sceau::firmware;        // NOLINT(google-build-using-namespace): the program's one file
using namespace sceau::firmware::host;  // NOLINT(google-build-using-namespace)

constexpr const char* kHelp =
    R"(sceau-token: a simulated Sceau token: a PIV and FIDO card for any PC/SC program, and
a FIDO2 key.

Usage: sceau-token --flash FILE [--vpcd [HOST:]PORT] [--hid SOCKET]
                   [--hid-udp PORT[:PORT]] [--usbip PORT] [options]

  --flash FILE         the token's memory; made when absent (256 KiB), with its
                       secret beside it in FILE.fuses
  --vpcd [HOST:]PORT   connect to the virtual reader that vpcd opens in pcscd
                       (127.x.x.x only); waits up to 30 s for it to come up
  --hid SOCKET         listen on a Unix socket for reports of CTAPHID, 64 bytes
                       each: for libfido2's fido_dev_set_io_functions()
  --hid-udp DEVICE[:HOST]
                       the same in UDP datagrams on 127.0.0.1: received on port
                       DEVICE (8111 is usual), sent to port HOST (7112)
  --usbip PORT         export the whole USB device, a card reader and a FIDO key in
                       one, on 127.0.0.1 (3240 is usual) for 'usbip attach';
                       instead of --vpcd
  --touch MODE         ask: a question at the terminal (default); auto: always
                       touched; deny: never; else the path of a Unix socket to
                       listen on, where 't' touches and 'd' denies
  --display WHERE      stdout, none (default), or a file to append lines to
  --trace-apdus FILE   append a line for each command: CLA INS P1 P2 Lc Le SW
                       (never any data)
  --latency-ms N       wait N milliseconds, 0 (default) to 10000, before each
                       answer, as a slow card would
  --serial N           serial number of a new token, 1 to 2147483647
  --short-only         announce and take short APDUs only
  --print-attestation-root
                       print the certificate (PEM) that the attestations of
                       simulated tokens chain to, and end; for tests only
  --version            print the version and end
  --help               print this and end

SIGTERM ends it, after the command under way. Exit status: 0 ended as asked,
1 failed, 2 wrong options.
)";

constexpr Program kProgram{"sceau-token", kHelp, false};

const char* describe(Status status) {
  switch (status) {
    case Status::kCorrupt:
      return "its contents do not belong to its secret: put the right FILE.fuses back beside it";
    case Status::kFull:
      return "it has no room left: use another flash file";
    case Status::kHardware:
      return "it cannot be read or written: check the disk";
    default:
      return "its contents are not a token's: use another flash file";
  }
}

// All ways to the token beside its reader that were asked for; on failure `error` says why.
std::vector<std::unique_ptr<Service>> open_services(const Options& options, std::string& error) {
  std::vector<std::unique_ptr<HidSocket>> lines;
  if (!options.hid.empty()) lines.push_back(open_hid_socket(options.hid, error));
  if (error.empty() && !options.hid_udp.empty()) lines.push_back(open_hid_udp(options.hid_udp, error));
  std::vector<std::unique_ptr<Service>> services;
  if (error.empty()) services.push_back(std::make_unique<HidServer>(std::move(lines)));
  if (error.empty() && !options.usbip.empty()) services.push_back(UsbIp::open(options.usbip, error));
  return services;
}

// Serves what has no reader, until a stop or a reboot.
void serve_others(Services& services, const Stop& stop) {
  std::vector<pollfd> waiting;
  while (!services.rebooting()) {
    waiting.assign(1, {stop.descriptor(), POLLIN, 0});
    services.add_to(waiting);
    ::poll(waiting.data(), waiting.size(), services.patience());
    if (waiting[0].revents != 0) return;
    services.attend();
  }
}

// One power-up after the other, for a reboot begins a new one. The exit status.
int serve(const Options& options, HostBoard& board, Services& services, Vpcd* vpcd, Transport* transport,
          const Stop& stop) {
  for (;;) {
    const auto token = std::make_unique<Token>(board, TokenOptions{options.short_only});
    const Status status = token->start();
    if (status != Status::kOk)
      return fail(kProgram, "cannot start from flash '" + options.flash + "': " + describe(status));
    services.attach(board, *token);
    if (transport != nullptr) {
      token->serve(*transport);
    } else {
      serve_others(services, stop);
    }
    if (!services.rebooting() || stop.requested()) break;
    if (vpcd != nullptr) vpcd->unplug();
  }
  return vpcd == nullptr || vpcd->error().empty() ? 0 : fail(kProgram, vpcd->error());
}

int serve_reader(const Options& options, HostBoard& board, Services& services, const Stop& stop) {
  Vpcd vpcd(options.vpcd, Token::answer_to_reset(options.short_only), stop);
  if (!vpcd.error().empty()) {
    fail(kProgram, vpcd.error());
    return kExitUsage;
  }
  vpcd.attend_with(&services);
  SlowTransport transport(vpcd, options.latency, stop);
  if (options.trace.empty()) return serve(options, board, services, &vpcd, &transport, stop);
  TracingTransport traced(transport, options.trace);
  if (!traced.ready())
    return fail(kProgram, "cannot write the trace '" + options.trace + "': check its folder");
  return serve(options, board, services, &vpcd, &traced, stop);
}

int run(const Options& options) {
  const Stop stop;
  if (!stop.ready()) return fail(kProgram, "cannot watch for signals: the system refuses a signalfd");
  RealFileOperations operations;
  OpenedFlash opened = open_flash(options.flash, operations);
  if (!opened.error.empty()) return fail(kProgram, opened.error);
  const Fuses fuses = open_fuses(options.flash, options.serial, operations);
  if (!fuses.error.empty()) return fail(kProgram, fuses.error);
  std::string error;
  std::unique_ptr<Button> button = make_button(options.touch, stop, error);
  if (button == nullptr) return fail(kProgram, error);
  Services services(open_services(options, error));
  if (!error.empty()) return fail(kProgram, error);

  HostBoard board(std::make_unique<FlashFile>(std::move(opened.file), std::move(opened.content), operations),
                  fuses, std::move(button), options.display);
  board.attend_with(&services);
  if (!options.vpcd.empty()) return serve_reader(options, board, services, stop);
  return serve(options, board, services, nullptr, nullptr, stop);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  const int status = read_options(kProgram, argc, argv, options);
  return status >= 0 ? status : run(options);
}
