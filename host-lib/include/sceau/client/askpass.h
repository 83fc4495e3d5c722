// PINs from a person: typed on the terminal without echo, or, for scripts, from a program.
//
// When the environment names a program in SCEAU_ASKPASS, it is run with the prompt as its only argument and
// the first line that it prints is the PIN (as ssh's SSH_ASKPASS). Otherwise the prompt goes to /dev/tty. A
// PIN never comes from the command line, an environment variable or standard input.
#pragma once

#include <string>

#include "sceau/token/signer.h"

namespace sceau::client {

// authentication: no terminal and no program, an empty answer, or the person gave up (Ctrl-C, Ctrl-D).
Result<Secret> ask_secret(const std::string& prompt);

// A new secret, asked twice at a terminal, once of a program. invalid: the two differ.
Result<Secret> ask_new_secret(const std::string& what);

// The person's yes to a question, on /dev/tty; without a terminal it is authentication: nobody could answer.
Result<bool> ask_yes(const std::string& question);

// PINs for one token, asked at most once for the length of a command and wiped with it. A PIN that the token
// refused is forgotten, so it is never sent twice.
class TokenPins final : public token::PinSource {
 public:
  // `label` is how prompts name the token: "sceau-agent (serial 1001)".
  explicit TokenPins(std::string label) : label_(std::move(label)) {}
  Result<Secret> pin(const token::PinRequest& request) override;
  // On standard error: the same lines, where they are to be compared, and what the button means.
  void shows(const token::ShownPage& page) override;
  // On standard error, where that is a terminal.
  void awaits_touch(const std::string& token) override;
  // Starts with a PIN that is known already: the one just chosen for this token.
  TokenPins(std::string label, Secret pin) : label_(std::move(label)), held_(std::move(pin)) {}
  [[nodiscard]] const std::string& label() const { return label_; }
  void forget() { held_.wipe(); }

 private:
  std::string label_;
  Secret held_;
};

}  // namespace sceau::client
