// A token: what is in a slot, from its insertion to its removal. A card with a PIV application (CardToken),
// or a FIDO2 key (FidoToken).
//
// What went away stays away for this object: the slot makes a new one for the next insertion. Safe for
// several threads. Whatever needs the card or key can fail with CKR_DEVICE_REMOVED and CKR_DEVICE_ERROR; what
// a kind of token does not do at all fails with CKR_FUNCTION_NOT_SUPPORTED.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "cache.h"
#include "mechanism.h"
#include "object.h"
#include "result.h"

namespace sceau::pkcs11 {

struct TokenOptions {
  std::shared_ptr<Cache> cache;                  // null: nothing is kept between processes
  bool keep_pins = false;                        // while their user is logged in
  std::shared_ptr<const Clock> clock = nullptr;  // null: the system's
};

// Who is logged in, on this token, in this process.
enum class Login : std::uint8_t { nobody, user, security_officer };

struct TokenFacts {
  std::string serial;  // at most 16 characters
  std::string label;   // at most 32
  std::optional<int> tries_left;
  std::optional<int> tries;
  std::optional<bool> default_pin;
  std::string application;  // what it calls itself; may be empty
  bool pin_pad = false;     // its reader has keys to type the PIN on, or the token knows its user by itself
  bool is_fido = false;
  bool pin_set = true;  // as far as is known
};

class Token {
 public:
  Token() = default;
  virtual ~Token() = default;
  Token(const Token&) = delete;
  Token& operator=(const Token&) = delete;

  // Whether it is still there. A token in use is there.
  virtual bool present() = 0;
  virtual void mark_removed() = 0;

  virtual Result<TokenFacts> facts() = 0;
  // Whether a key of this token can be used with that. Asks nobody.
  [[nodiscard]] virtual bool has(const Mechanism& mechanism) const = 0;

  // Sessions of this process; the last one to close logs out (in this process: other programs may be using
  // the card's state).
  void session_opened(bool read_write);
  void session_closed(bool read_write);
  [[nodiscard]] int sessions() const { return sessions_; }
  [[nodiscard]] int read_write_sessions() const { return read_write_sessions_; }

  [[nodiscard]] Login login() const { return login_; }
  // The PIN, or the management key in hexadecimal. No PIN: it is typed on the reader. CKR_PIN_INCORRECT,
  // CKR_PIN_LOCKED, CKR_USER_ALREADY_LOGGED_IN, CKR_USER_ANOTHER_ALREADY_LOGGED_IN,
  // CKR_SESSION_READ_ONLY_EXISTS, CKR_ARGUMENTS_BAD (nothing to type it on), CKR_FUNCTION_CANCELED (nobody
  // typed it).
  virtual Status log_in(Login who, const std::optional<Secret>& pin) = 0;
  // For one use of this key, which wants the PIN each time. As log_in().
  virtual Status verify_for(const Object& key, const std::optional<Secret>& pin) = 0;
  // On the card, too: no other program can go on using what this log-in opened. CKR_USER_NOT_LOGGED_IN,
  // CKR_DEVICE_ERROR (the card does not know how to forget a PIN).
  virtual Status log_out() = 0;

  // Handles of the objects that match; private ones only for a user who is logged in.
  virtual Result<std::vector<CK_OBJECT_HANDLE>> find(const Attributes& wanted) = 0;
  // Null: no such object, or not for this login.
  ObjectPtr object(CK_OBJECT_HANDLE handle);
  // The same whoever is logged in: for an administrator, who may destroy what he cannot use.
  ObjectPtr any_object(CK_OBJECT_HANDLE handle);
  // The object with what it left to be read from the card.
  virtual Result<ObjectPtr> complete(const ObjectPtr& object) { return object; }

