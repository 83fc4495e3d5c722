// A PIN source that answers the same and counts how often it was asked.
#pragma once

#include <string>

#include "sceau/token/signer.h"

namespace sceau::test {

class FixedPins final : public token::PinSource {
 public:
  explicit FixedPins(std::string pin) : pin_(std::move(pin)) {}
  Result<Secret> pin(const token::PinRequest& request) override {
    ++asked;
    last = request;
    return Secret(as_bytes(pin_));
  }
  int asked = 0;
  token::PinRequest last;

 private:
  std::string pin_;
};

}  // namespace sceau::test
