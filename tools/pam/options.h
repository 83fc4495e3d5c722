// What the line in a PAM stack says after the module's name; pam_sceau(8) documents each.
#pragma once

#include <string>
#include <vector>

#include "sceau/host/folder.h"

namespace sceau::pam {

struct Options {
  bool debug = false;
  bool quiet = false;
  bool cue = false;
  std::string cue_prompt = "Touch your card's button if it has one.";
  bool nullok = false;
  bool card_only = false;
  bool keyboard = false;  // never the reader's own keys
  bool try_first_pass = false, use_first_pass = false;
  int wait_seconds = 0;              // for a card
  int fresh_milliseconds = 1000;     // for a newer copy, from the start
  std::string reader;                // part of its name; empty: any
  std::vector<std::string> modules;  // PKCS#11 modules, by path, for cards that are not PIV
  std::string folder = host::kDefaultFolder;
  std::string program = SCEAU_PROGRAM;  // that sends log-ins to the gate; empty: none
  std::vector<std::string> unknown;     // said in the log, and otherwise without effect
};

Options read_options(int count, const char** arguments);

}  // namespace sceau::pam
