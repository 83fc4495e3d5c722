// The mapping file of pam_u2f, as pamu2fcfg writes it: a line a user,
// "user:KeyHandle,PublicKey,CoseType,Options:KeyHandle,…", key handle and public key in base64, options such
// as
// "+presence+pin". Source of the format: pam_u2f(8), version 1.1 (Debian 12).
#pragma once

#include <string>
#include <vector>

#include "sceau/base/bytes.h"
#include "sceau/base/result.h"

namespace sceau::client {

struct U2fCredential {
  std::string user;     // of the machine
  Bytes id;             // of the credential: the key handle
  Bytes public_key;     // SubjectPublicKeyInfo, DER; P-256
  std::string why_not;  // it cannot be imported; else empty
};

inline constexpr std::size_t kLargestU2fMapping = 1U << 20U;

// Every credential in the file, those that cannot be imported with the reason. invalid: a line breaks the
// form.
Result<std::vector<U2fCredential>> read_u2f_mapping(std::string_view text);

}  // namespace sceau::client
