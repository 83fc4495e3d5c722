// Evidence: the signatures over one statement's digest, each by one person, the one the statement names
// in `by` first. Bytes: {"signatures":[{"bytes":base64,"kind":kind,"person":id},…]}, canonical.
#pragma once

#include <string>
#include <vector>

#include "sceau/base/digest.h"

namespace sceau::evidence {

inline constexpr const char* cades_kind = "cades";  // a complete detached CMS SignedData
inline constexpr const char* webauthn_kind =
    "webauthn";  // an Assertion of a FIDO2 key, serialised (webauthn.h)

struct Signature {
  std::string person;  // registry id
  std::string kind;    // one of the two
  Bytes bytes;
  bool operator==(const Signature&) const = default;
};

struct Evidence {
  std::vector<Signature> signatures;
  bool operator==(const Evidence&) const = default;
};

inline constexpr std::size_t max_evidence_bytes = 262144;
inline constexpr std::size_t max_signatures = 8;

Bytes serialise(const Evidence& evidence);
// Fails with invalid: not canonical, no signature, too many, unknown kind, the same signature twice.
Result<Evidence> parse(ByteView bytes);
Digest digest(ByteView evidence_bytes);

}  // namespace sceau::evidence
