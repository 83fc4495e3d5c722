// A PIV card application (NIST SP 800-73-5 part 2, with Yubico's extensions F7, F8, F9, FB, FD, FF).
//
// A PivCard selects the application by itself when it has to, and only then. Each method holds the card
// for itself; hold() groups several without letting another process in between.
//
// Every method can fail with unavailable (card or reader gone; the object may not be used any more after
// that), corrupt (the card's answer breaks its format), not_found (no PIV application, no such object or
// key), authentication (PIN, PUK or management key wrong, missing or blocked; tries_left() tells) and
// refused (the card's policy: touch refused, command not allowed). Not for use by two threads at once.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sceau/base/random.h"
#include "sceau/base/secret.h"
#include "sceau/token/apdu.h"

namespace sceau::token {

// Key references (SP 800-73-5 part 1, table 4b).
enum class Slot : std::uint8_t {
  authentication = 0x9A,
  signature = 0x9C,
  key_management = 0x9D,
  card_authentication = 0x9E,
  session = 0x82,  // first retired key management slot: Sceau's session key
  attestation = 0xF9,
};
// "9C", "82", and back; 82..95 too. invalid: text that names no slot.
std::string slot_text(Slot slot);
Result<Slot> slot_from_text(std::string_view text);
// All slots that can hold a key of the holder: 9A 9C 9D 9E 82..95.
std::vector<Slot> all_slots();

// Cryptographic algorithm identifiers (SP 800-78-5, table 6-2).
enum class Algorithm : std::uint8_t {
  triple_des = 0x03,
  rsa_3072 = 0x05,
  rsa_2048 = 0x07,
  aes_128 = 0x08,
  aes_192 = 0x0A,
  aes_256 = 0x0C,
  p256 = 0x11,
  p384 = 0x14,
};

// Yubico's key policies; `standard` leaves the slot's own default.
enum class PinPolicy : std::uint8_t { standard = 0, never = 1, once = 2, always = 3 };
enum class TouchPolicy : std::uint8_t { standard = 0, never = 1, always = 2, cached = 3 };

struct KeyMetadata {
  Algorithm algorithm = Algorithm::p256;
  PinPolicy pin = PinPolicy::standard;
  TouchPolicy touch = TouchPolicy::standard;
  bool generated = false;  // on the card, as against imported
  Bytes public_key;        // SubjectPublicKeyInfo, DER
};

// A private key to import, as Yubico's IMPORT ASYMMETRIC KEY takes it. Every number is big-endian; those of
// RSA are as long as a prime, the scalar as long as its curve.
struct PrivateKey {
  Algorithm algorithm = Algorithm::p256;
  Secret scalar;                                             // EC
  Secret prime1, prime2, exponent1, exponent2, coefficient;  // RSA
};

// Sceau's own object 5FFF20: what is on the card, and a mark that is another one after each change of it.
struct Directory {
  Bytes mark;
  std::vector<Slot> keys, certificates;
  std::vector<std::uint8_t> clear_sign;  // slots of the clear-sign application: clear_card.h
};

// What a token's PIV application shows of a key of its clear-sign application.
struct ShownKey {
  Bytes public_key;   // SubjectPublicKeyInfo, DER
  Bytes policy;       // KeyPolicy, DER
  Bytes certificate;  // DER; empty: none was put there
};

struct PinState {
  int tries_left = 0;
  std::optional<int> tries;        // in all, where the card tells
  std::optional<bool> is_default;  // still the factory's, where the card tells
};

class PivCard {
 public:
  explicit PivCard(std::unique_ptr<Channel> channel);
  ~PivCard();
  PivCard(const PivCard&) = delete;
  PivCard& operator=(const PivCard&) = delete;

  // Holds the card against other processes for as long as it lives. May nest; must not outlive the card.
  class Hold {
   public:
    Hold(Hold&& other) noexcept : card_(other.card_) { other.card_ = nullptr; }
    Hold& operator=(Hold&&) = delete;
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    ~Hold();

   private:
    friend class PivCard;
    explicit Hold(PivCard& card) : card_(&card) {}
    PivCard* card_;
  };
  Result<Hold> hold();

  // SELECT, whatever was selected before. Loses PIN and management key state on the card.
  Status select();
  Result<std::string> serial();   // F8: decimal
  Result<std::string> version();  // FD: "5.7.0"
  [[nodiscard]] std::string reader() const;
  [[nodiscard]] bool extended_length() const;

  // Objects by tag, such as 0x5FC102 (CHUID) or 0x7E (discovery); the value inside the 53 template.
  Result<Bytes> object(std::uint32_t tag);
  // not_found: the card has none, as all cards but Sceau's.
  Result<Directory> directory();
  // A clear-sign key, read without leaving PIV and its log-in. not_found: that slot is empty.
  Result<ShownKey> clear_sign_key(std::uint8_t slot);
  // Needs the management key, as all changes do. An empty value deletes.
  Status put_object(std::uint32_t tag, ByteView value);
  // The slot's X.509 certificate, DER.
  Result<Bytes> certificate(Slot slot);
  Status put_certificate(Slot slot, ByteView certificate);

