// signingTime as CMS carries it: UTCTime from 1950 to 2049, GeneralizedTime from then on (RFC 5652, 11.3).
#pragma once

#include <optional>

#include "sceau/base/clock.h"
#include "sceau/pki/der.h"

namespace sceau::evidence {

Bytes write_signing_time(Time time);
// Nothing unless the element is what write_signing_time() writes for some time.
std::optional<Time> read_signing_time(const pki::DerElement& element);

}  // namespace sceau::evidence
