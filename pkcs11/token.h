// A token: one card with a PIV application, from its insertion to its removal.
//
// The card is used under the token's own lock and within one PC/SC transaction an operation, so that no other
// token waits and other processes can use the card in between. A card that went away stays away for this
// object: the slot makes a new one for the next insertion. Safe for several threads.
//
// What is known of its contents is checked by each search: against the mark in the directory of a Sceau
// token, with one command; by its age on all other cards, which have nothing that tells of a change: what was
// read ten minutes ago is read again.
//
// Whatever needs the card can fail with CKR_DEVICE_REMOVED and CKR_DEVICE_ERROR.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "cache.h"
#include "contents.h"
#include "mechanism.h"
#include "object.h"
#include "pin_keeper.h"
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
  bool pin_pad = false;     // its reader has keys to type the PIN on
};

class Token {
 public:
  Token(std::unique_ptr<token::Channel> channel, TokenOptions options);

  // SELECT. CKR_TOKEN_NOT_RECOGNIZED: no PIV application.
  Status recognise();
  // Whether the card is still there; costs no command. A token in use is there.
  bool present();
  void mark_removed();

  Result<TokenFacts> facts();
  // Only Sceau's tokens can have clear-sign keys. Costs no command.
  [[nodiscard]] bool has(const Mechanism& mechanism) const {
    return mechanism.key != KeyKind::clear_sign || is_own_;
  }

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
  Status log_in(Login who, const std::optional<Secret>& pin);
  // For one use of a key that wants the PIN each time. As log_in().
  Status verify_again(const std::optional<Secret>& pin);
  // The same for a clear-sign key: in that application, which ends PIV's log-in on the card.
  Status verify_for_statement(const std::optional<Secret>& pin);
  // On the card, too: no other program can go on using what this log-in opened. CKR_USER_NOT_LOGGED_IN,
  // CKR_DEVICE_ERROR (the card does not know how to forget a PIN).
  Status log_out();

  // Handles of the objects that match, in the order of slots; private ones only for a user who is logged in.
  Result<std::vector<CK_OBJECT_HANDLE>> find(const Attributes& wanted);
  // Null: no such object, or not for this login.
  ObjectPtr object(CK_OBJECT_HANDLE handle);
  // The same whoever is logged in: for an administrator, who may destroy what he cannot use.
  ObjectPtr any_object(CK_OBJECT_HANDLE handle);
  // The object with what it left to be read from the card.
  Result<ObjectPtr> complete(const ObjectPtr& object);

  // ECDSA over a digest (as long as the curve's order; shorter ones are padded), as r || s.
  // CKR_USER_NOT_LOGGED_IN: the card wants its PIN (again).
  Result<Bytes> sign_digest(const Object& key, ByteView digest);
  // What CKM_SCEAU_STATEMENT gives for a statement (and, of a decision, what it is about): sceau_pkcs11.h.
  // The button is waited for, and the card held. CKR_USER_NOT_LOGGED_IN: no verify_for_statement() came
  // before; CKR_DATA_INVALID, CKR_DATA_LEN_RANGE, CKR_FUNCTION_REJECTED, CKR_FUNCTION_CANCELED.
  struct StatementToSign {
    ByteView statement;
    ByteView request;
    ByteView evidence;
  };
  Result<Bytes> sign_statement(const Object& key, const StatementToSign& what);
  // At most so many bytes are its answer.
  static std::size_t longest_evidence(const Object& key);
  // RSA over a block as long as the modulus.
  Result<Secret> rsa_private(const Object& key, ByteView block);
  // ECDH with a point (04 || x || y) on the key's curve.
  Result<Secret> agree(const Object& key, ByteView point);
  // The card's own; CKR_RANDOM_NO_RNG.
  Status fill_random(std::span<std::uint8_t> out);

