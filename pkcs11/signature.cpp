#include "signature.h"

#include <openssl/err.h>
#include <openssl/rsa.h>

#include <algorithm>

#include "openssl.h"
#include "padding.h"

namespace sceau::pkcs11 {
namespace {

// The leftmost bytes that fit the curve (FIPS 186-5, 6.4.1), or zeros in front of fewer.
Bytes fit_digest(ByteView digest, std::size_t curve_size) {
  if (digest.size() >= curve_size) return to_bytes(digest.first(curve_size));
  Bytes fitted(curve_size - digest.size(), 0);
  append(fitted, digest);
  return fitted;
}

Status check_ecdsa(EVP_PKEY* key, std::size_t curve_size, ByteView input, ByteView signature) {
  if (signature.size() != 2 * curve_size) return Failure{CKR_SIGNATURE_LEN_RANGE};
  const Bytes der = ecdsa_der_from_pair(signature);
  const KeyContextOwner context(EVP_PKEY_CTX_new(key, nullptr));
  const Bytes digest = fit_digest(input, curve_size);
  const bool good = context && EVP_PKEY_verify_init(context.get()) == 1 &&
                    EVP_PKEY_verify(context.get(), der.data(), der.size(), digest.data(), digest.size()) == 1;
  ERR_clear_error();
  if (!good) return Failure{CKR_SIGNATURE_INVALID};
  return {};
}

bool set_rsa_padding(EVP_PKEY_CTX* context, const MechanismUse& use) {
  const bool pss = use.mechanism->padding == Padding::pss;
  if (EVP_PKEY_CTX_set_rsa_padding(context, pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING) != 1)
    return false;
  const EVP_MD* hash = use.hash == 0 ? nullptr : EVP_get_digestbyname(digest_name(use.hash));
  if (hash != nullptr && EVP_PKEY_CTX_set_signature_md(context, hash) != 1) return false;
  if (!pss) return true;
  return EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_get_digestbyname(digest_name(use.mgf_hash))) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, static_cast<int>(use.salt_size)) == 1;
}

// CKM_RSA_X_509: what the signature gives back is the input, with zeros before it.
bool recovers(EVP_PKEY_CTX* context, ByteView input, ByteView signature) {
  Bytes block(signature.size());
  std::size_t size = block.size();
  if (EVP_PKEY_verify_recover_init(context) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING) != 1 ||
      EVP_PKEY_verify_recover(context, block.data(), &size, signature.data(), signature.size()) != 1)
    return false;
  Bytes expected(block.size() - input.size(), 0);
  append(expected, input);
  return expected == block;
}

Status check_rsa(EVP_PKEY* key, const MechanismUse& use, ByteView input, ByteView signature) {
  const std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(key));
  if (signature.size() != size) return Failure{CKR_SIGNATURE_LEN_RANGE};
  if (input.size() > size) return Failure{CKR_DATA_LEN_RANGE};
  const KeyContextOwner context(EVP_PKEY_CTX_new(key, nullptr));
  if (!context) return Failure{CKR_HOST_MEMORY};
  bool good = false;
  if (use.mechanism->padding == Padding::raw) {
    good = recovers(context.get(), input, signature);
  } else {
    good = EVP_PKEY_verify_init(context.get()) == 1 && set_rsa_padding(context.get(), use) &&
           EVP_PKEY_verify(context.get(), signature.data(), size, input.data(), input.size()) == 1;
  }
  ERR_clear_error();
  if (!good) return Failure{CKR_SIGNATURE_INVALID};
  return {};
}

}  // namespace

Bytes ecdsa_pair_from_der(ByteView der, std::size_t curve_size) {
  const unsigned char* at = der.data();
  const EcdsaOwner numbers(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  const int size = static_cast<int>(curve_size);
  Bytes pair(2 * curve_size);
  if (!numbers || BN_bn2binpad(ECDSA_SIG_get0_r(numbers.get()), pair.data(), size) != size ||
      BN_bn2binpad(ECDSA_SIG_get0_s(numbers.get()), pair.data() + curve_size, size) != size) {
    ERR_clear_error();
    return {};
  }
  return pair;
}

Bytes ecdsa_der_from_pair(ByteView pair) {
  const std::size_t half = pair.size() / 2;
  NumberOwner r(BN_bin2bn(pair.data(), static_cast<int>(half), nullptr));
  NumberOwner s(BN_bin2bn(pair.data() + half, static_cast<int>(half), nullptr));
  const EcdsaOwner numbers(ECDSA_SIG_new());
  if (!r || !s || !numbers || ECDSA_SIG_set0(numbers.get(), r.get(), s.get()) != 1) return {};
  static_cast<void>(r.release());
  static_cast<void>(s.release());
  return der_of(i2d_ECDSA_SIG, static_cast<const ECDSA_SIG*>(numbers.get()));
}

Result<Bytes> make_signature(Token& token, const Object& key, const MechanismUse& use, ByteView input) {
  if (key.key->is_rsa()) {
    auto block = pad_for_signature(*key.key, use, input);
    if (!block) return block;
    auto value = token.rsa_private(key, *block);
    if (!value) return value.failure();
    return to_bytes(value->view());
  }
  const std::size_t curve_size = key.key->bits() / 8;
  if (use.mechanism->hash == 0 && input.empty()) return Failure{CKR_DATA_LEN_RANGE};
  auto der = token.sign_digest(key, fit_digest(input, curve_size));
  if (!der) return der;
  Bytes pair = ecdsa_pair_from_der(*der, curve_size);
  if (pair.empty()) return Failure{CKR_DEVICE_ERROR, "the card's signature has no ECDSA form"};
  return pair;
}

Status check_signature(const PublicKey& key, const MechanismUse& use, ByteView input, ByteView signature) {
  const KeyOwner owner = key_from_spki(key.spki);
  if (!owner) return Failure{CKR_KEY_HANDLE_INVALID};
  if (key.is_rsa()) return check_rsa(owner.get(), use, input, signature);
  if (use.mechanism->hash == 0 && input.empty()) return Failure{CKR_DATA_LEN_RANGE};
  return check_ecdsa(owner.get(), key.bits() / 8, input, signature);
}

}  // namespace sceau::pkcs11
