// Tokens without an attestation (kind "pkcs11"): cards of other makers, reached through their PKCS#11 module.
//
// What an attestation says of a key, that it was made in a token and never leaves it, only the authority that
// certified the key can say here. Policy lists those that are believed (hardware_authorities: none, unless
// two administrators say otherwise), the statement names the one it relies on, and every key must be
// certified by it. Nobody can tell when such a key asks for its PIN, so it may sign and log in, and nothing
// else.
#include <algorithm>

#include "rules.h"

namespace sceau::registry {

using statement::Value;

Result<bool> is_unattested(const Value& token) {
  const std::string name = "token " + text_of(token, "serial");
  if (is_fido(token)) return false;
  const bool has_authority = token.contains("authority");
  if (text_of(token, "kind") == "piv") {
    if (!has_authority) return false;
    return refusal(name + " is a PIV token, whose keys it attests itself: leave the authority out");
  }
  if (!has_authority) {
    return refusal(name +
                   " may be software-made: it has no attestation and names no authority that vouches for it");
  }
  const bool attests = !array_of(token, "attestation_chain").empty() ||
                       std::ranges::any_of(array_of(token, "keys"),
                                           [](const Value& key) { return key.contains("attestation"); });
  if (attests) return refusal(name + " names both an attestation and an authority in its place: name one");
  return true;
}

Status check_unattested(const Policy& policy, const Value& token) {
  const std::string name = "token " + text_of(token, "serial");
  const auto& listed = policy.hardware_authorities;
  if (std::ranges::find(listed, digest_of(token, "authority")) == listed.end()) {
    return refusal(
        name +
        " may be software-made: it has no attestation, and policy's hardware_authorities does not list " +
        text_of(token, "authority") +
        ": use a token that attests its keys, or have policy.set list its authority");
  }
  for (const Value& key : array_of(token, "keys")) {
    const auto purpose = key_purpose_from_text(text_of(key, "use"));
    if (purpose != KeyPurpose::sign && purpose != KeyPurpose::login) {
      return refusal(name + " has a key for " + text_of(key, "use") +
                     ", which needs an attestation: enrol its keys for sign and login only");
    }
  }
  return {};
}

}  // namespace sceau::registry
