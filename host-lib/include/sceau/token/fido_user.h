// The user handles of people's credentials (W3C Web Authentication, 5.4.3: 64 bytes at most).
//
// A key keeps one discoverable credential for each relying party and handle, and a second one takes its
// place: so a handle is one credential's alone. It begins with the person's id, so that programs know whose
// key this is before anybody has logged in and without a PIN.
#pragma once

#include <string>
#include <string_view>

#include "sceau/base/bytes.h"
#include "sceau/base/random.h"

namespace sceau::token {

inline constexpr std::size_t kMostUserHandle = 64;

// The id (64 bytes at most), NUL, and 16 random bytes or as many as there is room for.
Bytes user_handle(std::string_view person, Random& random);
// Whose it is. Handles that earlier versions made are the id alone.
std::string user_of(ByteView handle);

}  // namespace sceau::token
