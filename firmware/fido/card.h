// The FIDO application on a card: CTAP2 messages and U2F commands in APDUs (CTAP 2.1, 11.3).
//
// NFCCTAP_MSG is 80 10 00 00 with a message as its data; its answer is a message, and 9000. It runs to its
// end before it is answered, touch included: a reader waits.
#pragma once

#include "fido/authenticator.h"

namespace sceau::firmware::fido {

class FidoCard final : public Application {
 public:
  // The channel of all that comes through the reader.
  static constexpr std::uint32_t kChannel = 0;

  explicit FidoCard(Authenticator& authenticator) : authenticator_(authenticator) {}

  ByteView aid() const override { return kAid; }
  std::size_t shortest_aid() const override { return sizeof kAid; }
  bool takes_own_class() const override { return true; }
  StatusWord select(bool again, Writer& response) override;
  void deselect() override { authenticator_.drop_channel(kChannel); }
  StatusWord process(const Command& command, Writer& response) override;

 private:
  Authenticator& authenticator_;
};

}  // namespace sceau::firmware::fido
