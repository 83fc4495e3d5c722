#include "board/host/options.h"

#include <getopt.h>

#include <charconv>
#include <cstdio>
#include <cstring>

#include "test_attestation_root.h"

namespace sceau::firmware::host {

namespace {

constexpr int kLongest = 10000;        // milliseconds of --latency-ms
constexpr int kMostPatience = 600000;  // of --patience-ms

// A whole number from `lowest` to `highest`, and nothing after it.
template <typename Number>
bool read_number(const char* text, Number lowest, Number highest, Number& number) {
  const char* end = text + std::strlen(text);
  const auto [stop, failure] = std::from_chars(text, end, number);
  return failure == std::errc() && stop == end && number >= lowest && number <= highest;
}

enum Option : int {
  kFlash = 256,
  kVpcd,
  kHid,
  kHidUdp,
  kUsbIp,
  kTouch,
  kDisplay,
  kTrace,
  kLatency,
  kSerial,
  kShortOnly,
  kImage,
  kFirmware,
  kMachine,
  kPatience,
  kRoot,
  kVersion,
  kHelpOption
};

constexpr option kOptions[] = {{"flash", required_argument, nullptr, kFlash},
                               {"vpcd", required_argument, nullptr, kVpcd},
                               {"hid", required_argument, nullptr, kHid},
                               {"hid-udp", required_argument, nullptr, kHidUdp},
                               {"usbip", required_argument, nullptr, kUsbIp},
                               {"touch", required_argument, nullptr, kTouch},
                               {"display", required_argument, nullptr, kDisplay},
                               {"trace-apdus", required_argument, nullptr, kTrace},
                               {"latency-ms", required_argument, nullptr, kLatency},
                               {"serial", required_argument, nullptr, kSerial},
                               {"short-only", no_argument, nullptr, kShortOnly},
                               {"print-attestation-root", no_argument, nullptr, kRoot},
                               {"version", no_argument, nullptr, kVersion},
                               {"help", no_argument, nullptr, kHelpOption},
                               {"image", required_argument, nullptr, kImage},
                               {"firmware", required_argument, nullptr, kFirmware},
                               {"machine", required_argument, nullptr, kMachine},
                               {"patience-ms", required_argument, nullptr, kPatience},
                               {nullptr, 0, nullptr, 0}};

// The option's place among the texts; null: it is none of them.
std::string* text_of(int found, Options& options) {
  switch (found) {
    case kFlash:
      return &options.flash;
    case kVpcd:
      return &options.vpcd;
    case kHid:
      return &options.hid;
    case kHidUdp:
      return &options.hid_udp;
    case kUsbIp:
      return &options.usbip;
    case kTouch:
      return &options.touch;
    case kDisplay:
      return &options.display;
    case kTrace:
      return &options.trace;
    case kImage:
      return &options.image;
    case kFirmware:
      return &options.firmware;
    case kMachine:
      return &options.machine;
    default:
      return nullptr;
  }
}

// What prints something and ends the program; -1: none of these.
int answer_question(const Program& program, int found) {
  if (found == kRoot) {
    std::fwrite(kTestAttestationRoot.data(), 1, kTestAttestationRoot.size(), stdout);
  } else if (found == kVersion) {
    std::printf("%s %s\n", program.name, SCEAU_VERSION);
  } else if (found == kHelpOption) {
    std::fputs(program.help, stdout);
  } else {
    return -1;
  }
  return 0;
}

int usage(const Program& program, const std::string& what) {
  fail(program, what);
  return kExitUsage;
}

int see_help(const Program& program) {
  return usage(program, "see '" + std::string(program.name) + " --help' for what can be given");
}

// The options with a number, or none. -1: go on.
int read_other(const Program& program, int found, Options& options) {
  switch (found) {
    case kShortOnly:
      options.short_only = true;
      return -1;
    case kLatency:
      if (read_number(optarg, 0, kLongest, options.latency)) return -1;
      return usage(program, "'" + std::string(optarg) + "' is not a delay: give 0 to 10000 milliseconds");
    case kPatience:
      if (read_number(optarg, 1, kMostPatience, options.patience)) return -1;
      return usage(program, "'" + std::string(optarg) + "' is not a patience: give 1 to 600000 milliseconds");
    case kSerial:
      if (read_number(optarg, 1U, 0x7FFFFFFFU, options.serial)) return -1;
      return usage(program, "'" + std::string(optarg) + "' is not a serial number: give 1 to 2147483647");
    default:
      break;
  }
  const int answered = answer_question(program, found);
  return answered >= 0 ? answered : see_help(program);
}

}  // namespace

int fail(const Program& program, const std::string& what) {
  std::fprintf(stderr, "%s: %s\n", program.name, what.c_str());
  return kExitFailure;
}

int read_options(const Program& program, int argc, char** argv, Options& options) {
  int found = 0;
  while ((found = ::getopt_long(argc, argv, "", kOptions, nullptr)) != -1) {  // NOLINT: one thread
    const bool boards = found == kImage || found == kFirmware || found == kMachine || found == kPatience;
    if (boards && !program.has_board) return see_help(program);
    if (std::string* text = text_of(found, options)) {
      *text = optarg;
      continue;
    }
    const int status = read_other(program, found, options);
    if (status >= 0) return status;
  }
  const bool connected =
      !options.vpcd.empty() || !options.hid.empty() || !options.hid_udp.empty() || !options.usbip.empty();
  if (!options.vpcd.empty() && !options.usbip.empty()) {
    return usage(program, "--vpcd and --usbip are two readers for one card: give one of them");
  }
  const bool complete = !options.flash.empty() && connected && program.has_board != options.image.empty();
  if (optind == argc && complete) return -1;
  const bool lines = !options.hid.empty() || !options.hid_udp.empty();
  if (program.has_board && lines && !options.usbip.empty()) {
    return usage(program, "--usbip and --hid or --hid-udp are two hosts of one USB device: give one of them");
  }
  const std::string needed =
      std::string(program.has_board ? "--image FILE, " : "") +
      "--flash FILE and one of --vpcd PORT, --hid SOCKET, --hid-udp PORT and --usbip PORT";
  return usage(program,
               needed + " are needed, and nothing else but options: see '" + program.name + " --help'");
}

}  // namespace sceau::firmware::host
