// What every fuzz target is made of: bytes to take apart, and a way to say that something must never be.
//
// A target takes any bytes at all, and ends. The same bytes make it do the same things, so that a finding can
// be kept as a file. Built by clang with libFuzzer, a target is a program that looks for such bytes; built by
// the default compiler, all targets are one CppUTest suite that replays tests/fuzz/corpus.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "sceau/base/bytes.h"

namespace sceau::fuzz {

// Ends the run with `what` when it does not hold: a failed test when replayed, a crash to libFuzzer.
void require(bool holds, std::string_view what);

// Takes bytes off the front of an input; an input that is used up gives zeros. Never twice in the arguments
// of one call: each compiler has its own order for them, and the corpus must mean the same to all.
class Feed {
 public:
  explicit Feed(ByteView input) : rest_(input) {}

  [[nodiscard]] bool done() const { return rest_.empty(); }
  std::uint8_t byte() { return done() ? std::uint8_t{0} : take(1)[0]; }
  std::uint16_t word() {
    const unsigned high = byte();
    return static_cast<std::uint16_t>(high << 8U | byte());
  }
  // Below `count`, which is at most 256.
  std::size_t below(std::size_t count) { return byte() % count; }
  // At most `most` of them: as many as a byte, or a word where more than 255 are allowed, says.
  ByteView bytes(std::size_t most = 255) { return take((most > 255 ? word() : byte()) % (most + 1)); }
  ByteView rest() { return take(rest_.size()); }
  // Below `most` of them, all the same.
  Bytes filler(std::size_t most) {
    const std::size_t count = word() % most;
    return Bytes(count, byte());
  }

  template <typename Choices>
  auto one_of(const Choices& choices) {
    return choices[below(std::size(choices))];
  }
  template <typename Choice>
  Choice one_of(std::initializer_list<Choice> choices) {
    return choices.begin()[below(choices.size())];
  }

 private:
  ByteView take(std::size_t count) {
    const ByteView taken = rest_.first(std::min(count, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }
  ByteView rest_;
};

}  // namespace sceau::fuzz
