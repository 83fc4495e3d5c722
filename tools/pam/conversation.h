// The person at the other end, through the application's PAM conversation.
#pragma once

#include <string>

#include "options.h"
#include "sceau/base/secret.h"
#include "sceau/token/signer.h"

struct pam_handle;

namespace sceau::pam {

class Conversation {
 public:
  // Borrowed, for as long as the call of pam_sm_authenticate lasts.
  Conversation(pam_handle* handle, const Options& options, bool silent)
      : handle_(handle), options_(options), silent_(silent) {}

  // Whom the application wants to log in. unavailable: it does not say.
  [[nodiscard]] Result<std::string> user() const;
  // The PAM service's name; empty where the application gives none, or one that a statement cannot hold.
  [[nodiscard]] std::string service() const;

  // A line for the person; nothing when the application wants silence.
  void tell(const std::string& line) const;
  // The same, for what must be known to go on: `quiet` does not hide it.
  void instruct(const std::string& line) const;
  void complain(const std::string& line) const;
  // A PIN, typed without echo, or the one that an earlier module asked for. What the application handed over
  // is wiped. authentication: none was given; unavailable: nobody can be asked.
  [[nodiscard]] Result<Secret> ask(const std::string& prompt) const;

  // For the system's log. Never a PIN, nor anything typed.
  void log_error(const std::string& line) const;
  void log_debug(const std::string& line) const;

 private:
  [[nodiscard]] Result<Secret> earlier_pin() const;
  [[nodiscard]] Result<Secret> typed_pin(const std::string& prompt) const;
  void say(int style, const std::string& line) const;
  pam_handle* handle_;
  const Options& options_;
  bool silent_;
};

}  // namespace sceau::pam
