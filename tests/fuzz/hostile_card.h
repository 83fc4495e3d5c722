// A card that answers as the input says: as an honest one, or anything else.
#pragma once

#include "fuzz.h"
#include "sceau/token/apdu.h"
#include "simulated_card.h"

namespace sceau::fuzz {

// What the card saw of secrets, for all channels to it.
struct Seen {
  int pins = 0;  // commands with a PIN or PUK, but for those that it says it knows nothing of
};

class HostileCard final : public token::Channel {
 public:
  // Borrows all three; they outlive every channel.
  HostileCard(Feed& feed, SimulatedCard& card, Seen& seen, bool extended = true)
      : feed_(feed), card_(card), seen_(seen), extended_(extended) {}

  Result<Bytes> transmit(ByteView command) override;
  Result<token::CardState> begin() override;
  [[nodiscard]] std::string name() const override { return "Hostile"; }
  [[nodiscard]] bool extended_length() const override { return extended_; }

 private:
  Result<Bytes> respond(ByteView command);
  Bytes spoil(Bytes honest);
  Bytes invent();

  Feed& feed_;
  SimulatedCard& card_;
  Seen& seen_;
  bool extended_;
};

}  // namespace sceau::fuzz
