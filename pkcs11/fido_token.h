// A FIDO2 key as a token: its discoverable credentials for the relying parties that are configured, as
// private keys (and public ones, where the key tells them) that do CKM_SCEAU_WEBAUTHN alone. See
// sceau_pkcs11.h.
//
// Objects are read by C_Login, and go with it: without the PIN nothing is shown. A PIN that is given is tried
// once, and never kept: the one for a signature lives in the session's operation. A key on a card that may
// also be a PIV card is spoken to only by C_Login, C_SetPIN and C_Sign: selecting its FIDO application ends
// PIV's log-in.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sceau/token/fido_key.h"
#include "token.h"

namespace sceau::pkcs11 {

class FidoToken final : public Token {
 public:
  FidoToken(std::unique_ptr<token::FidoKey> key, bool on_card, std::vector<std::string> relying_parties);

  bool present() override { return !removed_; }
  void mark_removed() override { removed_ = true; }

  Result<TokenFacts> facts() override;
  [[nodiscard]] bool has(const Mechanism& mechanism) const override;

  // CKU_USER alone: CKR_USER_TYPE_INVALID, CKR_USER_PIN_NOT_INITIALIZED.
  Status log_in(Login who, const std::optional<Secret>& pin) override;
  Status verify_for(const Object& key, const std::optional<Secret>& pin) override;
  Status log_out() override;
  Result<std::vector<CK_OBJECT_HANDLE>> find(const Attributes& wanted) override;
  Result<Bytes> witness(const Object& key, const ToWitness& what) override;
  [[nodiscard]] std::size_t longest_witness(const Object& key) const override;
  Status set_pin(const Secret& old_pin, const Secret& new_pin) override;

 private:
  void end_login() override;
  Failure failure_of(const Error& error);
  Status require_pin(const std::optional<Secret>& pin);
  Status ask_information();

  const bool on_card_;
  const std::vector<std::string> relying_parties_;
  std::atomic<bool> removed_ = false;
  std::mutex key_mutex_;  // the key, and what is known of it
  const std::unique_ptr<token::FidoKey> key_;
  std::optional<token::FidoInformation> information_;
};

// The objects of one credential.
void add_credential_objects(std::vector<Object>& objects, const std::string& relying_party,
                            const token::FidoCredential& credential);
// The answer to authenticatorGetAssertion (CTAP 2.1, 6.2.2): credential, authenticator data and signature.
Bytes write_assertion(ByteView credential, const token::FidoAnswer& answer);

}  // namespace sceau::pkcs11
