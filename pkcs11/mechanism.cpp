#include "mechanism.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>

#include "sceau_pkcs11.h"

namespace sceau::pkcs11 {
namespace {

struct Hash {
  CK_MECHANISM_TYPE type;
  CK_RSA_PKCS_MGF_TYPE mgf;
  const char* name;
  std::size_t size;
};
constexpr std::array kHashes{
    Hash{CKM_SHA_1, CKG_MGF1_SHA1, "SHA1", 20},        Hash{CKM_SHA224, CKG_MGF1_SHA224, "SHA2-224", 28},
    Hash{CKM_SHA256, CKG_MGF1_SHA256, "SHA2-256", 32}, Hash{CKM_SHA384, CKG_MGF1_SHA384, "SHA2-384", 48},
    Hash{CKM_SHA512, CKG_MGF1_SHA512, "SHA2-512", 64},
};

constexpr CK_FLAGS kEcFlags = CKF_EC_F_P | CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS;

constexpr Mechanism ec(CK_MECHANISM_TYPE type, CK_MECHANISM_TYPE hash, CK_FLAGS flags) {
  return {type, KeyKind::ec, Padding::none, hash, {256, 384, flags | CKF_HW | kEcFlags}};
}
constexpr Mechanism rsa(CK_MECHANISM_TYPE type, Padding padding, CK_MECHANISM_TYPE hash, CK_FLAGS flags) {
  return {type, KeyKind::rsa, padding, hash, {2048, 3072, flags | CKF_HW}};
}
constexpr Mechanism digest(CK_MECHANISM_TYPE type) {
  return {type, KeyKind::none, Padding::none, type, {0, 0, CKF_DIGEST}};
}

constexpr CK_FLAGS kSigns = CKF_SIGN | CKF_VERIFY;
constexpr CK_FLAGS kCiphers = CKF_ENCRYPT | CKF_DECRYPT;
constexpr std::array kMechanisms{
    ec(CKM_ECDSA, 0, kSigns),
    ec(CKM_ECDSA_SHA1, CKM_SHA_1, kSigns),
    ec(CKM_ECDSA_SHA224, CKM_SHA224, kSigns),
    ec(CKM_ECDSA_SHA256, CKM_SHA256, kSigns),
    ec(CKM_ECDSA_SHA384, CKM_SHA384, kSigns),
    ec(CKM_ECDSA_SHA512, CKM_SHA512, kSigns),
    ec(CKM_ECDH1_DERIVE, 0, CKF_DERIVE),
    ec(CKM_EC_KEY_PAIR_GEN, 0, CKF_GENERATE_KEY_PAIR),
    rsa(CKM_RSA_PKCS_KEY_PAIR_GEN, Padding::none, 0, CKF_GENERATE_KEY_PAIR),
    rsa(CKM_RSA_PKCS, Padding::pkcs1, 0, kSigns | kCiphers),
    rsa(CKM_RSA_X_509, Padding::raw, 0, kSigns | kCiphers),
    rsa(CKM_RSA_PKCS_OAEP, Padding::oaep, 0, kCiphers),
    rsa(CKM_RSA_PKCS_PSS, Padding::pss, 0, kSigns),
    rsa(CKM_SHA1_RSA_PKCS, Padding::pkcs1, CKM_SHA_1, kSigns),
    rsa(CKM_SHA224_RSA_PKCS, Padding::pkcs1, CKM_SHA224, kSigns),
    rsa(CKM_SHA256_RSA_PKCS, Padding::pkcs1, CKM_SHA256, kSigns),
    rsa(CKM_SHA384_RSA_PKCS, Padding::pkcs1, CKM_SHA384, kSigns),
    rsa(CKM_SHA512_RSA_PKCS, Padding::pkcs1, CKM_SHA512, kSigns),
    rsa(CKM_SHA1_RSA_PKCS_PSS, Padding::pss, CKM_SHA_1, kSigns),
    rsa(CKM_SHA224_RSA_PKCS_PSS, Padding::pss, CKM_SHA224, kSigns),
    rsa(CKM_SHA256_RSA_PKCS_PSS, Padding::pss, CKM_SHA256, kSigns),
    rsa(CKM_SHA384_RSA_PKCS_PSS, Padding::pss, CKM_SHA384, kSigns),
    rsa(CKM_SHA512_RSA_PKCS_PSS, Padding::pss, CKM_SHA512, kSigns),
    Mechanism{CKM_SCEAU_STATEMENT, KeyKind::clear_sign, Padding::none, 0, {256, 256, CKF_SIGN | CKF_HW}},
    Mechanism{CKM_SCEAU_WEBAUTHN, KeyKind::webauthn, Padding::none, 0, {256, 256, CKF_SIGN | CKF_HW}},
    digest(CKM_SHA_1),
    digest(CKM_SHA224),
    digest(CKM_SHA256),
    digest(CKM_SHA384),
    digest(CKM_SHA512),
};

const Hash* find_hash(CK_MECHANISM_TYPE type) {
  const auto* found =
      std::find_if(kHashes.begin(), kHashes.end(), [&](const Hash& hash) { return hash.type == type; });
  return found == kHashes.end() ? nullptr : found;
}

const Hash* find_mgf(CK_RSA_PKCS_MGF_TYPE mgf) {
  const auto* found =
      std::find_if(kHashes.begin(), kHashes.end(), [&](const Hash& hash) { return hash.mgf == mgf; });
  return found == kHashes.end() ? nullptr : found;
}

template <typename T>
bool read_parameter(const CK_MECHANISM& mechanism, T& parameter) {
  if (mechanism.pParameter == nullptr || mechanism.ulParameterLen != sizeof parameter) return false;
  std::memcpy(&parameter, mechanism.pParameter, sizeof parameter);
  return true;
}

Status read_pss(const CK_MECHANISM& mechanism, MechanismUse& use) {
  CK_RSA_PKCS_PSS_PARAMS parameters{};
  const Failure invalid{CKR_MECHANISM_PARAM_INVALID};
  if (!read_parameter(mechanism, parameters)) return invalid;
  const Hash* mgf = find_mgf(parameters.mgf);
  if (find_hash(parameters.hashAlg) == nullptr || mgf == nullptr || parameters.sLen > 512) return invalid;
  if (use.mechanism->hash != 0 && use.mechanism->hash != parameters.hashAlg) return invalid;
  use.hash = parameters.hashAlg;
  use.mgf_hash = mgf->type;
  use.salt_size = parameters.sLen;
  return {};
}

Status read_oaep(const CK_MECHANISM& mechanism, MechanismUse& use) {
  CK_RSA_PKCS_OAEP_PARAMS parameters{};
  const Failure invalid{CKR_MECHANISM_PARAM_INVALID};
  if (!read_parameter(mechanism, parameters)) return invalid;
  const Hash* mgf = find_mgf(parameters.mgf);
  if (find_hash(parameters.hashAlg) == nullptr || mgf == nullptr) return invalid;
  if (parameters.ulSourceDataLen > 4096) return invalid;
  if (parameters.ulSourceDataLen != 0) {
    if (parameters.source != CKZ_DATA_SPECIFIED || parameters.pSourceData == nullptr) return invalid;
    const auto* label = static_cast<const std::uint8_t*>(parameters.pSourceData);
    use.label.assign(label, label + parameters.ulSourceDataLen);
  }
  use.hash = parameters.hashAlg;
  use.mgf_hash = mgf->type;
  return {};
}

// Nothing, or both parts of what a decision is about.
Status read_statement(const CK_MECHANISM& mechanism, MechanismUse& use) {
  constexpr CK_ULONG kLongestPart = 262'144;
  CK_SCEAU_STATEMENT_PARAMS parameters{};
  const Failure invalid{CKR_MECHANISM_PARAM_INVALID};
  if (mechanism.pParameter == nullptr && mechanism.ulParameterLen == 0) return {};
  if (!read_parameter(mechanism, parameters)) return invalid;
  const auto copy = [](const CK_BYTE* bytes, CK_ULONG size) {
    const bool sized = bytes != nullptr && size != 0 && size <= kLongestPart;
    return sized ? to_bytes({bytes, size}) : Bytes();
  };
  use.request = copy(parameters.pRequest, parameters.ulRequestLen);
  use.evidence = copy(parameters.pEvidence, parameters.ulEvidenceLen);
  if (use.request.empty() || use.evidence.empty()) return invalid;
  return {};
}

}  // namespace

std::span<const Mechanism> mechanisms() { return kMechanisms; }

const Mechanism* find_mechanism(CK_MECHANISM_TYPE type, CK_FLAGS use) {
  const auto* found = std::find_if(kMechanisms.begin(), kMechanisms.end(), [&](const Mechanism& mechanism) {
    return mechanism.type == type && (mechanism.info.flags & use) == use;
  });
  return found == kMechanisms.end() ? nullptr : found;
}

Result<MechanismUse> read_mechanism(const CK_MECHANISM* mechanism, CK_FLAGS use) {
  if (mechanism == nullptr) return Failure{CKR_ARGUMENTS_BAD};
  MechanismUse read;
  read.mechanism = find_mechanism(mechanism->mechanism, use);
  if (read.mechanism == nullptr) return Failure{CKR_MECHANISM_INVALID};
  read.hash = read.mechanism->hash;
  Status parameter;
  if (read.mechanism->padding == Padding::pss) {
    parameter = read_pss(*mechanism, read);
  } else if (read.mechanism->padding == Padding::oaep) {
    parameter = read_oaep(*mechanism, read);
  } else if (read.mechanism->key == KeyKind::clear_sign) {
    parameter = read_statement(*mechanism, read);
  } else if (mechanism->ulParameterLen != 0 && (use & CKF_DERIVE) == 0) {
    parameter = Failure{CKR_MECHANISM_PARAM_INVALID};
  }
  if (!parameter) return parameter.failure();
  return read;
}

const char* digest_name(CK_MECHANISM_TYPE hash) {
  const Hash* found = find_hash(hash);
  return found == nullptr ? nullptr : found->name;
}

std::size_t digest_size(CK_MECHANISM_TYPE hash) {
  const Hash* found = find_hash(hash);
  return found == nullptr ? 0 : found->size;
}

}  // namespace sceau::pkcs11
