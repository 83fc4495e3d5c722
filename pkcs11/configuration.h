// What people configure: which other modules are passed through, whether PINs are kept, which FIDO2 keys
// shown.
//
// Two folders are looked into, the user's before the machine's: $XDG_CONFIG_HOME/sceau (else ~/.config/sceau)
// and /etc/sceau. In both, '#' begins a comment. A program that runs with more rights than who called it
// reads the machine's alone.
//   pkcs11-modules   paths of modules, one a line; those of both files count
//   pkcs11.conf      "pin-cache = yes" or "pin-cache = no"; the first file that says so counts, and "no" is
//                    the default. Where /etc says "pin-cache = never", no user can have it.
//                    "fido2 = no": FIDO2 keys are no slots. "relying-party = ID…": whose credentials on such
//                    keys are shown, blanks between them ("localhost", as a gate's policy has it where it
//                    says nothing). Of both the first file that says so counts.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sceau::pkcs11 {

struct Configuration {
  std::vector<std::string> modules;
  bool pin_cache = false;
  bool fido2 = true;
  std::vector<std::string> relying_parties;
};

// Files that are absent or cannot be read say nothing. `folders`: the user's first, the machine's last.
Configuration read_configuration(const std::vector<std::filesystem::path>& folders);
// Where it stands on this machine, for this user.
std::vector<std::filesystem::path> configuration_folders();

}  // namespace sceau::pkcs11
