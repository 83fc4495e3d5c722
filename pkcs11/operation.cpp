#include "operation.h"

#include <utility>

namespace sceau::pkcs11 {
namespace {

// No mechanism without a digest takes more than a block of RSA-3072; or a statement, whose length a token
// tells in two bytes.
constexpr std::size_t kLongestBlock = 512;
constexpr std::size_t kLongestStatement = 65'535;
constexpr std::size_t kClientDataHash = 32;

std::size_t most_of(KeyKind kind) {
  if (kind == KeyKind::clear_sign) return kLongestStatement;
  return kind == KeyKind::webauthn ? kClientDataHash : kLongestBlock;
}

}  // namespace

Result<Hasher> Hasher::start(CK_MECHANISM_TYPE hash) {
  const char* name = digest_name(hash);
  if (name == nullptr) return Failure{CKR_MECHANISM_INVALID};
  DigestContextOwner context(EVP_MD_CTX_new());
  if (!context) return Failure{CKR_HOST_MEMORY};
  if (EVP_DigestInit_ex(context.get(), EVP_get_digestbyname(name), nullptr) != 1)
    return Failure{CKR_MECHANISM_INVALID};
  return Hasher(std::move(context));
}

Status Hasher::update(ByteView bytes) {
  if (EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) != 1) return Failure{CKR_FUNCTION_FAILED};
  return {};
}

Result<Bytes> Hasher::finish() {
  Bytes digest(EVP_MAX_MD_SIZE);
  unsigned size = 0;
  if (EVP_DigestFinal_ex(context_.get(), digest.data(), &size) != 1) return Failure{CKR_FUNCTION_FAILED};
  digest.resize(size);
  return digest;
}

Status Input::add(ByteView bytes) {
  if (hasher) return hasher->update(bytes);
  if (bytes.size() > most - collected.size()) return Failure{CKR_DATA_LEN_RANGE};
  append(collected, bytes);
  return {};
}

Result<Bytes> Input::finish() {
  if (hasher) return hasher->finish();
  return std::move(collected);
}

Status check_key(const Object& key, const MechanismUse& use, CK_ATTRIBUTE_TYPE permission) {
  if (use.mechanism->key == KeyKind::webauthn || !key.credential.empty()) {
    const bool fits = use.mechanism->key == KeyKind::webauthn && !key.credential.empty();
    return from_code(fits && flag_of(key.attributes, permission) ? CKR_OK : CKR_KEY_FUNCTION_NOT_PERMITTED);
  }
  if (!key.key) return Failure{CKR_KEY_TYPE_INCONSISTENT};
  const bool statement = use.mechanism->key == KeyKind::clear_sign;
  const KeyKind needed = statement ? KeyKind::ec : use.mechanism->key;
  const KeyKind kind = key.key->is_rsa() ? KeyKind::rsa : KeyKind::ec;
  if (kind != needed) return Failure{CKR_KEY_TYPE_INCONSISTENT};
  // CKA_ALLOWED_MECHANISMS of a clear-sign key, and of all others.
  if (statement != key.clear_slot.has_value()) return Failure{CKR_KEY_FUNCTION_NOT_PERMITTED};
  if (!flag_of(key.attributes, permission)) return Failure{CKR_KEY_FUNCTION_NOT_PERMITTED};
  return {};
}

Result<Input> start_input(const MechanismUse& use) {
  Input input;
  input.most = most_of(use.mechanism->key);
  if (use.mechanism->hash != 0) {
    auto hasher = Hasher::start(use.mechanism->hash);
    if (!hasher) return hasher.failure();
    input.hasher = std::move(*hasher);
  }
  return input;
}

std::size_t signature_size(const PublicKey& key) {
  return key.is_rsa() ? key.bits() / 8 : static_cast<std::size_t>(key.bits()) / 4;
}

}  // namespace sceau::pkcs11
