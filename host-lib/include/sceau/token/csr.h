// PKCS#10 certification requests (RFC 2986) whose signature a token makes.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sceau/base/bytes.h"
#include "sceau/base/result.h"

namespace sceau::token {

// ECDSA with SHA-256 over the bytes, DER: PivSigner::sign_raw with its PIN source bound.
using SignBytes = std::function<Result<Bytes>(ByteView to_be_signed)>;

// One attribute of a subject's name: an OpenSSL short name or dotted OID ("CN", "serialNumber",
// "2.5.4.97"), and its UTF-8 value.
struct NameAttribute {
  std::string type;
  std::string value;
};

// `public_key`: SubjectPublicKeyInfo, DER, P-256. Returns the request, DER. invalid: a name attribute or
// key that OpenSSL does not take; otherwise as `sign` fails. The request's own signature is checked.
Result<Bytes> certificate_request(ByteView public_key, const std::vector<NameAttribute>& subject,
                                  const SignBytes& sign);

}  // namespace sceau::token
