// The border: C functions outside, Result inside. All of it is made from functions.inc.
#include <new>

#include "api.h"
#include "lists.h"

namespace sceau::pkcs11 {
namespace {

template <typename Call>
CK_RV at_the_border(Call call) noexcept {
  try {
    const Status done = call();
    return done ? CKR_OK : done.failure().code;
  } catch (const std::bad_alloc&) {
    return CKR_HOST_MEMORY;
  } catch (...) {
    return CKR_GENERAL_ERROR;
  }
}

template <typename Call>
CK_RV with_provider(Call call) noexcept {
  return at_the_border([&]() -> Status {
    auto visit = Module::instance().enter();
    if (!visit) return visit.failure();
    return call(**visit);
  });
}

template <typename Call>
CK_RV with_slot(CK_SLOT_ID id, Call call) noexcept {
  return with_provider([&](Provider& provider) -> Status {
    auto slot = provider.slot(id);
    if (!slot) return slot.failure();
    return call(provider, **slot);
  });
}

// A session is used by one thread at a time.
template <typename Call>
CK_RV with_session(CK_SESSION_HANDLE handle, Call call) noexcept {
  return with_provider([&](Provider& provider) -> Status {
    auto session = provider.session(handle);
    if (!session) return session.failure();
    const std::lock_guard lock((*session)->mutex());
    return call(**session);
  });
}

// What a function that is not there does with its parameters.
template <typename... Parameters>
void unused(const Parameters&... /*parameters*/) {}

}  // namespace
}  // namespace sceau::pkcs11

// NOLINTBEGIN(readability-identifier-naming): PKCS#11's names
#define SCEAU_ALWAYS(since, name, parameters, arguments)       \
  CK_RV C_##name parameters {                                  \
    using namespace sceau::pkcs11;                             \
    return at_the_border([&] { return api::name arguments; }); \
  }
#define SCEAU_GENERAL(since, name, parameters, arguments)                                                \
  CK_RV C_##name parameters {                                                                            \
    using namespace sceau::pkcs11;                                                                       \
    return with_provider([&](Provider& provider) { return api::name(provider SCEAU_AFTER arguments); }); \
  }
#define SCEAU_SLOT(since, name, parameters, arguments)              \
  CK_RV C_##name(CK_SLOT_ID slot_id SCEAU_AFTER parameters) {       \
    using namespace sceau::pkcs11;                                  \
    return with_slot(slot_id, [&](Provider& provider, Slot& slot) { \
      return api::name(provider, slot SCEAU_AFTER arguments);       \
    });                                                             \
  }
#define SCEAU_SESSION(since, name, parameters, arguments)                                                    \
  CK_RV C_##name(CK_SESSION_HANDLE handle SCEAU_AFTER parameters) {                                          \
    using namespace sceau::pkcs11;                                                                           \
    return with_session(handle, [&](Session& session) { return api::name(session SCEAU_AFTER arguments); }); \
  }
#define SCEAU_ABSENT(since, name, parameters, arguments)                                                  \
  CK_RV C_##name(CK_SESSION_HANDLE handle SCEAU_AFTER parameters) {                                       \
    using namespace sceau::pkcs11;                                                                        \
    unused arguments;                                                                                     \
    return with_session(handle, [&](Session&) -> Status { return Failure{CKR_FUNCTION_NOT_SUPPORTED}; }); \
  }

extern "C" {
#include "functions.inc"
}
// NOLINTEND(readability-identifier-naming)
