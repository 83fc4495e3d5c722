// Keys and certificates of every kind, right and wrong, for tests: made by OpenSSL directly.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sceau/pki/authority.h"

namespace sceau::test {

using Key = std::shared_ptr<EVP_PKEY>;

// "P-256", "P-384", "RSA" (2048 bits), "RSA-1024" or "ED25519".
Key craft_key(const std::string& kind);
Bytes spki_of(const Key& key);
// With SHA-256; the whole message for Ed25519.
pki::SignCallback signer_of(const Key& key);

// 2026-01-01, 2026-11-22T09:30:00Z, 2036-01-01
inline constexpr Time begin_time = 1767225600;
inline constexpr Time now_time = 1795339800;
inline constexpr Time end_time = 2082758400;

struct Plan {
  std::string name = "Alice Martin";
  std::string person = "alice";
  std::string unit = {};  // organizationalUnitName
  Key key = nullptr;
  const pki::Certificate* issuer = nullptr;  // null: self-signed
  Key issuer_key = nullptr;
  std::string key_usage = "critical,nonRepudiation";  // empty: none
  std::string basic_constraints = "critical,CA:FALSE";
  Time from = begin_time;
  Time until = end_time;
  std::vector<std::pair<std::string, Bytes>> extensions = {};  // dotted OID, content of the value
};
pki::Certificate craft(const Plan& plan);

// A CRL of that authority with those revoked, from a day before now_time to a week after it.
pki::Crl craft_crl(const pki::Certificate& authority, const Key& key,
                   const std::vector<pki::Certificate>& revoked, std::uint64_t number,
                   Time from = now_time - 86400, Time until = now_time + 7 * 86400);

}  // namespace sceau::test
