// The border to PAM: C functions, no exception across, nothing kept between calls but in PAM's own handle.
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <syslog.h>

#include <exception>
#include <string>

#include "authenticate.h"

namespace {

constexpr const char* kPerson = "sceau_person";

using sceau::pam::Conversation;
using sceau::pam::Options;

// Whatever goes wrong inside is a fault, never a yes.
template <typename Work>
int guarded(pam_handle_t* handle, const Work& work) noexcept {
  try {
    return work();
  } catch (const std::exception& fault) {
    pam_syslog(handle, LOG_ERR, "fault: %s", fault.what());
  } catch (...) {
    pam_syslog(handle, LOG_ERR, "fault");
  }
  return PAM_AUTHINFO_UNAVAIL;
}

Options options_of(pam_handle_t* handle, int count, const char** arguments) {
  Options options = sceau::pam::read_options(count, arguments);
  for (const std::string& word : options.unknown) {
    pam_syslog(handle, LOG_WARNING, "'%s' is no option of this module, or no value for it", word.c_str());
  }
  return options;
}

void forget(pam_handle_t* /*handle*/, void* data, int /*status*/) {
  delete static_cast<std::string*>(data);  // NOLINT(cppcoreguidelines-owning-memory): PAM keeps it
}

bool remember(pam_handle_t* handle, const std::string& person) {
  auto kept = std::make_unique<std::string>(person);
  if (pam_set_data(handle, kPerson, kept.get(), forget) != PAM_SUCCESS) return false;
  static_cast<void>(kept.release());
  return true;
}

std::string remembered(pam_handle_t* handle) {
  const void* data = nullptr;
  if (pam_get_data(handle, kPerson, &data) != PAM_SUCCESS || data == nullptr) return {};
  return *static_cast<const std::string*>(data);
}

}  // namespace

extern "C" {

__attribute__((visibility("default"))) int pam_sm_authenticate(pam_handle_t* handle, int flags, int count,
                                                               const char** arguments) {
  return guarded(handle, [&] {
    const Options options = options_of(handle, count, arguments);
    const Conversation conversation(handle, options, (flags & PAM_SILENT) != 0);
    const auto outcome = sceau::pam::authenticate(conversation, options);
    if (outcome.code != PAM_SUCCESS) return outcome.code;
    return remember(handle, outcome.person) ? PAM_SUCCESS : PAM_AUTHINFO_UNAVAIL;
  });
}

// There is nothing to set: no ticket, no group. Success, as a stack's second walk expects.
__attribute__((visibility("default"))) int pam_sm_setcred(pam_handle_t* /*handle*/, int /*flags*/,
                                                          int /*count*/, const char** /*arguments*/) {
  return PAM_SUCCESS;
}

__attribute__((visibility("default"))) int pam_sm_acct_mgmt(pam_handle_t* handle, int flags, int count,
                                                            const char** arguments) {
  return guarded(handle, [&] {
    const Options options = options_of(handle, count, arguments);
    const Conversation conversation(handle, options, (flags & PAM_SILENT) != 0);
    return sceau::pam::manage_account(conversation, options, remembered(handle));
  });
}

}  // extern "C"
