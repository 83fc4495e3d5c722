#include "key.h"

#include <openssl/err.h>
#include <openssl/rsa.h>

namespace sceau::evidence {

Status VerifyingKey::check_kind() const {
  const pki::KeyAlgorithm kind = certificate_.algorithm();
  const bool elliptic = kind == pki::KeyAlgorithm::p256 || kind == pki::KeyAlgorithm::p384;
  const bool rsa = kind == pki::KeyAlgorithm::rsa && EVP_PKEY_get_bits(certificate_.public_key()) >= 2048;
  const bool suits = algorithm_ == SignatureAlgorithm::ecdsa_sha256 ? elliptic : rsa;
  if (suits) return {};
  return Error{ErrorKind::invalid,
               "checking a signature: the key of \"" + certificate_.subject_text() +
                   "\" is not P-256, P-384 or RSA of 2048 bits for its algorithm: use such a key"};
}

bool VerifyingKey::verify(const Digest& digest, ByteView signature) {
  Context context = borrow();
  if (context == nullptr) return false;
  const int verdict =
      EVP_PKEY_verify(context.get(), signature.data(), signature.size(), digest.data(), digest.size());
  if (verdict != 1) {
    ERR_clear_error();
    return false;
  }
  give_back(std::move(context));
  return true;
}

VerifyingKey::Context VerifyingKey::fresh() const {
  Context context(EVP_PKEY_CTX_new(certificate_.public_key(), nullptr));
  bool ready = context != nullptr && EVP_PKEY_verify_init(context.get()) == 1;
  if (ready && algorithm_ != SignatureAlgorithm::ecdsa_sha256) {
    const bool pss = algorithm_ == SignatureAlgorithm::rsa_pss_sha256;
    ready = EVP_PKEY_CTX_set_rsa_padding(context.get(), pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING) == 1;
    if (pss) {
      ready = ready && EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), EVP_sha256()) == 1 &&
              EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), 32) == 1;
    }
  }
  if (!ready || EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  return context;
}

VerifyingKey::Context VerifyingKey::borrow() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      Context context = std::move(idle_.back());
      idle_.pop_back();
      return context;
    }
  }
  return fresh();
}

void VerifyingKey::give_back(Context context) {
  const std::lock_guard lock(mutex_);
  if (idle_.size() < 64) idle_.push_back(std::move(context));
}

}  // namespace sceau::evidence