  // VERIFY, PIN of 6 to 8 bytes. A wrong one costs a try and is never sent again by itself.
  Status verify_pin(const Secret& pin);
  // The same with a PIN typed on the reader: no program ever has it. authentication, too, when nobody typed
  // one. The card is held meanwhile.
  Status verify_pin_on_pad();
  Result<bool> has_pin_pad();
  // Old and new PIN typed on the reader, where it can do that, too.
  Status change_pin_on_pad();
  Result<bool> can_change_pin_on_pad();
  // Gives up what VERIFY gained (VERIFY with P1 = FF; a card that does not know it is selected anew), so that
  // no program can use it. refused: the card keeps it all the same.
  Status forget_pin();
  // Asks without spending a try. tries_left 0 means blocked.
  Result<PinState> pin_state();
  // Whether the card holds the PIN verified now.
  Result<bool> pin_verified();
  // What the last PIN or PUK answer said, until the card's next.
  [[nodiscard]] std::optional<int> tries_left() const { return tries_left_; }
  Status change_pin(const Secret& old_pin, const Secret& new_pin);
  Status change_puk(const Secret& old_puk, const Secret& new_puk);
  // RESET RETRY COUNTER: a new PIN by the PUK.
  Status unblock_pin(const Secret& puk, const Secret& new_pin);

  // Mutual authentication (SP 800-73-5 part 2, 3.2.4 and A.1) with an AES key of 16, 24 or 32 bytes, or the
  // triple DES key of 24 bytes that older tokens come with. A wrong key, and a card that does not know its
  // own, are authentication.
  Status authenticate(const Secret& key, Random& random);
  Status set_management_key(const Secret& key);
  // Gives up what authenticate() gained, by failing at it: the card has no other way.
  Status forget_management_key(Random& random);

  // Generates a key pair; returns SubjectPublicKeyInfo, DER.
  Result<Bytes> generate(Slot slot, Algorithm algorithm, PinPolicy pin, TouchPolicy touch);
  Result<KeyMetadata> metadata(Slot slot);
  // The certificate that the card's attestation key made for a key that it generated itself, DER.
  Result<Bytes> attest(Slot slot);

  // ECDSA over a digest of the curve's size (32 or 48 bytes); DER (r, s), strictly checked for form.
  Result<Bytes> sign_digest(Slot slot, Algorithm algorithm, ByteView digest);
  // ECDH with an uncompressed point (0x04 || x || y) on the slot's curve: the x coordinate.
  Result<Secret> agree(Slot slot, Algorithm algorithm, ByteView peer);

  // RSA with the slot's key, over a block as long as its modulus: signing a padded block, or deciphering.
  Result<Secret> rsa_private(Slot slot, Algorithm algorithm, ByteView block);
  // Yubico's IMPORT ASYMMETRIC KEY (FE) and, for removing, MOVE KEY to nowhere (F6).
  Status import_key(Slot slot, const PrivateKey& key, PinPolicy pin, TouchPolicy touch);
  Status remove_key(Slot slot);
  // GET CHALLENGE: random bytes of the card's own, 1 to 255 of them. refused: the card has no such command.
  Result<Secret> random_bytes(std::size_t count);
  // Whether the PUK is still the factory's, where the card tells. refused: it does not.
  Result<bool> puk_is_default();
  // The name that the application gave itself when it was selected (tag 50); may be empty.
  [[nodiscard]] const std::string& label() const { return label_; }
  // The wire, for another application of the same card, while a Hold lives: PIV, whose log-in that ends, is
  // selected anew when it is needed.
  Channel& lend();

  // Yubico's RESET (FB), which the card only obeys with PIN and PUK blocked: everything is erased.
  Status reset();

 private:
  enum class PinName { pin, puk };

  Status begin();
  void end();
  Result<Response> send(const Command& command);
  Result<Response> send_selected(const Command& command);
  Status pin_command(const Command& command, const std::string& doing, PinName which);
  Status pin_answer(std::uint16_t status, const std::string& doing, PinName which);
  Status pad_answer(const Result<Bytes>& answer, const std::string& doing);
  Status select_for_pad();
  Result<Secret> use_key(Slot slot, Algorithm algorithm, std::uint32_t tag, ByteView data,
                         const std::string& doing);
  Result<Response> ask_witness(Algorithm algorithm);
  Status answer_witness(const Secret& key, Algorithm algorithm, ByteView asked, Random& random);
  std::string where() const;
  Error failure(const std::string& doing, std::uint16_t status) const;
  Error malformed(const std::string& doing) const;

  std::unique_ptr<Channel> channel_;
  int holds_ = 0;
  bool selected_ = false;
  bool doubtful_ = false;  // selected before this hold began, and not confirmed by an answer since
  std::optional<int> tries_left_;
  std::string label_;
};

}  // namespace sceau::token