  // What the administrator does, after log_in(security_officer): CKR_USER_NOT_LOGGED_IN.
  struct KeyPair {
    CK_OBJECT_HANDLE public_key = CK_INVALID_HANDLE;
    CK_OBJECT_HANDLE private_key = CK_INVALID_HANDLE;
  };
  Result<KeyPair> generate(token::Slot slot, token::Algorithm algorithm, token::PinPolicy pin);
  Result<KeyPair> import_key(token::Slot slot, const token::PrivateKey& key, token::PinPolicy pin);
  Result<CK_OBJECT_HANDLE> put_certificate(token::Slot slot, ByteView certificate);
  Result<CK_OBJECT_HANDLE> put_data(std::uint32_t tag, ByteView value);
  // A key, a certificate or a data object. CKR_ACTION_PROHIBITED: what goes only with another object.
  Status remove(const Object& object);
  Status set_management_key(const Secret& old_key, const Secret& new_key);
  // A new PIN by the factory's PUK. CKR_FUNCTION_REJECTED: the PUK is the holder's own.
  Status init_pin(const Secret& pin);

  // CKR_PIN_INCORRECT, CKR_PIN_LOCKED, CKR_PIN_LEN_RANGE, CKR_PIN_INVALID.
  Status set_pin(const Secret& old_pin, const Secret& new_pin);
  // Both typed on the reader. CKR_ARGUMENTS_BAD (nothing to type them on), CKR_FUNCTION_NOT_SUPPORTED (the
  // reader only knows how to verify), CKR_FUNCTION_CANCELED.
  Status set_pin_on_pad();
  // Erases everything, for whoever knows the management key, which stays. CKR_PIN_INCORRECT.
  Status initialise(const Secret& management_key);

 private:
  // One VERIFY, in whichever application; says how many tries the card told to be left.
  using PinAttempt = std::function<sceau::Status(token::PivCard& card, std::optional<int>& tries_left)>;
  // `pin`, or one typed on the reader when there is none.
  Status verify_pin(const std::optional<Secret>& pin, const PinAttempt& attempt);
  // Runs work(PivCard&) -> sceau::Result<T> with the card held; translates what it fails with.
  template <typename Work>
  auto with_card(Work work);
  Failure failure_of(const Error& error);
  Status administer(const std::function<sceau::Status(token::PivCard&)>& work);
  Status change_pin(const std::function<sceau::Status(token::PivCard&)>& work, const Secret* fresh);
  bool verify_kept_pin(token::PivCard& card);
  void end_login();
  Result<KeyPair> new_key(token::Slot slot);
  CK_OBJECT_HANDLE handle_of(CK_OBJECT_CLASS object_class, ByteView id);
  [[nodiscard]] Time now() const;
  sceau::Status identify(token::PivCard& card);
  void recall(const std::optional<token::Directory>& directory);
  sceau::Status look_again(token::PivCard& card);
  sceau::Status learn(token::PivCard& card, const Interest& interest);
  void save();
  void rebuild();
  [[nodiscard]] Bytes certificate_beside(const Object& key) const;
  template <typename Work>
  auto use_key(const Object& key, Work work) -> decltype(with_card(work));
  Status check_new_login(Login who) const;

  const TokenOptions options_;
  std::atomic<bool> removed_ = false;
  std::atomic<bool> is_own_ = false;

  std::mutex card_mutex_;  // the card, and what is known of it
  token::PivCard card_;
  bool identified_ = false;
  bool has_directory_ = false;
  std::string serial_;
  Bytes chuid_;
  Contents contents_;
  std::size_t cached_revision_ = 0;
  std::optional<token::PinState> pin_state_;

  mutable std::mutex state_mutex_;  // short: never held while the card works
  std::atomic<Login> login_ = Login::nobody;
  PinKeeper pin_;
  std::atomic<int> sessions_ = 0;
  std::atomic<int> read_write_sessions_ = 0;
  std::size_t built_revision_ = 0;
  std::vector<ObjectPtr> objects_;
  std::map<Bytes, CK_OBJECT_HANDLE> handles_;  // by what stays the same of an object: class and CKA_ID
};

}  // namespace sceau::pkcs11
