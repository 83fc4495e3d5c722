// A Signer over one credential of a FIDO2 key: signs client data, as a WebAuthn assertion.
#pragma once

#include <memory>

#include "sceau/token/fido_key.h"
#include "sceau/token/signer.h"

namespace sceau::token {

struct FidoSignerOptions {
  std::string relying_party;
  FidoCredential credential;
  std::string serial;  // what the token is called
  Bytes public_key;    // SubjectPublicKeyInfo, where the caller knows it
};

class FidoSigner final : public Signer {
 public:
  FidoSigner(std::shared_ptr<FidoKey> key, FidoSignerOptions options);

  Result<KeyInfo> key() override;
  // invalid: no client data. authentication: no PIN is set on the key, and it cannot verify its user without.
  Result<Signed> sign(const ToSign& to_sign, PinSource& pins) override;

 private:
  std::shared_ptr<FidoKey> key_;
  FidoSignerOptions options_;
};

// The PIN that `doing` needs; nothing where the key verifies its user by itself. authentication: none is set,
// it is blocked, or nobody gave it.
Result<std::optional<Secret>> fido_pin(FidoKey& key, const std::string& token, const std::string& doing,
                                       PinSource& pins);

}  // namespace sceau::token
