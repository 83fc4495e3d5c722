// The certificates in a packed attestation statement (WebAuthn Level 2, 8.2): "x5c", the attestation's own
// first. libfido2 gives out the first alone.
#pragma once

#include <vector>

#include "sceau/base/bytes.h"

namespace sceau::token {

// `statement` is the CBOR map, canonical as CTAP2 wants it. Empty where there is no such list, or it is not
// in its form.
std::vector<Bytes> attestation_certificates(ByteView statement);

}  // namespace sceau::token
