// SCRAM-SHA-256, the server's half: RFC 5802 and RFC 7677, as PostgreSQL's clients speak it inside SASL
// messages (https://www.postgresql.org/docs/15/sasl-authentication.html).
//
// Whoever listens hears no password, and nothing from which one of 256 random bits could be guessed; the
// client learns that the server knows it, too. Without channel binding: there is no TLS here to bind to. The
// user's name in the exchange is not looked at, as in PostgreSQL: there is one password, whatever the name.
#pragma once

#include <string>
#include <string_view>

#include "sceau/base/digest.h"
#include "sceau/base/random.h"
#include "sceau/base/secret.h"

namespace sceau::connect {

inline constexpr std::string_view kScramMechanism = "SCRAM-SHA-256";
inline constexpr int kScramIterations = 4096;  // RFC 7677, section 4: the least

// What a server keeps instead of the password: it verifies with it, and cannot log in with it.
struct ScramKeys {
  Bytes salt;
  int iterations = kScramIterations;
  Digest stored{};  // H(ClientKey)
  Secret server;    // ServerKey
};

// Of a password in ASCII, which SASLprep (RFC 4013) leaves as it is. invalid: other characters, no salt,
// fewer iterations than one.
Result<ScramKeys> scram_keys(const Secret& password, Bytes salt, int iterations = kScramIterations);
Result<ScramKeys> scram_keys(const Secret& password, Random& random);

// One log-in: one answer each, in this order, and no second try.
class ScramLogin {
 public:
  // The keys are borrowed. The nonce is this server's half: printable, without commas, never used before.
  ScramLogin(const ScramKeys& keys, std::string nonce) : keys_(keys), nonce_(std::move(nonce)) {}
  // 18 random bytes, as base64.
  static std::string fresh_nonce(Random& random);

  // client-first-message -> server-first-message. invalid: malformed, or it asks for what is not offered.
  Result<std::string> first(std::string_view message);
  // client-final-message -> server-final-message. invalid: malformed, another nonce or another header than
  // before. authentication: the client does not know the password.
  Result<std::string> last(std::string_view message);

 private:
  enum class Stage { first, last, over };
  const ScramKeys& keys_;
  std::string nonce_;
  Stage stage_ = Stage::first;
  std::string header_, so_far_;  // the GS2 header; client-first-bare "," server-first
};

}  // namespace sceau::connect
