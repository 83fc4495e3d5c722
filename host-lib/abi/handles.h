// What the opaque handles of sceau.h are, and the one way in which a call reports its failure.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sceau/base/clock.h"
#include "sceau/base/random.h"
#include "sceau/client/author.h"
#include "sceau/client/fido.h"
#include "sceau/client/gate_client.h"
#include "sceau/client/receipt.h"
#include "sceau/sceau.h"
#include "sceau/token/fido_signer.h"
#include "sceau/token/find.h"
#include "sceau/token/modules.h"

namespace sceau::abi {

// A credential on a FIDO2 key.
struct FidoFound {
  std::shared_ptr<token::FidoKey> key;
  token::FidoCredential credential;
  [[nodiscard]] std::string serial() const;
};

}  // namespace sceau::abi

struct sceau_context {
  sceau_pin_callback* pin = nullptr;
  void* pin_user = nullptr;
  std::string memory;
  std::vector<std::string> module_paths;
  std::string relying_party = "localhost";  // whose credentials on FIDO2 keys are tokens
  sceau::client::FidoKeys fido_keys;        // for verifying
  std::optional<sceau::token::Modules> modules;
  sceau::SystemClock clock;
  sceau::SystemRandom random;
  std::string message;
};

struct sceau_token {
  sceau_t* context = nullptr;
  std::shared_ptr<sceau::token::PivCard> card;  // one of the three
  std::optional<sceau::token::ModuleFound> module;
  std::optional<sceau::abi::FidoFound> fido;
  std::string reader, serial;
  sceau::Bytes certificate;  // the one asked for last
};

struct sceau_gate {
  sceau_t* context = nullptr;
  std::unique_ptr<sceau::client::GateClient> client;
  sceau::client::GateState state;
  sceau::client::Position position;
  std::string log_key;
  std::string person;
};

struct sceau_act {
  sceau_t* context = nullptr;
  sceau::Bytes statement, evidence, receipt;
  std::string digest, state;
};

namespace sceau::abi {

int code_of(ErrorKind kind);
// Keeps the line for sceau_message().
int fail(sceau_t* context, const Error& error);
int argument(sceau_t* context, const char* what);

// Runs a call's work: its failure becomes a code and a message, what a library throws becomes
// SCEAU_ERR_INTERNAL.
int guarded(sceau_t* context, const std::function<Status()>& work) noexcept;

// A handle freed and forgotten.
template <typename Handle>
void release(Handle** handle) noexcept {
  if (handle == nullptr) return;
  delete *handle;
  *handle = nullptr;
}

// PINs through the context's callback.
class CallbackPins final : public token::PinSource {
 public:
  explicit CallbackPins(const sceau_token_t& token, const char* purpose) : token_(token), purpose_(purpose) {}
  Result<Secret> pin(const token::PinRequest& request) override;

 private:
  const sceau_token_t& token_;
  const char* purpose_;
};

// Whether a token is named as FIDO2 keys alone are: "fido2-…", or a path.
bool names_fido(const std::string& choice);
// Credentials for the context's relying party on the keys that are here; `problem` is why one could not be
// asked.
std::vector<FidoFound> fido_tokens(const sceau_t& context, const std::string& choice, std::string* problem);
Result<std::unique_ptr<sceau_token_t>> open_fido(sceau_t& context, const std::string& choice);
// Whose FIDO2 keys are, as the gate's registry says; the gate must have a session.
Result<client::FidoKeys> enrolled_fido_keys(sceau_gate_t& gate);

std::unique_ptr<token::Signer> signer_of(const sceau_token_t& token, int use);
token::Modules& modules_of(sceau_t& context);

// The gate's newest checkpoint, checked against what was seen; statements are written against it.
Status observe(sceau_gate_t& gate);

// Writes and signs one act by the person whom the token's certificate names.
struct ActPlan {
  std::string type;
  statement::Value body;
  int use = SCEAU_USE_SIGN;
  Time window = client::kRequestWindow;
};
Result<std::unique_ptr<sceau_act_t>> sign_act(sceau_gate_t& gate, const sceau_token_t& token, ActPlan plan,
                                              std::string* person = nullptr);
Result<client::Submitted> submit(sceau_gate_t& gate, sceau_act_t& act);

}  // namespace sceau::abi
