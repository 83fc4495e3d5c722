#include "scram.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <cstdlib>

namespace sceau::connect {
namespace {

Error malformed(const std::string& what) {
  return {ErrorKind::invalid, "reading the log-in (SCRAM): " + what + ": is this a PostgreSQL client?"};
}

// OpenSSL fails at these only when memory is out or the library is broken: nobody may be let in then.
void require(bool ok) {
  if (!ok) std::abort();
}

Secret hmac(ByteView key, ByteView message) {
  Secret out = Secret::sized(sizeof(Digest));
  unsigned size = 0;
  require(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), message.data(), message.size(),
               out.writable().data(), &size) != nullptr &&
          size == out.size());
  return out;
}

// "value" of RFC 5802 without "=" and ",": what a nonce is of.
bool printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x21 && c <= 0x7E && c != ','; });
}

// Takes "NAME=value" from the beginning, with the comma behind it.
Result<std::string_view> take(std::string_view& rest, char name) {
  if (rest.size() < 2 || rest[0] != name || rest[1] != '=')
    return malformed(std::string("the attribute ") + name + "= is not where it belongs");
  const auto end = std::min(rest.find(','), rest.size());
  const auto value = rest.substr(2, end - 2);
  if (end + 1 == rest.size()) return malformed("an attribute is missing at the end");
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return value;
}

// Attributes that nobody here knows are passed over, as long as they are some.
Status pass_extensions(std::string_view rest) {
  while (!rest.empty()) {
    const char name = rest.front();
    const bool letter = (name >= 'A' && name <= 'Z') || (name >= 'a' && name <= 'z');
    if (!letter || name == 'm') return malformed("an extension that is not known here");
    if (auto value = take(rest, name); !value) return value.error();
  }
  return {};
}

// The GS2 header: "n,," or "y,,". p= would be a channel binding, which is not offered; between the commas
// another identity could be asked for.
Result<std::string_view> gs2_header(std::string_view message) {
  const auto header = message.substr(0, 3);
  if (header == "n,," || header == "y,,") return header;
  if (message.starts_with("p="))
    return malformed("a channel binding is asked for, which was not offered: there is no TLS");
  if (message.starts_with("n,a=") || message.starts_with("y,a="))
    return malformed("another identity is asked for, which nobody has here");
  return malformed("a first message without its header");
}

bool same(std::string_view a, std::string_view b) { return equal_constant_time(as_bytes(a), as_bytes(b)); }

}  // namespace

Result<ScramKeys> scram_keys(const Secret& password, Bytes salt, int iterations) {
  const auto text = as_text(password.view());
  const bool ascii = std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7E; });
  if (text.empty() || !ascii)
    return Error{ErrorKind::invalid, "the password of 'sceau connect' is not of ASCII letters and digits"};
  if (salt.empty() || iterations < 1)
    return Error{ErrorKind::invalid, "SCRAM without a salt, or without iterations"};
  Secret salted = Secret::sized(sizeof(Digest));
  require(PKCS5_PBKDF2_HMAC(text.data(), static_cast<int>(text.size()), salt.data(),
                            static_cast<int>(salt.size()), iterations, EVP_sha256(),
                            static_cast<int>(salted.size()), salted.writable().data()) == 1);
  ScramKeys keys;
  keys.stored = sha256(hmac(salted.view(), as_bytes("Client Key")).view());
  keys.server = hmac(salted.view(), as_bytes("Server Key"));
  keys.salt = std::move(salt);
  keys.iterations = iterations;
  return keys;
}

Result<ScramKeys> scram_keys(const Secret& password, Random& random) {
  const auto salt = random.array<16>();
  return scram_keys(password, Bytes(salt.begin(), salt.end()));
}

std::string ScramLogin::fresh_nonce(Random& random) { return to_base64(random.array<18>()); }

Result<std::string> ScramLogin::first(std::string_view message) {
  if (std::exchange(stage_, Stage::over) != Stage::first)
    return malformed("a first message where none belongs");
  auto header = gs2_header(message);
  if (!header) return header.error();
  const auto bare = message.substr(header->size());
  auto rest = bare;
  if (auto user = take(rest, 'n'); !user) return user.error();
  auto nonce = take(rest, 'r');
  if (!nonce) return nonce.error();
  if (nonce->empty() || !printable(*nonce)) return malformed("a nonce that is none");
  if (auto passed = pass_extensions(rest); !passed) return passed.error();
  nonce_ = std::string(*nonce) + nonce_;
  header_ = *header;
  std::string answer = "r=";
  answer.append(nonce_).append(",s=").append(to_base64(keys_.salt));
  answer.append(",i=").append(std::to_string(keys_.iterations));
  so_far_ = std::string(bare).append(",").append(answer);
  stage_ = Stage::last;
  return answer;
}

Result<std::string> ScramLogin::last(std::string_view message) {
  if (std::exchange(stage_, Stage::over) != Stage::last)
    return malformed("a last message where none belongs");
  const auto at = message.rfind(",p=");
  if (at == std::string_view::npos) return malformed("a last message without a proof");
  auto rest = message.substr(0, at);
  auto binding = take(rest, 'c');
  if (!binding) return binding.error();
  if (!same(*binding, to_base64(as_bytes(header_))))
    return malformed("another header than in the first message");
  auto nonce = take(rest, 'r');
  if (!nonce) return nonce.error();
  if (!same(*nonce, nonce_)) return malformed("another nonce than the one of this log-in");
  if (auto passed = pass_extensions(rest); !passed) return passed.error();
  auto proof = from_base64(message.substr(at + 3));
  if (!proof || proof->size() != sizeof(Digest)) return malformed("a proof that is none");
  Secret client_key(std::move(*proof));
  const std::string whole = so_far_ + "," + std::string(message.substr(0, at));
  const Secret signature = hmac(keys_.stored, as_bytes(whole));
  for (std::size_t i = 0; i < client_key.size(); ++i) client_key.writable()[i] ^= signature.view()[i];
  if (!equal_constant_time(sha256(client_key.view()), keys_.stored))
    return Error{ErrorKind::authentication, "the client does not know the password"};
  return "v=" + to_base64(hmac(keys_.server.view(), as_bytes(whole)).view());
}

}  // namespace sceau::connect
