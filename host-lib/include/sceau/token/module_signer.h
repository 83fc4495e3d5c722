// A Signer over a key that a PKCS#11 module reaches: OpenSC's for cards that are not PIV, a vendor's for its
// own.
//
// The key is the one whose certificate is made for the purpose, by its keyUsage: nonRepudiation to sign (as
// sole usage, or beside digitalSignature where the card has no better: the gate decides what it takes),
// digitalSignature to log in. Of several the newest counts, unless the options name one. The certificate is
// read without a PIN. For a signature the token is logged in to, and out again after it: each needs the PIN,
// asked of the caller once, or typed on the reader where the token says so. A signature is checked against
// the certificate before it is given out.
//
// ECDSA over P-256 and P-384, RSA from 2048 bits with PSS where the token does it, else PKCS#1 v1.5; always
// with SHA-256 (FORMATS.md, "Evidence").
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "sceau/token/module.h"
#include "sceau/token/signer.h"

namespace sceau::token {

enum class ModuleKeyUse { sign, login };

struct ModuleSignerOptions {
  ModuleKeyUse use = ModuleKeyUse::sign;
  std::optional<std::string> object;  // the certificate's CKA_LABEL, where the caller names one
  std::optional<Bytes> id;            // its CKA_ID
};

// A certificate on a token, as a list shows it.
struct ModuleCertificate {
  Bytes id;           // CKA_ID, which its key shares
  std::string label;  // CKA_LABEL
  Bytes certificate;  // DER
};

// Every X.509 certificate of the token that can be read, authorities' included.
Result<std::vector<ModuleCertificate>> module_certificates(const std::shared_ptr<Module>& module,
                                                           const ModuleToken& token);

class ModuleSession;

class ModuleSigner final : public Signer {
 public:
  ModuleSigner(std::shared_ptr<Module> module, ModuleToken token, ModuleSignerOptions options);
  ~ModuleSigner() override;

  Result<KeyInfo> key() override;
  // Signs SHA-256 of to_sign.attributes.
  Result<Signed> sign(const ToSign& to_sign, PinSource& pins) override;

 private:
  struct Chosen;
  Result<const Chosen*> choose();
  Result<unsigned long> private_key(const Chosen& chosen);
  Result<Secret> ask_pin(PinSource& pins) const;
  Result<Signed> sign_logged_in(const Chosen& chosen, const Secret* pin, ByteView data);
  Result<Signed> make_signature(const Chosen& chosen, const Secret* pin, ByteView data);
  [[nodiscard]] Error wrong(ErrorKind kind, const std::string& what) const;

  std::shared_ptr<Module> module_;
  ModuleToken token_;
  ModuleSignerOptions options_;
  std::unique_ptr<ModuleSession> session_;
  std::unique_ptr<Chosen> chosen_;
};

}  // namespace sceau::token
