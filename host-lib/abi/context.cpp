#include <new>

#include "handles.h"

namespace sceau::abi {

int code_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid:
      return SCEAU_ERR_INVALID;
    case ErrorKind::refused:
      return SCEAU_ERR_REFUSED;
    case ErrorKind::not_found:
      return SCEAU_ERR_NOT_FOUND;
    case ErrorKind::authentication:
      return SCEAU_ERR_AUTHENTICATION;
    case ErrorKind::unavailable:
      return SCEAU_ERR_UNAVAILABLE;
    case ErrorKind::corrupt:
      return SCEAU_ERR_CORRUPT;
    case ErrorKind::internal:
      break;
  }
  return SCEAU_ERR_INTERNAL;
}

int fail(sceau_t* context, const Error& error) {
  if (context != nullptr) context->message = error.message;
  return code_of(error.kind);
}

int argument(sceau_t* context, const char* what) {
  if (context != nullptr) context->message = std::string(what) + ": correct the calling program";
  return SCEAU_ERR_ARGUMENT;
}

int guarded(sceau_t* context, const std::function<Status()>& work) noexcept {
  try {
    const Status done = work();
    return done ? SCEAU_OK : fail(context, done.error());
  } catch (...) {
    // Even the text may find no memory; the code is what counts.
    try {
      if (context != nullptr) context->message = "out of memory, or a defect in libsceau: try again";
    } catch (...) {
      context->message.clear();
    }
    return SCEAU_ERR_INTERNAL;
  }
}

}  // namespace sceau::abi

using namespace sceau::abi;

const char* sceau_version(void) { return SCEAU_VERSION; }

const char* sceau_strerr(int code) {
  switch (code) {
    case SCEAU_OK:
      return "done";
    case SCEAU_ERR_ARGUMENT:
      return "an argument is missing or makes no sense";
    case SCEAU_ERR_INVALID:
      return "the input breaks a format or a rule";
    case SCEAU_ERR_REFUSED:
      return "refused";
    case SCEAU_ERR_NOT_FOUND:
      return "not found";
    case SCEAU_ERR_AUTHENTICATION:
      return "a PIN, key or session was wrong or missing";
    case SCEAU_ERR_UNAVAILABLE:
      return "no answer; it may come later";
    case SCEAU_ERR_CORRUPT:
      return "the data contradicts itself";
    case SCEAU_ERR_INTERNAL:
      return "a defect, or no memory";
    default:
      return "no code of libsceau";
  }
}

int sceau_new(sceau_t** out) {
  if (out == nullptr) return SCEAU_ERR_ARGUMENT;
  *out = new (std::nothrow) sceau_t();
  return *out == nullptr ? SCEAU_ERR_INTERNAL : SCEAU_OK;
}

void sceau_free(sceau_t** context) { release(context); }

const char* sceau_message(const sceau_t* context) {
  return context == nullptr ? "" : context->message.c_str();
}

int sceau_set_pin_callback(sceau_t* context, sceau_pin_callback* callback, void* user) {
  if (context == nullptr) return SCEAU_ERR_ARGUMENT;
  context->pin = callback;
  context->pin_user = user;
  return SCEAU_OK;
}

int sceau_set_memory(sceau_t* context, const char* folder) {
  if (context == nullptr || folder == nullptr) return argument(context, "sceau_set_memory: NULL");
  return guarded(context, [&]() -> sceau::Status {
    context->memory = folder;
    return {};
  });
}

int sceau_add_module(sceau_t* context, const char* path) {
  if (context == nullptr || path == nullptr || *path == '\0')
    return argument(context, "sceau_add_module: no path");
  return guarded(context, [&]() -> sceau::Status {
    context->module_paths.emplace_back(path);
    context->modules.reset();
    return {};
  });
}