  // ECDSA over a digest (as long as the curve's order; shorter ones are padded), as r || s.
  // CKR_USER_NOT_LOGGED_IN: the card wants its PIN (again).
  virtual Result<Bytes> sign_digest(const Object& key, ByteView digest);
  // What CKM_SCEAU_STATEMENT and CKM_SCEAU_WEBAUTHN give: sceau_pkcs11.h. A button or a touch is waited for,
  // and the card held. CKR_USER_NOT_LOGGED_IN: no verify_for() came before; CKR_DATA_INVALID,
  // CKR_DATA_LEN_RANGE, CKR_FUNCTION_REJECTED, CKR_FUNCTION_CANCELED.
  struct ToWitness {
    ByteView data;       // a statement, or a hash of client data
    ByteView request{};  // of a decision
    ByteView evidence{};
    const Secret* pin = nullptr;  // for keys that are given it with each request; null: they know their user
  };
  virtual Result<Bytes> witness(const Object& key, const ToWitness& what);
  // At most so many bytes are its answer.
  [[nodiscard]] virtual std::size_t longest_witness(const Object& key) const;
  // RSA over a block as long as the modulus.
  virtual Result<Secret> rsa_private(const Object& key, ByteView block);
  // ECDH with a point (04 || x || y) on the key's curve.
  virtual Result<Secret> agree(const Object& key, ByteView point);
  // The card's own; CKR_RANDOM_NO_RNG.
  virtual Status fill_random(std::span<std::uint8_t> out);

  // What the administrator does, after log_in(security_officer): CKR_USER_NOT_LOGGED_IN.
  struct KeyPair {
    CK_OBJECT_HANDLE public_key = CK_INVALID_HANDLE;
    CK_OBJECT_HANDLE private_key = CK_INVALID_HANDLE;
  };
  virtual Result<KeyPair> generate(token::Slot slot, token::Algorithm algorithm, token::PinPolicy pin);
  virtual Result<KeyPair> import_key(token::Slot slot, const token::PrivateKey& key, token::PinPolicy pin);
  virtual Result<CK_OBJECT_HANDLE> put_certificate(token::Slot slot, ByteView certificate);
  virtual Result<CK_OBJECT_HANDLE> put_data(std::uint32_t tag, ByteView value);
  // A key, a certificate or a data object. CKR_ACTION_PROHIBITED: what goes only with another object.
  virtual Status remove(const Object& object);
  virtual Status set_management_key(const Secret& old_key, const Secret& new_key);
  // A new PIN by the factory's PUK. CKR_FUNCTION_REJECTED: the PUK is the holder's own.
  virtual Status init_pin(const Secret& pin);

  // CKR_PIN_INCORRECT, CKR_PIN_LOCKED, CKR_PIN_LEN_RANGE, CKR_PIN_INVALID.
  virtual Status set_pin(const Secret& old_pin, const Secret& new_pin) = 0;
  // Both typed on the reader. CKR_ARGUMENTS_BAD (nothing to type them on), CKR_FUNCTION_NOT_SUPPORTED (the
  // reader only knows how to verify), CKR_FUNCTION_CANCELED.
  virtual Status set_pin_on_pad();
  // Erases everything, for whoever knows the management key, which stays. CKR_PIN_INCORRECT.
  virtual Status initialise(const Secret& management_key);

 protected:
  // In this process; what the card holds is another matter.
  virtual void end_login() { login_ = Login::nobody; }
  Status check_new_login(Login who) const;
  // Those of objects_ that match, for whoever is logged in.
  std::vector<CK_OBJECT_HANDLE> matching(const Attributes& wanted);
  // Takes these as the token's objects; handles stay. `serial` is what CKA_UNIQUE_ID begins from.
  void show(std::vector<Object> objects, const std::string& serial);

  mutable std::mutex state_mutex_;  // short: never held while the card works
  std::atomic<Login> login_ = Login::nobody;
  std::vector<ObjectPtr> objects_;

 private:
  std::atomic<int> sessions_ = 0;
  std::atomic<int> read_write_sessions_ = 0;
  std::map<Bytes, CK_OBJECT_HANDLE> handles_;  // by what stays the same of an object: class and CKA_ID
};

}  // namespace sceau::pkcs11
