// People, each with a weight, kept in so little that what they were is not seen, and so that two of them can
// be subtracted: when few people make the difference, it is known how many.
//
// Sums of powers over the integers modulo 2^61 - 1: term j adds up weight times person^j. The number of
// people is the linear complexity of these terms (Prony; Massey, "Shift-register synthesis and BCH decoding",
// 1969), which is found exactly when it is at most 10; more people are taken for so few once in 2^240. It is
// the sketch that reconciles sets (Minsky, Trachtenberg and Zippel, 2003) with weights, so that any multiple
// of one can be added to another.
//
// A person is a number that only the holder of the key can make (PersonHash).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sceau/base/secret.h"

namespace sceau::release {

// 60 bits of a keyed hash. Never zero.
using Person = std::uint64_t;

// SipHash-2-4 under a key of at least 16 bytes.
class PersonHash {
 public:
  explicit PersonHash(ByteView key);
  ~PersonHash() { wipe(key_); }
  PersonHash(const PersonHash&) = delete;
  PersonHash& operator=(const PersonHash&) = delete;
  [[nodiscard]] Person person(std::string_view identifier) const;
  // 64 bits of any text.
  [[nodiscard]] std::uint64_t of(std::string_view text) const;

 private:
  std::array<std::uint8_t, 16> key_{};
};

class Sketch {
 public:
  static constexpr std::size_t kMostPeople = 10, kTerms = 2 * kMostPeople + 4;

  void add(Person person, std::int64_t weight);
  void subtract(const Sketch& other);
  [[nodiscard]] bool empty() const;
  // How many people it is made of, when they are `most` (at most kMostPeople) or fewer.
  [[nodiscard]] std::optional<std::size_t> people(std::size_t most) const;

  // Each less than 2^61 - 1.
  [[nodiscard]] const std::array<std::uint64_t, kTerms>& terms() const { return terms_; }
  // False, and nothing is changed, when one is not.
  bool assign(const std::array<std::uint64_t, kTerms>& terms);
  bool operator==(const Sketch&) const = default;

 private:
  std::array<std::uint64_t, kTerms> terms_{};
};

// The smallest of the people's numbers: all of them, or as many as are kept. Says whether one set of people
// lies within another without knowing either.
class Sample {
 public:
  static constexpr std::size_t kSize = 1024;
  void add(Person person);
  // Sorts; before anything is asked.
  void close();
  // Of the numbers of `inner` that this sample would hold if its people were in here: how many it holds, and
  // how many are missing. Counts no further than one missing more than `most_missing`.
  struct Overlap {
    std::size_t held = 0, missing = 0;
  };
  [[nodiscard]] Overlap overlap(const Sample& inner, std::size_t most_missing) const;
  // What is here and not in `other`.
  void remove(const Sample& other);

  [[nodiscard]] const std::vector<std::uint32_t>& numbers() const { return numbers_; }
  [[nodiscard]] std::uint32_t bound() const { return bound_; }
  // As read: sorted, at most kSize, none above the bound. False when it is not.
  bool assign(std::vector<std::uint32_t> numbers, std::uint32_t bound);

 private:
  void shrink();
  std::vector<std::uint32_t> numbers_;
  std::uint32_t bound_ = UINT32_MAX;  // everybody up to it is held
};

}  // namespace sceau::release
