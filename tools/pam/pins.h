// PINs for one card, asked through the conversation, with the tries that are left where that is known or
// costs one command.
#pragma once

#include <string>

#include "cards.h"
#include "conversation.h"
#include "sceau/token/signer.h"

namespace sceau::pam {

class AskedPins final : public token::PinSource {
 public:
  // All borrowed.
  AskedPins(const Conversation& conversation, const Card& card, const Options& options)
      : conversation_(conversation), card_(card), options_(options) {}

  Result<Secret> pin(const token::PinRequest& request) override;
  Result<bool> type_on_reader(const token::PinRequest& request) override;
  void awaits_touch(const std::string& token) override;
  // After a failure: the PIN is blocked now.
  [[nodiscard]] bool blocked() const;

 private:
  Result<std::string> tries_left(const token::PinRequest& request);

  const Conversation& conversation_;
  const Card& card_;
  const Options& options_;
  bool blocked_ = false;
};

}  // namespace sceau::pam
