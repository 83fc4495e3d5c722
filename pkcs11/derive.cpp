#include "derive.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "openssl.h"
#include "own_object.h"

namespace sceau::pkcs11 {
namespace {

constexpr std::size_t kLargestDerived = 512;

using KdfOwner = Handle<EVP_KDF, EVP_KDF_free>;
using KdfContextOwner = Handle<EVP_KDF_CTX, EVP_KDF_CTX_free>;

// Null: no key derivation function that is offered here.
const char* kdf_digest(CK_ULONG kdf) {
  switch (kdf) {
    case CKD_SHA1_KDF:
      return "SHA1";
    case CKD_SHA224_KDF:
      return "SHA2-224";
    case CKD_SHA256_KDF:
      return "SHA2-256";
    case CKD_SHA384_KDF:
      return "SHA2-384";
    case CKD_SHA512_KDF:
      return "SHA2-512";
    default:
      return nullptr;
  }
}

// The other side's point, as it is or in a DER OCTET STRING.
Bytes bare_point(ByteView given, std::size_t size) {
  if (given.size() == size + 2 && given[0] == 0x04 && given[1] == size) return to_bytes(given.subspan(2));
  if (given.size() == size && given[0] == 0x04) return to_bytes(given);
  return {};
}

// ANSI X9.63's key derivation function.
Result<Secret> stretch(const Agreement& agreement, const Secret& shared, std::size_t size) {
  const KdfOwner kdf(EVP_KDF_fetch(nullptr, "X963KDF", nullptr));
  const KdfContextOwner context(kdf ? EVP_KDF_CTX_new(kdf.get()) : nullptr);
  std::string digest = kdf_digest(agreement.kdf);
  Secret secret = shared.clone();
  Bytes info = agreement.shared_data;
  const std::array parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, secret.writable().data(), secret.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()),
      OSSL_PARAM_construct_end()};
  Secret key = Secret::sized(size);
  if (!context || EVP_KDF_derive(context.get(), key.writable().data(), size, parameters.data()) != 1)
    return Failure{CKR_FUNCTION_FAILED};
  return key;
}

}  // namespace

Result<Agreement> read_agreement(const CK_MECHANISM& mechanism, const PublicKey& own) {
  const Failure invalid{CKR_MECHANISM_PARAM_INVALID};
  CK_ECDH1_DERIVE_PARAMS parameters{};
  if (mechanism.pParameter == nullptr || mechanism.ulParameterLen != sizeof parameters) return invalid;
  std::memcpy(&parameters, mechanism.pParameter, sizeof parameters);
  Agreement agreement;
  agreement.kdf = parameters.kdf;
  agreement.curve_size = own.bits() / 8;
  const bool has_shared = parameters.ulSharedDataLen != 0;
  if (parameters.kdf == CKD_NULL ? has_shared : kdf_digest(parameters.kdf) == nullptr) return invalid;
  if (has_shared && (parameters.pSharedData == nullptr || parameters.ulSharedDataLen > 4096)) return invalid;
  if (has_shared) {
    const auto* shared = static_cast<const std::uint8_t*>(parameters.pSharedData);
    agreement.shared_data.assign(shared, shared + parameters.ulSharedDataLen);
  }
  if (parameters.pPublicData == nullptr || parameters.ulPublicDataLen > 4096) return invalid;
  const ByteView given(static_cast<const std::uint8_t*>(parameters.pPublicData), parameters.ulPublicDataLen);
  agreement.point = bare_point(given, 2 * agreement.curve_size + 1);
  if (agreement.point.empty() || !is_on_curve(own, agreement.point)) return invalid;
  return agreement;
}

Result<std::size_t> derived_size(const Attributes& wanted, const Agreement& agreement) {
  if (flag_of(wanted, CKA_TOKEN)) return Failure{CKR_TEMPLATE_INCONSISTENT};
  if (number_of(wanted, CKA_CLASS).value_or(CKO_SECRET_KEY) != CKO_SECRET_KEY || wanted.contains(CKA_VALUE))
    return Failure{CKR_TEMPLATE_INCONSISTENT};
  const std::size_t size = number_of(wanted, CKA_VALUE_LEN).value_or(agreement.curve_size);
  const std::size_t most = agreement.kdf == CKD_NULL ? agreement.curve_size : kLargestDerived;
  if (size == 0 || size > most) return Failure{CKR_KEY_SIZE_RANGE};
  return size;
}

Result<Object> derive_secret(const Agreement& agreement, const Secret& shared, const Attributes& wanted) {
  auto size = derived_size(wanted, agreement);
  if (!size) return size.failure();
  // Without a function the first bytes are left out (2.3.19).
  auto key = agreement.kdf == CKD_NULL ? Result<Secret>(Secret(shared.view().last(*size)))
                                       : stretch(agreement, shared, *size);
  if (!key) return key.failure();
  return make_secret_key(wanted, key->view());
}

}  // namespace sceau::pkcs11
