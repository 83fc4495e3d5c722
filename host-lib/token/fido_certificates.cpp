#include "fido_certificates.h"

#include <optional>

namespace sceau::token {
namespace {

// CBOR's major types (RFC 8949, 3.1), as many of them as an attestation statement has.
enum Major : std::uint8_t {
  unsigned_number = 0,
  negative_number = 1,
  byte_string = 2,
  text = 3,
  list = 4,
  map = 5
};

constexpr std::size_t kMostItems = 16;

class Walk {
 public:
  explicit Walk(ByteView bytes) : rest_(bytes) {}

  struct Head {
    std::uint8_t major = 0;
    std::size_t number = 0;
  };
  // Definite lengths below 65,536 alone: nothing here is longer.
  std::optional<Head> head() {
    if (rest_.empty()) return std::nullopt;
    constexpr std::uint8_t kOneByte = 24;
    constexpr std::uint8_t kTwoBytes = 25;
    const auto major = static_cast<std::uint8_t>(rest_[0] >> 5U);
    const std::uint8_t low = rest_[0] & 0x1FU;
    const std::size_t more = low < kOneByte ? 0 : low == kOneByte ? 1 : 2;
    if (low > kTwoBytes || rest_.size() < 1 + more) return std::nullopt;
    std::size_t number = more == 0 ? low : 0;
    for (std::size_t i = 1; i <= more; ++i) number = number << 8U | rest_[i];
    rest_ = rest_.subspan(1 + more);
    return Head{major, number};
  }
  std::optional<ByteView> string(Major major) {
    const auto is = head();
    if (!is || is->major != major || is->number > rest_.size()) return std::nullopt;
    const ByteView content = rest_.first(is->number);
    rest_ = rest_.subspan(is->number);
    return content;
  }
  // A number or a string; nothing deeper stands beside x5c.
  bool skip() {
    const auto is = head();
    if (!is || is->major > text) return false;
    if (is->major < byte_string) return true;
    if (is->number > rest_.size()) return false;
    rest_ = rest_.subspan(is->number);
    return true;
  }

 private:
  ByteView rest_;
};

std::vector<Bytes> read_list(Walk& walk) {
  std::vector<Bytes> found;
  const auto items = walk.head();
  if (!items || items->major != list || items->number > kMostItems) return {};
  found.reserve(items->number);
  for (std::size_t i = 0; i < items->number; ++i) {
    const auto one = walk.string(byte_string);
    if (!one) return {};
    found.push_back(to_bytes(*one));
  }
  return found;
}

}  // namespace

std::vector<Bytes> attestation_certificates(ByteView statement) {
  Walk walk(statement);
  const auto entries = walk.head();
  if (!entries || entries->major != map || entries->number > kMostItems) return {};
  for (std::size_t i = 0; i < entries->number; ++i) {
    const auto name = walk.string(text);
    if (!name) return {};
    if (as_text(*name) == "x5c") return read_list(walk);
    if (!walk.skip()) return {};
  }
  return {};
}

}  // namespace sceau::token
