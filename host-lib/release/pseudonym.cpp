#include "sceau/release/pseudonym.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <vector>

namespace sceau::release {
namespace {

struct MacFree {
  void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};

// OpenSSL fails at HMAC only when memory is out or the library is broken: nothing can go on.
void require(bool ok) {
  if (!ok) std::abort();
}

// HMAC-SHA-256 under one key. Beginning anew without a key keeps the key's two blocks hashed, which for
// millions of short messages is twice as fast as setting the key each time.
class Keyed {
 public:
  explicit Keyed(ByteView key) {
    const std::unique_ptr<EVP_MAC, MacFree> hmac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
    require(hmac != nullptr);
    context_.reset(EVP_MAC_CTX_new(hmac.get()));
    std::array<char, 7> digest{"SHA256"};
    const std::array<OSSL_PARAM, 2> parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
        OSSL_PARAM_construct_end()};
    require(context_ && EVP_MAC_init(context_.get(), key.data(), key.size(), parameters.data()) == 1);
  }

  [[nodiscard]] Digest of(ByteView message) const {
    Digest out{};
    std::size_t size = 0;
    require(EVP_MAC_init(context_.get(), nullptr, 0, nullptr) == 1 &&
            EVP_MAC_update(context_.get(), message.data(), message.size()) == 1 &&
            EVP_MAC_final(context_.get(), out.data(), &size, out.size()) == 1 && size == out.size());
    return out;
  }

 private:
  std::unique_ptr<EVP_MAC_CTX, MacFree> context_;
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

// Two slots for each hash: 8 MiB in all, enough that a year's care of 100,000 people mostly hits.
constexpr std::size_t cache_slots = 1U << 17U;
constexpr std::size_t longest_cached = 31;

struct Slot {
  std::uint8_t length = 0;  // 0: empty
  std::array<char, longest_cached> identifier;
  std::array<char, tagged_pseudonym_size> tagged;

  [[nodiscard]] bool holds(std::string_view wanted) const {
    return std::string_view(identifier.data(), length) == wanted;
  }
  [[nodiscard]] std::string_view text() const { return {tagged.data(), tagged.size()}; }
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
  State(ByteView project, ByteView extraction) : project_keyed(project), extraction_keyed(extraction) {}
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
  std::vector<Slot> slots;  // none before the first identifier: most extractions have none
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
  if (state.slots.empty()) state.slots.resize(cache_slots);
  Slot* const pair = &state.slots[std::hash<std::string_view>{}(identifier) % (cache_slots / 2) * 2];
  if (pair[0].holds(identifier)) return pair[0].text();
  // The one used last goes first, and the other is replaced next.
  std::swap(pair[0], pair[1]);
  if (!pair[0].holds(identifier)) {
    state.make(identifier, pair[0].tagged.data());
    pair[0].length = static_cast<std::uint8_t>(identifier.size());
    std::memcpy(pair[0].identifier.data(), identifier.data(), identifier.size());
  }
  return pair[0].text();
}

std::uint64_t Pseudonymiser::delivered() const { return state_->delivered; }

Digest Pseudonymiser::fingerprint() const {
  const Digest commitment = state_->extraction_keyed.of(as_bytes("commitment"));
  Bytes count;
  append_u64(count, state_->delivered);
  return sha256({as_bytes("sceau fingerprint v1"), commitment, count});
}

}  // namespace sceau::release
