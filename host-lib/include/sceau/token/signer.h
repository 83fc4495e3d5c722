// The one Signer that cards, PKCS#11 modules, clear-sign keys and FIDO2 keys all are.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sceau/base/bytes.h"
#include "sceau/base/clock.h"
#include "sceau/base/result.h"
#include "sceau/base/secret.h"

namespace sceau::token {

// What a PIN is asked for.
struct PinRequest {
  std::string token;              // serial or reader name, as a person knows it
  std::optional<int> tries_left;  // where it is known without asking the card
  std::string purpose;            // "sign with slot 9C"
};

// What a clear-sign token shows now, and waits to be read: `page` of `pages`, from 1; `lines` end in line
// feeds.
struct ShownPage {
  std::size_t page = 0;
  std::size_t pages = 0;
  std::string lines;
};

// Where PINs come from: a terminal, a PAM conversation, a test. Asked at most once for a signature; a
// wrong PIN is never tried again by itself.
class PinSource {
 public:
  PinSource() = default;
  virtual ~PinSource() = default;
  PinSource(const PinSource&) = delete;
  PinSource& operator=(const PinSource&) = delete;
  virtual Result<Secret> pin(const PinRequest& request) = 0;
  // The reader has keys of its own. True: the person was told to type the PIN there, and pin() is not asked.
  virtual Result<bool> type_on_reader(const PinRequest& /*request*/) { return false; }
  // A clear-sign token shows a page: whoever can, shows the same lines and says where to look and press.
  virtual void shows(const ShownPage& /*page*/) {}
  // A FIDO2 key wants to be touched: whoever can, says so.
  virtual void awaits_touch(const std::string& /*token*/) {}
};

enum class SignatureKind { certificate, clear_sign, webauthn };

struct KeyInfo {
  SignatureKind kind = SignatureKind::certificate;
  std::string token_serial;  // empty where nobody asked the token yet: it costs a command
  std::string reader;
  std::string slot;          // "9C"
  Bytes certificate;         // DER; empty for webauthn
  std::vector<Bytes> chain;  // DER, nearest issuer first; empty where the token holds none
  std::string person = {};   // of webauthn: the user that its credential was made for
  std::string rp_id = {};    // of webauthn: and the relying party
  Bytes public_key = {};     // of webauthn: SubjectPublicKeyInfo, where the caller told it; else empty
};

// The same act in both forms; the kind of key decides which one it signs.
struct ToSign {
  ByteView statement;      // canonical bytes: what clear-sign keys sign
  ByteView attributes;     // DER SET OF the CMS signed attributes: what a certificate key signs
  Time signing_time = 0;   // for keys that build the attributes themselves
  ByteView request{};      // of an approval, refusal or release: the request's canonical bytes; else empty
  ByteView evidence{};     // and its evidence
  ByteView client_data{};  // JSON, with the statement's digest as its challenge: what a WebAuthn key signs
  bool presence = true;    // whether such a key is to be touched
};

// A WebAuthn assertion beside its signature.
struct AssertionFields {
  Bytes credential_id;
  Bytes authenticator_data;
  Bytes client_data_json;
};

struct Signed {
  Bytes signature;   // DER (r, s) for ECDSA keys; as long as the modulus for RSA keys
  Bytes attributes;  // as really signed: a clear-sign key builds its own; empty for webauthn
  std::optional<AssertionFields> assertion;
  bool rsa_pss = false;  // by an RSA key: PSS with SHA-256 and a salt of 32 bytes; else PKCS#1 v1.5
};

// Can fail with unavailable (token gone), authentication (wrong or blocked PIN), refused (touch refused,
// or a statement the token does not sign), not_found (no key or certificate in the slot), corrupt (the
// token's answer, or its signature does not match its certificate).
class Signer {
 public:
  Signer() = default;
  virtual ~Signer() = default;
  Signer(const Signer&) = delete;
  Signer& operator=(const Signer&) = delete;
  virtual Result<KeyInfo> key() = 0;
  virtual Result<Signed> sign(const ToSign& to_sign, PinSource& pins) = 0;
};

}  // namespace sceau::token
