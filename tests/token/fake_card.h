// A PIV card in memory, just true enough for host code to work with, that can leave at any command.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "certificates.h"
#include "sceau/token/apdu.h"

namespace sceau::test {

class FakeCard final : public token::Channel {
 public:
  Result<Bytes> transmit(ByteView command) override;
  Result<token::CardState> begin() override { return token::CardState::kept; }
  [[nodiscard]] std::string name() const override { return "Fake"; }
  [[nodiscard]] bool extended_length() const override { return true; }

  std::optional<std::size_t> leaves_at;  // the number of the command that gets no answer, from 0
  std::vector<std::uint8_t> seen;        // instructions, in order
  std::string pin = "123456";
  std::string puk = "12345678";
  Bytes management_key;     // starts as the factory's
  bool triple_des = false;  // the factory's key is of the older kind
  int tries = 3;
  bool lies_about_management = false;  // answers our challenge wrongly
  bool refuses_touch = false;
  bool signs_with_another_key = false;
  bool is_sceau = false;     // names itself so, and has a directory
  bool forgets_pins = true;  // knows VERIFY with P1 = FF
  void reset();              // what another program can do to it
  int resets = 0;
  std::map<std::uint8_t, SoftwareKey> keys;
  std::map<Bytes, Bytes> objects;

  FakeCard();

 private:
  Bytes run(std::uint8_t ins, std::uint8_t p1, std::uint8_t p2, ByteView data);
  Bytes directory() const;
  Bytes key_metadata(std::uint8_t slot);
  Bytes verify(ByteView data);
  Bytes change(std::uint8_t reference, ByteView data);
  Bytes authenticate(std::uint8_t p1, std::uint8_t slot, ByteView data);
  Bytes mutual(ByteView data);
  Bytes use_key(std::uint8_t slot, ByteView data);

  Bytes witness_;
  bool managed_ = false;
  bool verified_ = false;
};

}  // namespace sceau::test
