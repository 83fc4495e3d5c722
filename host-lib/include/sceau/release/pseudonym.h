// Per-project pseudonyms with an extraction's tag.
//
//   K_project    = HMAC-SHA-256(master, "sceau project key v1" || u16 length || project || u32 epoch)
//   K_extraction = HMAC-SHA-256(K_project, "sceau extraction key v1" || u16 length || extraction)
//   pseudonym    = base32(first 16 bytes of HMAC-SHA-256(K_project, identifier))         26 characters
//   tag          = first 5 characters of base32(HMAC-SHA-256(K_extraction, pseudonym))      25 bits
//   delivered    = pseudonym "-" tag                                                     32 characters
//
// Integers are big-endian; base32 is RFC 4648 without padding. Joining extractions of one project
// means comparing the 26 characters before the dash. A tag matches a wrong extraction once in 2^25:
// a few rows name the extraction. The master key is at least 32 bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "sceau/base/digest.h"
#include "sceau/base/secret.h"

namespace sceau::release {

inline constexpr std::size_t pseudonym_size = 26;
inline constexpr std::size_t tagged_pseudonym_size = 32;

// Fails with invalid when the master key is shorter than 32 bytes or the project's name is empty or
// longer than 65,535 bytes.
Result<Secret> project_key(const Secret& master, std::string_view project, std::uint32_t epoch);

// Makes the pseudonyms of one extraction. Not for several threads at once: it keeps a small cache.
class Pseudonymiser {
 public:
  // `key` from project_key(); `extraction` is what names the extraction for ever: its request's digest
  // in hexadecimal. Fails with invalid when the key is not 32 bytes.
  static Result<Pseudonymiser> create(const Secret& key, std::string_view extraction);
  ~Pseudonymiser();
  Pseudonymiser(Pseudonymiser&&) noexcept;
  Pseudonymiser& operator=(Pseudonymiser&&) noexcept;

  // The 32 characters delivered for an identifier; valid until the next call.
  std::string_view tagged(std::string_view identifier);
  // How many pseudonyms were made so far, repeated ones included.
  [[nodiscard]] std::uint64_t delivered() const;
  // SHA-256("sceau fingerprint v1" || HMAC-SHA-256(K_extraction, "commitment") || u64 delivered()):
  // commits the extraction's result to the key of its tags without showing it.
  [[nodiscard]] Digest fingerprint() const;

 private:
  struct State;
  explicit Pseudonymiser(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sceau::release
