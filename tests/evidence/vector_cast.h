// Who stands behind the vectors: authorities, a person with a good certificate and one with a revoked one,
// and strangers, with new keys each time; and signatures by any key, over any numbers.
#pragma once

#include <openssl/bn.h>

#include <functional>

#include "forge.h"

namespace sceau::test {

inline const char* const ca_usage = "critical,keyCertSign,cRLSign";

struct VectorCast {
  explicit VectorCast(Bytes signed_statement);

  // What a certificate of the root authority says of a person; p-N: as long as her name.
  [[nodiscard]] Plan person(const std::string& name, const Key& hers) const {
    Plan plan;
    plan.name = name;
    plan.person = "p-" + std::to_string(name.size());
    plan.key = hers;
    plan.issuer = &root;
    plan.issuer_key = root_key;
    return plan;
  }
  [[nodiscard]] Forge forge(const pki::Certificate& certificate, const Key& hers) const {
    Forge forge;
    forge.certificate = &certificate;
    forge.key = hers;
    forge.statement = sha256(statement);
    return forge.fill();
  }
  // A good signature of alice's over the statement, to be spoilt.
  [[nodiscard]] Forge alice() const { return forge(alices, key); }

  Bytes statement;
  Key root_key = craft_key("P-256");
  Key middle_key = craft_key("P-256");
  Key key = craft_key("P-256");
  Key other_key = craft_key("P-256");
  pki::Certificate root = craft({.name = "Test authority",
                                 .person = "",
                                 .key = root_key,
                                 .key_usage = ca_usage,
                                 .basic_constraints = "critical,CA:TRUE"});
  pki::Certificate middle = craft({.name = "Test authority for contractors",
                                   .person = "",
                                   .key = middle_key,
                                   .issuer = &root,
                                   .issuer_key = root_key,
                                   .key_usage = ca_usage,
                                   .basic_constraints = "critical,CA:TRUE,pathlen:0"});
  pki::Certificate stranger = craft({.name = "Stranger",
                                     .person = "",
                                     .key = other_key,
                                     .key_usage = ca_usage,
                                     .basic_constraints = "critical,CA:TRUE"});
  pki::Certificate imitation = craft({.name = "Test authority",
                                      .person = "",
                                      .key = other_key,
                                      .key_usage = ca_usage,
                                      .basic_constraints = "critical,CA:TRUE"});
  pki::Certificate alices = craft({.key = key, .issuer = &root, .issuer_key = root_key});
  pki::Certificate revoked = craft({.name = "Revoked", .key = key, .issuer = &root, .issuer_key = root_key});
  pki::TrustStore trust;
};

// Over `message`, DER for a curve; RSA: PKCS #1 v1.5, or PSS with a salt of 32 bytes. Aborts where OpenSSL
// fails.
Bytes sign_with(const Key& key, ByteView message, const EVP_MD* digest, bool pss);

// A signature on P-256 whose r and s were changed by a function that gets the group's order too.
using ChangeNumbers = std::function<void(BIGNUM* r, BIGNUM* s, const BIGNUM* order)>;
Bytes with_numbers(const Bytes& signature, const ChangeNumbers& change);

}  // namespace sceau::test
