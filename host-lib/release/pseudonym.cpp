#include "sceau/release/pseudonym.h"

#include <sodium.h>

#include <array>
#include <cstring>
#include <functional>
#include <vector>

namespace sceau::release {
namespace {

using State256 = crypto_auth_hmacsha256_state;

// A keyed HMAC state, copied for every message: the key's two blocks are hashed once. Wipes itself.
class Keyed {
 public:
  explicit Keyed(ByteView key) { crypto_auth_hmacsha256_init(&state_, key.data(), key.size()); }
  ~Keyed() { sodium_memzero(&state_, sizeof state_); }
  Keyed(const Keyed&) = delete;
  Keyed& operator=(const Keyed&) = delete;

  [[nodiscard]] Digest of(ByteView message) const {
    State256 copy = state_;
    Digest out{};
    crypto_auth_hmacsha256_update(&copy, message.data(), message.size());
    crypto_auth_hmacsha256_final(&copy, out.data());
    return out;
  }

 private:
  State256 state_{};
};

// The first characters of the base32 of the bytes (RFC 4648), without allocating.
void base32(std::span<const std::uint8_t> bytes, char* out, std::size_t characters) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::uint32_t bits = 0;
  unsigned held = 0;
  std::size_t next = 0;
  for (std::size_t i = 0; i < characters; ++i) {
    if (held < 5) {
      bits = (bits << 8U) | (next < bytes.size() ? bytes[next] : 0U);
      ++next;
      held += 8;
    }
    held -= 5;
    out[i] = alphabet[(bits >> held) & 31U];
  }
}

// label || u16 length || text
Bytes labelled(std::string_view label, std::string_view text) {
  Bytes message = to_bytes(label);
  append_u16(message, static_cast<std::uint16_t>(text.size()));
  append(message, as_bytes(text));
  return message;
}

constexpr std::size_t cache_slots = 1U << 16U;
constexpr std::size_t longest_cached = 31;

struct Slot {
  std::uint8_t length = 0;  // 0: empty
  std::array<char, longest_cached> identifier;
  std::array<char, tagged_pseudonym_size> tagged;
};

}  // namespace

Result<Secret> project_key(const Secret& master, std::string_view project, std::uint32_t epoch) {
  if (master.size() < 32) {
    return Error{ErrorKind::invalid, "deriving a project's key: the master key is shorter than 32 bytes"};
  }
  if (project.empty() || project.size() > 0xFFFF) {
    return Error{ErrorKind::invalid, "deriving a project's key: the project's name is empty or too long"};
  }
  Bytes message = labelled("sceau project key v1", project);
  append_u16(message, static_cast<std::uint16_t>(epoch >> 16U));
  append_u16(message, static_cast<std::uint16_t>(epoch));
  Digest key = Keyed(master.view()).of(message);
  Secret derived{ByteView(key)};
  wipe(key);
  return derived;
}

struct Pseudonymiser::State {
  State(ByteView project, ByteView extraction)
      : project_keyed(project), extraction_keyed(extraction), slots(cache_slots) {}
  ~State() { wipe({reinterpret_cast<std::uint8_t*>(slots.data()), slots.size() * sizeof(Slot)}); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void make(std::string_view identifier, char* out) const {
    const Digest whole = project_keyed.of(as_bytes(identifier));
    base32(std::span(whole).first(16), out, pseudonym_size);
    out[pseudonym_size] = '-';
    const Digest tag = extraction_keyed.of(as_bytes({out, pseudonym_size}));
    base32(tag, out + pseudonym_size + 1, tagged_pseudonym_size - pseudonym_size - 1);
  }

  Keyed project_keyed;
  Keyed extraction_keyed;
  std::vector<Slot> slots;
  std::array<char, tagged_pseudonym_size> uncached{};
  std::uint64_t delivered = 0;
};

Pseudonymiser::Pseudonymiser(std::unique_ptr<State> state) : state_(std::move(state)) {}
Pseudonymiser::~Pseudonymiser() = default;
Pseudonymiser::Pseudonymiser(Pseudonymiser&&) noexcept = default;
Pseudonymiser& Pseudonymiser::operator=(Pseudonymiser&&) noexcept = default;

Result<Pseudonymiser> Pseudonymiser::create(const Secret& key, std::string_view extraction) {
  if (key.size() != 32 || extraction.empty() || extraction.size() > 0xFFFF) {
    return Error{ErrorKind::invalid,
                 "preparing pseudonyms: the project's key is not 32 bytes, or the extraction has no name"};
  }
  if (sodium_init() < 0) return Error{ErrorKind::internal, "preparing pseudonyms: libsodium does not start"};
  Digest own = Keyed(key.view()).of(labelled("sceau extraction key v1", extraction));
  auto state = std::make_unique<State>(key.view(), own);
  wipe(own);
  return Pseudonymiser(std::move(state));
}

std::string_view Pseudonymiser::tagged(std::string_view identifier) {
  State& state = *state_;
  ++state.delivered;
  if (identifier.empty() || identifier.size() > longest_cached) {
    state.make(identifier, state.uncached.data());
    return {state.uncached.data(), state.uncached.size()};
  }
  Slot& slot = state.slots[std::hash<std::string_view>{}(identifier) % cache_slots];
  if (slot.length != identifier.size() ||
      std::memcmp(slot.identifier.data(), identifier.data(), identifier.size()) != 0) {
    state.make(identifier, slot.tagged.data());
    slot.length = static_cast<std::uint8_t>(identifier.size());
    std::memcpy(slot.identifier.data(), identifier.data(), identifier.size());
  }
  return {slot.tagged.data(), slot.tagged.size()};
}

std::uint64_t Pseudonymiser::delivered() const { return state_->delivered; }

Digest Pseudonymiser::fingerprint() const {
  const Digest commitment = state_->extraction_keyed.of(as_bytes("commitment"));
  Bytes count;
  append_u64(count, state_->delivered);
  return sha256({as_bytes("sceau fingerprint v1"), commitment, count});
}

}  // namespace sceau::release
