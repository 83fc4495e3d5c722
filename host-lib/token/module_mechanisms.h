// Which PKCS#11 mechanisms make the signatures that evidence takes, best first, and what each wants and
// gives.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "cryptoki.h"
#include "openssl.h"

namespace sceau::token {

class SigningMechanism {
 public:
  enum class Padding { ecdsa, pss, pkcs1 };
  enum class Takes { digest, digest_info, data };
  SigningMechanism(CK_MECHANISM_TYPE type, Padding padding, Takes takes, std::size_t size)
      : type_(type), padding_(padding), takes_(takes), size_(size) {}

  // Points into this object.
  CK_MECHANISM& mechanism();
  // What the token is given to sign SHA-256 of `data`.
  [[nodiscard]] Bytes input(ByteView data) const;
  // What evidence wants from what the token gave: DER (r, s) from r || s; RSA as it is. Nothing for a wrong
  // size.
  [[nodiscard]] std::optional<Bytes> signature(ByteView raw) const;
  [[nodiscard]] bool verifies(EVP_PKEY* key, ByteView data, ByteView signature) const;
  // "CKM_ECDSA", as the specification has it.
  [[nodiscard]] const char* name() const;
  [[nodiscard]] bool is_pss() const { return padding_ == Padding::pss; }

 private:
  CK_MECHANISM_TYPE type_;
  Padding padding_;
  Takes takes_;
  std::size_t size_;  // bytes: of a coordinate, or of the modulus
  CK_RSA_PKCS_PSS_PARAMS pss_{};
  CK_MECHANISM mechanism_{};
};

// P-256, P-384, RSA of at least 2048 bits.
bool key_is_allowed(const EVP_PKEY* key);
// Those that the token offers and that suit the key.
std::vector<SigningMechanism> signing_mechanisms(const EVP_PKEY* key,
                                                 std::span<const CK_MECHANISM_TYPE> offered);

}  // namespace sceau::token
