// Views of bytes, big- and little-endian words, buffers of a fixed size, wiping and comparing secrets.
//
// Nothing here allocates, and nothing here can fail except by Writer's overflow mark, which stays set until
// the writer is cleared, so that a caller may write many fields and check once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace sceau::firmware {

using ByteView = std::span<const std::uint8_t>;
using ByteSpan = std::span<std::uint8_t>;

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline std::uint16_t load_be16(const std::uint8_t* at) {
  return static_cast<std::uint16_t>((at[0] << 8) | at[1]);
}
inline std::uint32_t load_be32(const std::uint8_t* at) {
  return (static_cast<std::uint32_t>(at[0]) << 24) | (static_cast<std::uint32_t>(at[1]) << 16) |
         (static_cast<std::uint32_t>(at[2]) << 8) | static_cast<std::uint32_t>(at[3]);
}
inline std::uint32_t load_le32(const std::uint8_t* at) {
  return static_cast<std::uint32_t>(at[0]) | (static_cast<std::uint32_t>(at[1]) << 8) |
         (static_cast<std::uint32_t>(at[2]) << 16) | (static_cast<std::uint32_t>(at[3]) << 24);
}
inline std::uint16_t load_le16(const std::uint8_t* at) {
  return static_cast<std::uint16_t>(at[0] | (at[1] << 8));
}
inline void store_le32(std::uint8_t* at, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) at[i] = static_cast<std::uint8_t>(value >> (8 * i));
}
inline void store_le16(std::uint8_t* at, std::uint16_t value) {
  at[0] = static_cast<std::uint8_t>(value & 0xFF);
  at[1] = static_cast<std::uint8_t>(value >> 8);
}
inline void store_be32(std::uint8_t* at, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) at[i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
}

// For public bytes only: takes less time the earlier the difference.
inline bool equal(ByteView a, ByteView b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

// Copies as much of `from` as fits; the callers have checked sizes.
inline void copy(ByteView from, ByteSpan to) {
  const std::size_t size = from.size() < to.size() ? from.size() : to.size();
  if (size != 0) std::memmove(to.data(), from.data(), size);
}

// Overwrites secrets; the compiler may not drop it, for the memory might be read behind its back.
inline void wipe(ByteSpan secret) {
  if (secret.empty()) return;
  std::memset(secret.data(), 0, secret.size());
  asm volatile("" : : "r"(secret.data()) : "memory");
}

// Compares secrets of equal, public length. Every byte is read whatever the outcome: `examined` is increased
// for each pair really compared, so that a test sees a comparison that stops at the first difference.
template <typename Byte>
bool equal_in_constant_time(std::span<const Byte> a, std::span<const Byte> b, std::uint32_t& examined) {
  if (a.size() != b.size()) return false;
  std::uint32_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const volatile std::uint8_t left = a[i];
    const volatile std::uint8_t right = b[i];
    difference |= static_cast<std::uint32_t>(left ^ right);
    examined += 1;
  }
  return difference == 0;
}

// An array that wipes itself when it goes out of scope.
template <std::size_t kSize>
struct SecretArray : std::array<std::uint8_t, kSize> {
  SecretArray() : std::array<std::uint8_t, kSize>{} {}
  SecretArray(const SecretArray&) = default;
  SecretArray& operator=(const SecretArray&) = default;
  ~SecretArray() { wipe(*this); }
};

// At most as many bytes as the array has, of which the first `size` count.
template <typename Array>
struct Bounded {
  Array bytes{};
  std::size_t size = 0;

  ByteView view() const { return ByteView(bytes).first(size); }
  // What does not fit leaves it empty; whether it fitted.
  bool assign(ByteView from) {
    size = from.size() <= bytes.size() ? from.size() : 0;
    copy(from.first(size), bytes);
    return size == from.size();
  }
};
template <std::size_t kMax>
using BoundedBytes = Bounded<std::array<std::uint8_t, kMax>>;
template <std::size_t kMax>
using BoundedSecret = Bounded<SecretArray<kMax>>;

// Appends to a buffer that somebody else owns.
class Writer {
 public:
  explicit Writer(ByteSpan buffer) : buffer_(buffer) {}

  void byte(std::uint8_t value) {
    if (size_ < buffer_.size()) {
      buffer_[size_++] = value;
    } else {
      overflowed_ = true;
    }
  }
  void bytes(ByteView data) {
    if (data.size() > buffer_.size() - size_) {
      overflowed_ = true;
      return;
    }
    copy(data, buffer_.subspan(size_));
    size_ += data.size();
  }
  // Opens a gap of `count` bytes at `position` by moving what follows it.
  void open_gap(std::size_t position, std::size_t count) {
    if (count > buffer_.size() - size_ || position > size_) {
      overflowed_ = true;
      return;
    }
    if (position < size_) {
      std::memmove(buffer_.data() + position + count, buffer_.data() + position, size_ - position);
    }
    size_ += count;
  }
  void put_at(std::size_t position, std::uint8_t value) {
    if (position < size_) buffer_[position] = value;
  }
  // Room for the caller to fill in place; give back what was used with grow().
  ByteSpan rest() { return buffer_.subspan(size_); }
  void grow(std::size_t count) {
    if (count > buffer_.size() - size_) {
      overflowed_ = true;
    } else {
      size_ += count;
    }
  }
  void clear() {
    size_ = 0;
    overflowed_ = false;
  }

  std::size_t size() const { return size_; }
  bool overflowed() const { return overflowed_; }
  ByteView written() const { return buffer_.first(size_); }

 private:
  ByteSpan buffer_;
  std::size_t size_ = 0;
  bool overflowed_ = false;
};

}  // namespace sceau::firmware
