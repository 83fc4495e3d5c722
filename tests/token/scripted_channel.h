// A channel that plays a script: each command it must see, and the answer it gives.
#pragma once

#include <CppUTest/TestHarness.h>

#include <string>
#include <vector>

#include "sceau/token/apdu.h"

namespace sceau::test {

struct Line {
  std::string command;  // hex; empty: whatever comes
  std::string answer;   // hex with the status; empty: the card is gone
};

class ScriptedChannel final : public token::Channel {
 public:
  explicit ScriptedChannel(std::vector<Line> lines, bool extended = false)
      : lines_(std::move(lines)), extended_(extended) {}

  Result<Bytes> transmit(ByteView command) override {
    if (at >= lines_.size()) {
      FAIL(("not in the script: " + to_hex(command)).c_str());
      return Error{ErrorKind::internal, "script ended"};
    }
    const Line& line = lines_[at++];
    if (!line.command.empty()) STRCMP_EQUAL(line.command.c_str(), to_hex(command).c_str());
    if (line.answer.empty()) return Error{ErrorKind::unavailable, "lost the card in reader \"Test\""};
    return *from_hex(line.answer);
  }
  Result<token::CardState> begin() override {
    ++begun;
    return next_state;
  }
  void end() override { ++ended; }
  [[nodiscard]] std::string name() const override { return "Test"; }
  [[nodiscard]] bool extended_length() const override { return extended_; }
  ScriptedChannel(const ScriptedChannel&) = delete;
  ScriptedChannel& operator=(const ScriptedChannel&) = delete;
  [[nodiscard]] bool played() const { return at == lines_.size(); }

  std::size_t at = 0;
  int begun = 0;
  int ended = 0;
  token::CardState next_state = token::CardState::kept;

 private:
  std::vector<Line> lines_;
  bool extended_;
};

inline std::string repeat(const std::string& hex, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += hex;
  return out;
}

}  // namespace sceau::test
