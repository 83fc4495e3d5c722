// The functions of PKCS#11 themselves, one for each row of functions.inc, under the specification's names.
//
// They are called by entry.cpp alone, which has found the provider, the slot or the session that the handle
// named. Pointers are the caller's and are checked here; which CK_RV each fails with is the specification's
// list for that function.
#pragma once

#include "module.h"
#include "provider.h"
#include "session.h"

namespace sceau::pkcs11::api {

#define SCEAU_LIST(...) __VA_ARGS__
#define SCEAU_AFTER(...) __VA_OPT__(, ) __VA_ARGS__

#define SCEAU_ALWAYS(since, name, parameters, arguments) Status name parameters;
#define SCEAU_GENERAL(since, name, parameters, arguments) \
  Status name(Provider& provider SCEAU_AFTER parameters);
#define SCEAU_SLOT(since, name, parameters, arguments) \
  Status name(Provider& provider, Slot& slot SCEAU_AFTER parameters);
#define SCEAU_SESSION(since, name, parameters, arguments) \
  Status name(Session& session SCEAU_AFTER parameters);
#define SCEAU_ABSENT(since, name, parameters, arguments)
#define SCEAU_NEVER SCEAU_ABSENT
#include "functions.inc"
#undef SCEAU_ALWAYS
#undef SCEAU_GENERAL
#undef SCEAU_SLOT
#undef SCEAU_SESSION
#undef SCEAU_ABSENT
#undef SCEAU_NEVER

// A key of the session's token or its own, of that class. CKR_KEY_HANDLE_INVALID, CKR_USER_NOT_LOGGED_IN.
Result<ObjectPtr> key_of(Session& session, CK_OBJECT_HANDLE handle, CK_OBJECT_CLASS object_class);
// As read_mechanism(), and CKR_MECHANISM_INVALID where no key of the session's token can be used with it.
Result<MechanismUse> mechanism_of(Session& session, const CK_MECHANISM* mechanism, CK_FLAGS use);
// An operation ends with whatever fails but a question for the size.
Status end_operation(Session& session, Failure failure);

// Puts a variable-length answer where the caller wants it (PKCS#11 3.0, 5.2): only its size when `out` is
// null. CKR_ARGUMENTS_BAD, CKR_BUFFER_TOO_SMALL.
template <typename T>
Status give(std::span<const T> answer, T* out, CK_ULONG* size) {
  if (size == nullptr) return Failure{CKR_ARGUMENTS_BAD};
  const CK_ULONG room = *size;
  *size = answer.size();
  if (out == nullptr) return {};
  if (room < answer.size()) return Failure{CKR_BUFFER_TOO_SMALL};
  std::copy(answer.begin(), answer.end(), out);
  return {};
}

// Text in a field of fixed size, padded with blanks and never ended by a zero; cut between characters.
template <std::size_t size>
void fill_text(unsigned char (&field)[size], std::string_view text) {
  std::size_t length = std::min(text.size(), size);
  while (length < text.size() && length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80)
    --length;
  for (std::size_t i = 0; i < size; ++i) field[i] = i < length ? static_cast<unsigned char>(text[i]) : ' ';
}

}  // namespace sceau::pkcs11::api
