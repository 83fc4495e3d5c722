#include "conversation.h"

#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <syslog.h>

#include <cstdlib>
#include <cstring>
#include <memory>

#include "sceau/statement/value.h"

namespace sceau::pam {
namespace {

// What a conversation hands over is ours to free; an answer may be a PIN.
struct Answer {
  char* text = nullptr;
  Answer() = default;
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;
  ~Answer() {
    if (text == nullptr) return;
    wipe({reinterpret_cast<std::uint8_t*>(text), std::strlen(text)});
    std::free(text);  // NOLINT(cppcoreguidelines-no-malloc): PAM's rule
  }
};

}  // namespace

Result<std::string> Conversation::user() const {
  const char* user = nullptr;
  if (pam_get_user(handle_, &user, nullptr) != PAM_SUCCESS || user == nullptr || *user == '\0') {
    return Error{ErrorKind::unavailable, "the application does not say who logs in"};
  }
  std::string name(user);
  if (name.size() > 64 || !statement::check_text(name)) {
    return Error{ErrorKind::not_found, "the name of the account cannot be one in the registry"};
  }
  return name;
}

std::string Conversation::service() const {
  const void* item = nullptr;
  if (pam_get_item(handle_, PAM_SERVICE, &item) != PAM_SUCCESS || item == nullptr) return {};
  std::string name(static_cast<const char*>(item));
  return name.size() <= 64 && statement::check_text(name) ? name : std::string();
}

void Conversation::say(int style, const std::string& line) const {
  Answer answer;
  pam_prompt(handle_, style, &answer.text, "%s", line.c_str());
}

void Conversation::tell(const std::string& line) const {
  if (!silent_ && !options_.quiet) say(PAM_TEXT_INFO, line);
}
void Conversation::complain(const std::string& line) const {
  if (!silent_ && !options_.quiet) say(PAM_ERROR_MSG, line);
}
void Conversation::instruct(const std::string& line) const { say(PAM_TEXT_INFO, line); }

Result<Secret> Conversation::earlier_pin() const {
  const void* item = nullptr;
  if (pam_get_item(handle_, PAM_AUTHTOK, &item) != PAM_SUCCESS || item == nullptr) {
    return Error{ErrorKind::authentication, "no earlier module asked for a PIN"};
  }
  return Secret(as_bytes(std::string_view(static_cast<const char*>(item))));
}

Result<Secret> Conversation::typed_pin(const std::string& prompt) const {
  Answer answer;
  const int asked = pam_prompt(handle_, PAM_PROMPT_ECHO_OFF, &answer.text, "%s", prompt.c_str());
  if (asked != PAM_SUCCESS || answer.text == nullptr) {
    return Error{ErrorKind::unavailable, "nobody could be asked for the PIN"};
  }
  if (*answer.text == '\0') return Error{ErrorKind::authentication, "no PIN was given"};
  return Secret(as_bytes(std::string_view(answer.text)));
}

Result<Secret> Conversation::ask(const std::string& prompt) const {
  if (options_.use_first_pass || options_.try_first_pass) {
    auto pin = earlier_pin();
    if (pin || options_.use_first_pass) return pin;
  }
  return typed_pin(prompt);
}

void Conversation::log_error(const std::string& line) const {
  pam_syslog(handle_, LOG_NOTICE, "%s", line.c_str());
}

void Conversation::log_debug(const std::string& line) const {
  if (options_.debug) pam_syslog(handle_, LOG_DEBUG, "%s", line.c_str());
}

}  // namespace sceau::pam
