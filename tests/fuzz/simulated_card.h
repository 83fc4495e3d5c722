// A card to fuzz: the firmware over a flash in memory, prepared once in a process.
//
// It has keys in 9A, 9C, 9D and 9E (P-256) with certificates in the first two, the factory's PIN (123456),
// PUK (12345678) and management key. Its chance is repeatable, so the same commands get the same answers.
#pragma once

#include <memory>

#include "../firmware/ram_board.h"
#include "sceau/base/bytes.h"
#include "token.h"

namespace sceau::fuzz {

inline constexpr const char* kPin = "123456";
inline constexpr const char* kPuk = "12345678";

// What the factory's management key makes of a card's challenge of 16 bytes.
Bytes answer_to(ByteView challenge);

class SimulatedCard {
 public:
  explicit SimulatedCard(bool short_only = false);
  // A fresh one, of which the others are copies.
  struct Blank {};
  explicit SimulatedCard(Blank);

  // One command APDU; the answer with its status word.
  Bytes exchange(ByteView command);
  // Power goes and comes back.
  void reset();

  // Whether whoever holds the card presses its button when it asks.
  void touch(bool pressed) {
    board_.touch = pressed ? firmware::Touch::kTouched : firmware::Touch::kTimedOut;
  }

  firmware::test::RamFlash& flash() { return flash_; }

 private:
  firmware::TokenOptions options_;
  firmware::test::RamFlash flash_{1024, 24};  // small: it is copied for every input
  firmware::test::RamBoard board_;
  std::unique_ptr<firmware::Token> token_;
};

}  // namespace sceau::fuzz
