// UUID version 7 (RFC 9562 section 5.7): 48 bits of milliseconds, then random bits. Text form only, lower
// case.
#pragma once

#include <string>
#include <string_view>

#include "sceau/base/clock.h"
#include "sceau/base/random.h"

namespace sceau {

std::string uuid_v7(const Clock& clock, Random& random);

// True for the 36-character lower-case text of a version 7, variant 10 UUID.
bool is_uuid_v7(std::string_view text);

}  // namespace sceau
