// The clear-sign application of Sceau's own firmware: keys that sign only statements which the token itself
// has read and shown. firmware/clearsign/FORMATS.md gives its commands.
//
// A ClearCard is one connection to the card, beside those of others; each method holds the card for itself
// and selects the application first. Every method can fail with unavailable (card or reader gone), corrupt
// (the card's answer breaks its format), not_found (no such application, key or entry), authentication (PIN
// wrong, missing or blocked; tries_left() tells) and refused (the token does not sign that, or nobody pressed
// its button). Not for use by two threads at once.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sceau/base/clock.h"
#include "sceau/base/digest.h"
#include "sceau/base/secret.h"
#include "sceau/token/apdu.h"
#include "sceau/token/signer.h"

namespace sceau::token {

// C1 to C8.
using ClearSlot = std::uint8_t;
inline constexpr ClearSlot kFirstClearSlot = 0xC1;
inline constexpr ClearSlot kLastClearSlot = 0xC8;
std::string clear_slot_text(ClearSlot slot);

struct ClearToken {
  std::vector<ClearSlot> slots;  // that hold a key
  std::size_t longest_statement = 0;
  std::string serial;  // decimal
  Bytes firmware;      // SHA-256; empty where the token cannot tell
};

struct ClearKey {
  Bytes public_key;  // SubjectPublicKeyInfo, DER
  Bytes policy;      // KeyPolicy, DER: pki::read_key_policy()
  std::uint32_t counter = 0;
  bool certified = false;
};

struct JournalHead {
  std::uint32_t count = 0;
  Digest head{};
  Bytes message;    // what the device's key signed: names serial, count, head and the challenge
  Bytes signature;  // DER
};

struct JournalEntry {
  std::uint32_t number = 0;
  ClearSlot slot = 0;
  int act = 0;  // 1 statement, 2 decision, 3 derivation
  std::uint32_t counter = 0;
  Time time = 0;
  Digest statement{};
  Digest shown{};
  Digest head{};  // after it
  Bytes bytes;    // of the entry: head = SHA-256(head before || bytes)
};

using PageWatcher = std::function<void(const ShownPage&)>;

// A statement to sign, or a decision and what it is about.
struct ClearOrder {
  ClearSlot slot = kFirstClearSlot;
  ByteView statement;
  ByteView request;   // of a decision; else empty
  ByteView evidence;  // of a decision: the request's
  Time signing_time = 0;
  Digest certificate{};
};

struct ClearSignature {
  Bytes attributes;  // the DER SET OF that the token built
  Bytes signature;   // DER
  std::string lines;
};

// What a custodian's key gives for a `derive` statement.
struct ClearDerivation {
  ClearSignature signature;
  Secret key;  // 32 bytes: firmware/clearsign/FORMATS.md says of what
};

// What shares of a custodian's master are sealed to, on their way into this token.
struct RestorationPoint {
  Bytes public_key;  // SubjectPublicKeyInfo, DER
  Bytes message;     // what the device's key (PIV's F9) signed: names serial, slot and point
  Bytes signature;   // DER
};
// Whether the device key in that certificate (DER, of slot F9) vouches for the point: for a share's holder to
// ask, who checks that certificate's chain as well. authentication: it does not.
Status check_restoration(const RestorationPoint& point, ByteView device_certificate);

class ClearCard {
 public:
  explicit ClearCard(std::unique_ptr<Channel> channel);
  ~ClearCard();
  ClearCard(const ClearCard&) = delete;
  ClearCard& operator=(const ClearCard&) = delete;

  Result<ClearToken> information();
  Result<ClearKey> key(ClearSlot slot);
  Result<Bytes> certificate(ClearSlot slot);
  Result<Bytes> attest(ClearSlot slot);
  Result<JournalHead> journal_head(const Digest& challenge);
  Result<JournalEntry> journal_entry(std::uint32_t number);

  // These want the PIN, and the token's button. generate(): an empty slot; SubjectPublicKeyInfo, DER.
  Result<Bytes> generate(ClearSlot slot, ByteView policy, const Secret& pin);
  Status remove(ClearSlot slot, const Secret& pin);
  Status put_certificate(ClearSlot slot, ByteView der, const Secret& pin);

  // `pages` is told of each page when the token shows it. refused: the token does not sign this, by its own
  // rules or the key's policy, or nobody pressed its button in time.
  Result<ClearSignature> sign(const ClearOrder& order, const Secret& pin, const PageWatcher& pages);

  // The same in two steps: the token holds the PIN until it signed (or longer, where the key's policy is
  // "once"), another application is selected, or its power goes. sign_verified(): authentication, the token
  // holds no PIN.
  Status verify_pin(const Secret& pin);
  Status verify_pin_on_pad();
  Result<ClearSignature> sign_verified(const ClearOrder& order, const PageWatcher& pages);

  // Of custodians' keys (clear_custodian.cpp). shares(): one a holder, in the policy's order; once in a key's
  // life (refused after that). derive(): as sign(), of a `derive` statement.
  Result<std::vector<Bytes>> shares(ClearSlot slot, const Secret& pin);
  Result<ClearDerivation> derive(const ClearOrder& order, const Secret& pin, const PageWatcher& pages);
  // Replaces the fresh master in a slot by the one that slot `origin_slot` of token `origin` made. The PIN
  // lasts until the last share came, or another application is selected. bring_share(): a share that was
  // sealed to the point; how many are still missing. refused: not of this restoration, which is over.
  Result<RestorationPoint> begin_restoration(ClearSlot slot, const std::string& origin, ClearSlot origin_slot,
                                             const Secret& pin);
  Result<int> bring_share(ClearSlot slot, ByteView sealed);

  [[nodiscard]] std::string reader() const { return channel_->name(); }
  // What the last answer to a PIN said.
  [[nodiscard]] std::optional<int> tries_left() const { return tries_left_; }
  // Status word of the last answer: FORMATS.md says what it means. 0: there was none.
  [[nodiscard]] std::uint16_t last_status() const { return last_status_; }

 private:
  class Hold;
  Result<Response> send(std::uint8_t ins, std::uint8_t p1, std::uint8_t p2, ByteView data);
  Result<Bytes> ask(std::uint8_t ins, std::uint8_t p1, std::uint8_t p2, ByteView data,
                    const std::string& doing);
  Status select();
  Status verify(const Secret& pin);
  Status pin_answer(std::uint16_t status);
  Result<ClearSignature> sign_held(const ClearOrder& order, const PageWatcher& pages);
  // Up to SIGN or DERIVE: the lines that the token showed.
  Result<std::string> show_order(const ClearOrder& order, const PageWatcher& pages);
  Result<ClearSignature> read_signature(ByteView answer, const ClearOrder& order, std::string lines);
  Status load(std::uint8_t what, ByteView bytes);
  Result<std::string> show_pages(std::size_t pages, const PageWatcher& watcher);
  Error failure(const std::string& doing, std::uint16_t status) const;
  Error malformed(const std::string& doing) const;

  std::unique_ptr<Channel> channel_;
  std::optional<int> tries_left_;
  std::uint16_t last_status_ = 0;
};

}  // namespace sceau::token
