// sceau-token: the token as a process, plugged into a virtual reader.
#include <getopt.h>

#include <charconv>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

#include "board/host/host_board.h"
#include "board/host/latency.h"
#include "board/host/trace.h"
#include "board/host/vpcd.h"
#include "test_attestation_root.h"
#include "token.h"

namespace {

using namespace sceau::firmware;        // NOLINT(google-build-using-namespace): the program's one file
using namespace sceau::firmware::host;  // NOLINT(google-build-using-namespace)

constexpr int kExitUsage = 2;
constexpr int kExitFailure = 1;

constexpr const char* kHelp =
    R"(sceau-token: a simulated Sceau token, which any PC/SC program sees as a PIV card.

Usage: sceau-token --flash FILE --vpcd [HOST:]PORT [options]

  --flash FILE         the token's memory; made when absent (256 KiB), with its
                       secret beside it in FILE.fuses
  --vpcd [HOST:]PORT   connect to the virtual reader that vpcd opens in pcscd
                       (127.x.x.x only); waits up to 30 s for it to come up
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

struct Options {
  std::string flash;
  std::string vpcd;
  std::string touch = "ask";
  std::string display = "none";
  std::string trace;
  std::uint32_t serial = 0;
  int latency = 0;
  bool short_only = false;
};

int fail(const std::string& what) {
  std::fprintf(stderr, "sceau-token: %s\n", what.c_str());
  return kExitFailure;
}

bool read_serial(const char* text, std::uint32_t& serial) {
  const char* end = text + std::strlen(text);
  const auto [stop, failure] = std::from_chars(text, end, serial);
  return failure == std::errc() && stop == end && serial != 0 && serial <= 0x7FFFFFFF;
}

bool read_latency(const char* text, int& milliseconds) {
  constexpr int kLongest = 10000;
  const char* end = text + std::strlen(text);
  const auto [stop, failure] = std::from_chars(text, end, milliseconds);
  return failure == std::errc() && stop == end && milliseconds >= 0 && milliseconds <= kLongest;
}

enum Option : int {
  kFlash = 256,
  kVpcd,
  kTouch,
  kDisplay,
  kTrace,
  kLatency,
  kSerial,
  kShortOnly,
  kRoot,
  kVersion,
  kHelpOption
};

constexpr option kOptions[] = {{"flash", required_argument, nullptr, kFlash},
                               {"vpcd", required_argument, nullptr, kVpcd},
                               {"touch", required_argument, nullptr, kTouch},
                               {"display", required_argument, nullptr, kDisplay},
                               {"trace-apdus", required_argument, nullptr, kTrace},
                               {"latency-ms", required_argument, nullptr, kLatency},
                               {"serial", required_argument, nullptr, kSerial},
                               {"short-only", no_argument, nullptr, kShortOnly},
                               {"print-attestation-root", no_argument, nullptr, kRoot},
                               {"version", no_argument, nullptr, kVersion},
                               {"help", no_argument, nullptr, kHelpOption},
                               {nullptr, 0, nullptr, 0}};

// -1: go on; else the exit status.
int read_options(int argc, char** argv, Options& options) {
  for (int found = 0;
       (found = ::getopt_long(argc, argv, "", kOptions, nullptr)) != -1;) {  // NOLINT: one thread
    switch (found) {
      case kFlash:
        options.flash = optarg;
        break;
      case kVpcd:
        options.vpcd = optarg;
        break;
      case kTouch:
        options.touch = optarg;
        break;
      case kDisplay:
        options.display = optarg;
        break;
      case kTrace:
        options.trace = optarg;
        break;
      case kShortOnly:
        options.short_only = true;
        break;
      case kLatency:
        if (read_latency(optarg, options.latency)) break;
        fail("'" + std::string(optarg) + "' is not a delay: give 0 to 10000 milliseconds");
        return kExitUsage;
      case kSerial:
        if (read_serial(optarg, options.serial)) break;
        fail("'" + std::string(optarg) + "' is not a serial number: give 1 to 2147483647");
        return kExitUsage;
      case kRoot:
        std::fwrite(kTestAttestationRoot.data(), 1, kTestAttestationRoot.size(), stdout);
        return 0;
      case kVersion:
        std::puts("sceau-token " SCEAU_VERSION);
        return 0;
      case kHelpOption:
        std::fputs(kHelp, stdout);
        return 0;
      default:
        fail("see 'sceau-token --help' for what can be given");
        return kExitUsage;
    }
  }
  if (optind == argc && !options.flash.empty() && !options.vpcd.empty()) return -1;
  fail("--flash FILE and --vpcd PORT are needed, and nothing else but options: see 'sceau-token --help'");
  return kExitUsage;
}

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

int run(const Options& options) {
  const Stop stop;
  if (!stop.ready()) return fail("cannot watch for signals: the system refuses a signalfd");
  RealFileOperations operations;
  OpenedFlash opened = open_flash(options.flash, operations);
  if (!opened.error.empty()) return fail(opened.error);
  const Fuses fuses = open_fuses(options.flash, options.serial, operations);
  if (!fuses.error.empty()) return fail(fuses.error);
  std::string error;
  std::unique_ptr<Button> button = make_button(options.touch, stop, error);
  if (button == nullptr) return fail(error);

  HostBoard board(std::make_unique<FlashFile>(std::move(opened.file), std::move(opened.content), operations),
                  fuses, std::move(button), options.display);
  const auto token = std::make_unique<Token>(board, TokenOptions{options.short_only});
  const Status status = token->start();
  if (status != Status::kOk)
    return fail("cannot start from flash '" + options.flash + "': " + describe(status));

  Vpcd vpcd(options.vpcd, token->answer_to_reset(), stop);
  if (!vpcd.error().empty()) {
    fail(vpcd.error());
    return kExitUsage;
  }
  SlowTransport transport(vpcd, options.latency, stop);
  if (options.trace.empty()) {
    token->serve(transport);
  } else {
    TracingTransport traced(transport, options.trace);
    if (!traced.ready()) return fail("cannot write the trace '" + options.trace + "': check its folder");
    token->serve(traced);
  }
  return vpcd.error().empty() ? 0 : fail(vpcd.error());
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  const int status = read_options(argc, argv, options);
  return status >= 0 ? status : run(options);
}
