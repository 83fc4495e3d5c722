#include "sketch.h"

#include <sodium.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace sceau::release {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::uint64_t kPrime = (std::uint64_t{1} << 61U) - 1;

std::uint64_t multiply(std::uint64_t a, std::uint64_t b) {
  const Wide product = static_cast<Wide>(a) * b;
  const std::uint64_t sum =
      static_cast<std::uint64_t>(product & kPrime) + static_cast<std::uint64_t>(product >> 61U);
  return sum >= kPrime ? sum - kPrime : sum;
}

std::uint64_t plus(std::uint64_t a, std::uint64_t b) {
  const std::uint64_t sum = a + b;
  return sum >= kPrime ? sum - kPrime : sum;
}

std::uint64_t minus(std::uint64_t a, std::uint64_t b) { return a >= b ? a - b : a + kPrime - b; }

// a^(p - 2), by Fermat.
std::uint64_t inverse(std::uint64_t a) {
  std::uint64_t result = 1;
  for (std::uint64_t exponent = kPrime - 2; exponent != 0; exponent >>= 1U) {
    if ((exponent & 1U) != 0) result = multiply(result, a);
    a = multiply(a, a);
  }
  return result;
}

}  // namespace

PersonHash::PersonHash(ByteView key) {
  static_assert(crypto_shorthash_siphashx24_KEYBYTES == sizeof(key_));
  if (key.size() < key_.size()) std::abort();
  std::copy_n(key.begin(), key_.size(), key_.begin());
}

std::uint64_t PersonHash::of(std::string_view text) const {
  std::array<std::uint8_t, crypto_shorthash_siphashx24_BYTES> hash{};
  const ByteView bytes = as_bytes(text);
  crypto_shorthash_siphashx24(hash.data(), bytes.data(), bytes.size(), key_.data());
  std::uint64_t number = 0;
  std::memcpy(&number, hash.data(), sizeof number);
  return number;
}

Person PersonHash::person(std::string_view identifier) const { return (of(identifier) >> 4U) | 1U; }

void Sketch::add(Person person, std::int64_t weight) {
  const auto size = static_cast<std::uint64_t>(weight < 0 ? -weight : weight) % kPrime;
  std::uint64_t term = weight < 0 ? minus(0, size) : size;
  for (std::uint64_t& sum : terms_) {
    sum = plus(sum, term);
    term = multiply(term, person);
  }
}

void Sketch::subtract(const Sketch& other) {
  for (std::size_t i = 0; i < kTerms; ++i) terms_[i] = minus(terms_[i], other.terms_[i]);
}

bool Sketch::empty() const {
  return std::all_of(terms_.begin(), terms_.end(), [](std::uint64_t term) { return term == 0; });
}

bool Sketch::assign(const std::array<std::uint64_t, kTerms>& terms) {
  if (std::any_of(terms.begin(), terms.end(), [](std::uint64_t term) { return term >= kPrime; }))
    return false;
  terms_ = terms;
  return true;
}

// Massey's algorithm: the shortest recurrence that gives all terms.
std::optional<std::size_t> Sketch::people(std::size_t most) const {
  std::array<std::uint64_t, kTerms + 1> current{1}, before{1};
  std::size_t length = 0, shift = 1;
  std::uint64_t last = 1;
  for (std::size_t n = 0; n < kTerms; ++n) {
    std::uint64_t discrepancy = terms_[n];
    for (std::size_t i = 1; i <= length; ++i)
      discrepancy = plus(discrepancy, multiply(current[i], terms_[n - i]));
    if (discrepancy == 0) {
      ++shift;
      continue;
    }
    const auto kept = current;
    const std::uint64_t factor = multiply(discrepancy, inverse(last));
    for (std::size_t i = shift; i <= kTerms; ++i)
      current[i] = minus(current[i], multiply(factor, before[i - shift]));
    if (2 * length > n) {
      ++shift;
      continue;
    }
    length = n + 1 - length;
    if (length > most) return std::nullopt;
    before = kept;
    last = discrepancy;
    shift = 1;
  }
  return length;
}

void Sample::add(Person person) {
  const auto number = static_cast<std::uint32_t>(person >> 28U);
  if (number > bound_) return;
  numbers_.push_back(number);
  if (numbers_.size() >= 4 * kSize) shrink();
}

void Sample::shrink() {
  std::sort(numbers_.begin(), numbers_.end());
  numbers_.erase(std::unique(numbers_.begin(), numbers_.end()), numbers_.end());
  if (numbers_.size() <= kSize) return;
  numbers_.resize(kSize);
  bound_ = numbers_.back();
}

void Sample::close() {
  shrink();
  numbers_.shrink_to_fit();
}

Sample::Overlap Sample::overlap(const Sample& inner, std::size_t most_missing) const {
  Overlap result;
  auto at = numbers_.begin();
  for (const std::uint32_t number : inner.numbers_) {
    if (number > bound_ || result.missing > most_missing) break;
    at = std::lower_bound(at, numbers_.end(), number);
    ++(at != numbers_.end() && *at == number ? result.held : result.missing);
  }
  return result;
}

void Sample::remove(const Sample& other) {
  std::vector<std::uint32_t> left;
  std::set_difference(numbers_.begin(), numbers_.end(), other.numbers_.begin(), other.numbers_.end(),
                      std::back_inserter(left));
  numbers_ = std::move(left);
  // Above what the other has kept, nothing is known.
  bound_ = std::min(bound_, other.bound_);
  numbers_.erase(std::upper_bound(numbers_.begin(), numbers_.end(), bound_), numbers_.end());
}

bool Sample::assign(std::vector<std::uint32_t> numbers, std::uint32_t bound) {
  const bool sorted =
      std::adjacent_find(numbers.begin(), numbers.end(), std::greater_equal<>()) == numbers.end();
  if (!sorted || numbers.size() > kSize || (!numbers.empty() && numbers.back() > bound)) return false;
  numbers_ = std::move(numbers);
  bound_ = bound;
  return true;
}

}  // namespace sceau::release
