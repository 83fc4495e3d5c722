// A person with her token in a reader: the one way in which this program signs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sceau/client/askpass.h"
#include "sceau/client/sign.h"
#include "sceau/pki/authority.h"
#include "sceau/token/clear_card.h"
#include "sceau/token/fido_signer.h"
#include "sceau/token/find.h"
#include "sceau/token/initialise.h"
#include "sceau/token/modules.h"
#include "workplace.h"

namespace sceau::tool {

class AgentClient;

class Holder {
 public:
  ~Holder();
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;

  // `choice`: a reader's name or part of it, a serial, a PKCS#11 URI, a FIDO2 key's device, agent:SOCKET for
  // one that `sceau agent` keeps, or empty for the only token there is. A PIV card with a signing key is
  // spoken to directly; a FIDO2 key, which the same reader may hold, through libfido2; any other token
  // through the PKCS#11 module that reaches it. Reads nothing from the token but what choosing it needs.
  static Result<std::unique_ptr<Holder>> open(Workplace& place, const std::string& choice);
  // The same for what needs a PIV card: making keys, changing PINs, escrow. refused: a token behind a module.
  static Result<std::unique_ptr<Holder>> open_card(Workplace& place, const std::string& choice);

  [[nodiscard]] const std::string& reader() const { return reader_; }
  [[nodiscard]] const std::string& serial() const { return serial_; }
  // "Sceau alice (serial 1234)".
  [[nodiscard]] std::string label() const { return reader_ + " (serial " + serial_ + ")"; }
  // Only of a holder that open_card() gave.
  token::PivCard& card() { return *card_; }
  // A connection of its own to the card's clear-sign application, likewise.
  Result<std::unique_ptr<token::ClearCard>> clear_card() const;
  client::TokenPins& pins() { return *pins_; }
  [[nodiscard]] bool is_card() const { return card_ != nullptr; }
  [[nodiscard]] bool has_agent() const { return agent_ != nullptr; }
  // Of a holder that open_card() did not give; null for a card.
  [[nodiscard]] const token::ModuleFound* module() const { return module_ ? &*module_ : nullptr; }
  // Of a FIDO2 key; null for every other token.
  [[nodiscard]] const token::FidoSignerOptions* fido() const { return fido_ ? &fido_options_ : nullptr; }
  // Signatures of this FIDO2 key are verified with it from now on (SubjectPublicKeyInfo, DER).
  void know_public_key(Bytes public_key) { fido_options_.public_key = std::move(public_key); }
  // "PIV", "FIDO2", or the module's name.
  [[nodiscard]] std::string reached_through() const;
  // From now on this PIN is used, without asking: it was just chosen.
  void know_pin(Secret pin);

  // Who the certificate in the slot speaks for. not_found: the slot is empty, and what to do about it.
  Result<client::Signatory> signatory(token::Slot slot = token::Slot::signature);

  // One signature over the statement, by the key in that slot; instead of 9C's by a clear-sign key, where the
  // token has one whose policy allows this act. `about` is what a decision is about: without it, none
  // decides.
  Result<evidence::Signature> sign(ByteView statement, Time now, token::Slot slot = token::Slot::signature,
                                   const client::Decided& about = {});

  // Whether it has a key for sessions: slot 82 of a card, its PIN asked once.
  [[nodiscard]] bool has_session_key();

  // Whether the key in that slot signs, and the signature fits its certificate, whomever that names. `text`
  // must be nothing that could pass for signed attributes.
  Status try_key(ByteView text, token::Slot slot);

  // ECDSA over SHA-256 of the bytes, by a key that may have no certificate; `public_key` is its
  // SubjectPublicKeyInfo. For certificates, CRLs and requests.
  pki::SignCallback signs_bytes(token::Slot slot, Bytes public_key);

  // Key agreement with slot 9D, its PIN asked if the card wants it.
  Result<Secret> agree(ByteView peer_point);

 private:
  Holder();
  static Result<std::unique_ptr<Holder>> open_agent(const std::string& socket);
  static Result<std::unique_ptr<Holder>> open_module(Workplace& place, const std::string& choice);
  static Result<std::unique_ptr<Holder>> open_fido_key(Workplace& place, const std::string& choice);
  std::unique_ptr<token::Signer> any_signer(token::Slot slot) const;
  // Null: the token has no such key for this statement.
  Result<std::unique_ptr<token::Signer>> clear_signer(ByteView statement, const client::Decided& about) const;
  token::Signer& session_signer();
  std::unique_ptr<token::PivSigner> signer(token::Slot slot, Bytes public_key = {}) const;

  std::unique_ptr<AgentClient> agent_;
  bool agent_session_ = false;            // it has a key for sessions
  std::shared_ptr<token::PivCard> card_;  // one of the four
  std::optional<token::ModuleFound> module_;
  std::shared_ptr<token::FidoKey> fido_;
  token::FidoSignerOptions fido_options_;
  std::unique_ptr<token::Signer> session_;  // kept: it knows its certificate, and that the PIN was given
  std::optional<token::Readers> readers_;   // of a card: for a connection to its clear-sign application
  std::string reader_, serial_;
  std::unique_ptr<client::TokenPins> pins_;
  client::SigningMemory memory_;
};

// The slot of an administrator's token that holds an authority's key: a retired key management slot, PIN
// always.
inline constexpr auto kAuthoritySlot = static_cast<token::Slot>(0x83);

}  // namespace sceau::tool
