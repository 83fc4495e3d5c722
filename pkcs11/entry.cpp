// The border: C functions outside, Result inside. All of it is made from functions.inc.
#include <new>
#include <string_view>
#include <tuple>

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

// `asks_card`: whether the function is about the token, so that a card of another kind must be known as one.
template <typename Call, typename Forward>
CK_RV with_slot(CK_SLOT_ID id, bool asks_card, Call call, Forward forward) noexcept {
  return with_provider([&](Provider& provider) -> Status {
    auto slot = provider.slot(id);
    if (!slot) return slot.failure();
    if (const auto foreign = provider.foreign_slot(**slot, asks_card)) return from_code(forward(*foreign));
    return call(provider, **slot);
  });
}

// A session is used by one thread at a time.
template <typename Call, typename Forward>
CK_RV with_session(CK_SESSION_HANDLE handle, Call call, Forward forward) noexcept {
  return with_provider([&](Provider& provider) -> Status {
    if (const auto foreign = provider.foreign_session(handle)) return from_code(forward(*foreign));
    auto session = provider.session(handle);
    if (!session) return session.failure();
    const std::lock_guard lock((*session)->mutex());
    return call(**session);
  });
}

}  // namespace
}  // namespace sceau::pkcs11

// A foreign module's function of that name, where it has one.
#define SCEAU_FORWARD_2_40(name, object, arguments)                               \
  ((object).module->functions()->C_##name == nullptr ? CKR_FUNCTION_NOT_SUPPORTED \
                                                     : (object).module->functions()->C_##name arguments)
#define SCEAU_FORWARD_3_0(name, object, arguments)                                                      \
  ((object).module->functions_3_0() == nullptr || (object).module->functions_3_0()->C_##name == nullptr \
       ? CKR_FUNCTION_NOT_SUPPORTED                                                                     \
       : (object).module->functions_3_0()->C_##name arguments)
#define SCEAU_FORWARD_3_2(name, object, arguments)                                                      \
  ((object).module->functions_3_2() == nullptr || (object).module->functions_3_2()->C_##name == nullptr \
       ? CKR_FUNCTION_NOT_SUPPORTED                                                                     \
       : (object).module->functions_3_2()->C_##name arguments)

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
#define SCEAU_SLOT(since, name, parameters, arguments)                                                   \
  CK_RV C_##name(CK_SLOT_ID slot_id SCEAU_AFTER parameters) {                                            \
    using namespace sceau::pkcs11;                                                                       \
    return with_slot(                                                                                    \
        slot_id, std::string_view(#name) != "GetSlotInfo",                                               \
        [&](Provider& provider, Slot& slot) { return api::name(provider, slot SCEAU_AFTER arguments); }, \
        [&](const ForeignSlot& foreign) -> CK_RV {                                                       \
          return SCEAU_FORWARD_##since(name, foreign, (foreign.id SCEAU_AFTER arguments));               \
        });                                                                                              \
  }
#define SCEAU_SESSION(since, name, parameters, arguments)                                      \
  CK_RV C_##name(CK_SESSION_HANDLE handle SCEAU_AFTER parameters) {                            \
    using namespace sceau::pkcs11;                                                             \
    return with_session(                                                                       \
        handle, [&](Session& session) { return api::name(session SCEAU_AFTER arguments); },    \
        [&](const ForeignSession& foreign) -> CK_RV {                                          \
          return SCEAU_FORWARD_##since(name, foreign, (foreign.handle SCEAU_AFTER arguments)); \
        });                                                                                    \
  }
#define SCEAU_ABSENT(since, name, parameters, arguments)                                       \
  CK_RV C_##name(CK_SESSION_HANDLE handle SCEAU_AFTER parameters) {                            \
    using namespace sceau::pkcs11;                                                             \
    return with_session(                                                                       \
        handle, [&](Session&) -> Status { return Failure{CKR_FUNCTION_NOT_SUPPORTED}; },       \
        [&](const ForeignSession& foreign) -> CK_RV {                                          \
          return SCEAU_FORWARD_##since(name, foreign, (foreign.handle SCEAU_AFTER arguments)); \
        });                                                                                    \
  }

#define SCEAU_NEVER(since, name, parameters, arguments)                                 \
  CK_RV C_##name(CK_SESSION_HANDLE handle SCEAU_AFTER parameters) {                     \
    using namespace sceau::pkcs11;                                                      \
    static_cast<void>(std::tie arguments);                                              \
    return with_session(                                                                \
        handle, [](Session&) -> Status { return Failure{CKR_FUNCTION_NOT_SUPPORTED}; }, \
        [](const ForeignSession&) -> CK_RV { return CKR_FUNCTION_NOT_SUPPORTED; });     \
  }

extern "C" {
#include "functions.inc"
}
// NOLINTEND(readability-identifier-naming)
