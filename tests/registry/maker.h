// A token maker for tests: a root, tokens' attestation keys under it, and attestations with the extensions
// that pki/attestation.h reads.
#pragma once

#include <string>

#include "sceau/pki/authority.h"
#include "sceau/pki/certificate.h"

namespace sceau::test {

struct Attestation {
  std::string serial;
  std::string slot = "9c";
  int pin_policy = 3;
  int touch_policy = 1;
  Bytes key_policy{};  // of a clear-sign key: DER
};

class Maker {
 public:
  explicit Maker(Time now);
  [[nodiscard]] const pki::Certificate& root() const { return root_; }
  // The certificate of a token's own attestation key (slot F9), and that key.
  struct Token {
    pki::SoftwareKey key;
    Bytes certificate;
  };
  [[nodiscard]] Token make_token(const std::string& serial) const;
  // What a token says of a key in it.
  [[nodiscard]] Bytes attest(const Token& token, const Bytes& public_key, const Attestation& about) const;

 private:
  Time now_;
  pki::SoftwareKey key_;
  pki::Certificate root_;
};

}  // namespace sceau::test
