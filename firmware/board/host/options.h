// The command line of the programs that plug a token into a virtual reader.
#pragma once

#include <cstdint>
#include <string>

namespace sceau::firmware::host {

struct Options {
  std::string flash;
  std::string vpcd;
  std::string hid;      // a Unix socket
  std::string hid_udp;  // ports
  std::string usbip;    // a port
  std::string touch = "ask";
  std::string display = "none";
  std::string trace;
  std::uint32_t serial = 0;
  int latency = 0;
  bool short_only = false;
  // of a program with a board under QEMU
  std::string image;
  std::string firmware;
  std::string machine = "mps2-an505";
  int patience = 30000;
};

struct Program {
  const char* name;
  const char* help;
  bool has_board;  // --image is needed; --firmware, --machine and --patience-ms are known
};

inline constexpr int kExitFailure = 1;
inline constexpr int kExitUsage = 2;

// -1: go on; else the exit status, and what there was to say is said.
int read_options(const Program& program, int argc, char** argv, Options& options);

// One line on the error output; kExitFailure.
int fail(const Program& program, const std::string& what);

}  // namespace sceau::firmware::host
