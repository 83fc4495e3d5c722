// The clear-sign application: keys that sign statements which the token itself has read and shown, and
// nothing else. FORMATS.md in this folder gives its commands, byte by byte.
//
// Invariants: nothing is signed that statement::read_statement() did not take, that the key's policy does not
// allow, or whose last page was not shown; with a key of touch "always" the button is pressed after each
// page; the counter and the journal's entry are durable before the key is used; one PREPARE gives one
// signature at most. The PIN is the token's one PIN, and its tries are counted with PIV's; a log-in here is
// no log-in there.
#pragma once

#include "apdu/apdu.h"
#include "clearsign/attributes.h"
#include "clearsign/desk.h"
#include "clearsign/journal.h"
#include "clearsign/keys.h"
#include "clearsign/restoration.h"
#include "crypto/key_engine.h"
#include "piv/attestation.h"
#include "piv/pin.h"

namespace sceau::firmware::clearsign {

class ScreenSink;

class ClearSign final : public Application {
 public:
  // Borrows all three.
  ClearSign(Board& board, Store& store, KeyEngine& engine);

  ByteView aid() const override { return kAid; }
  std::size_t shortest_aid() const override { return sizeof kAid; }
  StatusWord select(bool again, Writer& response) override;
  void deselect() override;
  StatusWord process(const Command& command, Writer& response) override;

  // For PIV, which shows them.
  piv::ShownKeys& shown_keys() { return keys_; }

 private:
  static constexpr std::uint32_t kTouchWait = 30000;  // milliseconds
  static constexpr std::size_t kTimeSize = 20;        // of a signing time as text
  static constexpr std::int64_t kClockSkew = 60;      // seconds that a host's clock may be behind

  // clearsign.cpp
  StatusWord process_key(const Command& command, Writer& response);
  StatusWord verify(const Command& command);
  void forget_pin();
  bool touched();
  // Shows it, and waits for the button.
  bool agreed_on(const ScreenSink& screen);

  // key_commands.cpp
  StatusWord generate(const Command& command, Writer& response);
  bool confirm_generation(std::uint8_t slot, const KeyPolicy& policy);
  StatusWord remove(const Command& command);
  StatusWord put_certificate(const Command& command);
  StatusWord get_certificate(const Command& command, Writer& response);
  StatusWord information(const Command& command, Writer& response);
  StatusWord list_keys(Writer& response);
  StatusWord attest(const Command& command, Writer& response);
  StatusWord journal_head(const Command& command, Writer& response);
  StatusWord journal_entry(const Command& command, Writer& response);

  // custodian_commands.cpp
  // A custodian whose master nobody else has yet; `custodian` points into `policy`.
  struct FreshCustodian {
    Master master;
    BoundedBytes<kMaxPolicy> policy;
    Custodian custodian;
  };
  Result<Master> make_master(const KeyPolicy& policy);
  StatusWord read_fresh(std::uint8_t slot, FreshCustodian& fresh);
  StatusWord give_shares(const Command& command, Writer& response);
  bool confirm_shares(std::uint8_t slot, const Custodian& custodian);
  StatusWord write_shares(std::uint8_t slot, const Custodian& custodian, const Master& master,
                          Writer& response);
  StatusWord restore(const Command& command, Writer& response);
  StatusWord begin_restoration(const Command& command, const Custodian& custodian, Writer& response);
  bool confirm_restoration(std::uint8_t slot, const Custodian& custodian, const ShareContext& origin);
  StatusWord take_share(const Command& command, const Custodian& custodian, Writer& response);
  StatusWord derive(const Command& command, Writer& response);

  // sign_commands.cpp
  StatusWord load(const Command& command);
  StatusWord prepare(const Command& command, Writer& response);
  StatusWord check_policy(const KeyPolicy& policy, std::int64_t signing_time) const;
  StatusWord show(const Command& command, Writer& response);
  StatusWord sign(const Command& command, Act act, Writer& response);
  Result<JournalHead> count(Act act, TokenStatement& token);
  StatusWord make_signature(const Key& key, const TokenStatement& token, Writer& response);
  void clear_desk();

  Board& board_;
  Store& store_;
  KeyEngine& engine_;
  piv::PinVault pins_;
  piv::Attestation attestation_;
  Keys keys_;
  Journal journal_;
  Desk desk_;
  Restoration restoration_;

  // Of what is prepared: with which key, when, and for which certificate.
  struct Order {
    std::uint8_t slot = 0;
    bool touch = true;
    std::array<std::uint8_t, kTimeSize> time{};
    std::int64_t seconds = 0;
    Hash certificate{};
  };
  Order order_;

  bool pin_verified_ = false;
  bool pin_fresh_ = false;  // verified, and no key of PIN "always" used since
};

}  // namespace sceau::firmware::clearsign
