// A card's wire, lent by its PivCard for as long as that is held, to another application's host code.
#pragma once

#include "sceau/token/apdu.h"

namespace sceau::pkcs11 {

class LentChannel final : public token::Channel {
 public:
  // Borrowed, with the card held: begin() and end() are the lender's.
  explicit LentChannel(token::Channel& lender) : lender_(lender) {}

  sceau::Result<Bytes> transmit(ByteView command) override { return lender_.transmit(command); }
  sceau::Result<bool> has_pin_pad() override { return lender_.has_pin_pad(); }
  sceau::Result<Bytes> verify_on_pad(ByteView structure) override { return lender_.verify_on_pad(structure); }
  [[nodiscard]] std::string name() const override { return lender_.name(); }
  [[nodiscard]] bool extended_length() const override { return lender_.extended_length(); }

 private:
  token::Channel& lender_;
};

}  // namespace sceau::pkcs11
