// How long what the realm's own authority issues is good for, unless a command says otherwise.
#pragma once

#include "sceau/base/clock.h"

namespace sceau::tool {

inline constexpr Time kDay = 86400;  // seconds
inline constexpr Time kAuthorityDays = 3652;
inline constexpr Time kCertificateDays = 1096;
inline constexpr Time kListDays = 30;

}  // namespace sceau::tool
