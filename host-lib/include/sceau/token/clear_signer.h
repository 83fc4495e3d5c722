// A Signer over a clear-sign key: the token reads the statement, shows it, and builds the attributes itself.
#pragma once

#include <functional>
#include <memory>

#include "sceau/token/clear_card.h"
#include "sceau/token/signer.h"

namespace sceau::token {

class ClearSigner final : public Signer {
 public:
  // `serial`, where the caller knows it, is what people are asked the PIN for.
  ClearSigner(std::shared_ptr<ClearCard> card, ClearSlot slot, std::string serial);

  Result<KeyInfo> key() override;
  // Signs to_sign.statement at to_sign.signing_time; a decision with its request and evidence. The pages that
  // the token shows go to pins.shows(). corrupt: what came back is not this key's signature.
  Result<Signed> sign(const ToSign& to_sign, PinSource& pins) override;

 private:
  std::shared_ptr<ClearCard> card_;
  ClearSlot slot_;
  std::string serial_;
  Bytes certificate_;
};

// The first clear-sign key of the token in that reader that has a certificate and whose policy (DER)
// `suits`; null when there is none, or the token is of another make.
Result<std::unique_ptr<ClearSigner>> find_clear_signer(std::unique_ptr<Channel> channel,
                                                       const std::string& serial,
                                                       const std::function<bool(ByteView)>& suits = {});

}  // namespace sceau::token
