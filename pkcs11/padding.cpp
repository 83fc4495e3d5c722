// The paddings alone are only to be had by OpenSSL's older interface.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "padding.h"

#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>

#include "openssl.h"

namespace sceau::pkcs11 {
namespace {

using RsaOwner = Handle<RSA, RSA_free>;
using DigestInfoOwner = Handle<X509_SIG, X509_SIG_free>;

int as_int(std::size_t size) { return static_cast<int>(size); }

// DigestInfo (RFC 8017, 9.2): the digest with its algorithm's name.
Bytes digest_info(CK_MECHANISM_TYPE hash, ByteView digest) {
  const DigestInfoOwner info(X509_SIG_new());
  X509_ALGOR* algorithm = nullptr;
  ASN1_OCTET_STRING* octets = nullptr;
  const EVP_MD* md = EVP_get_digestbyname(digest_name(hash));
  if (!info || md == nullptr) return {};
  X509_SIG_getm(info.get(), &algorithm, &octets);
  if (X509_ALGOR_set0(algorithm, OBJ_nid2obj(EVP_MD_get_type(md)), V_ASN1_NULL, nullptr) != 1 ||
      ASN1_OCTET_STRING_set(octets, digest.data(), as_int(digest.size())) != 1)
    return {};
  return der_of(i2d_X509_SIG, static_cast<const X509_SIG*>(info.get()));
}

bool pad_pss(const PublicKey& key, const MechanismUse& use, ByteView digest, Bytes& block) {
  const KeyOwner owner = key_from_spki(key.spki);
  const RsaOwner rsa(owner ? EVP_PKEY_get1_RSA(owner.get()) : nullptr);
  return rsa && RSA_padding_add_PKCS1_PSS_mgf1(
                    rsa.get(), block.data(), digest.data(), EVP_get_digestbyname(digest_name(use.hash)),
                    EVP_get_digestbyname(digest_name(use.mgf_hash)), static_cast<int>(use.salt_size)) == 1;
}

// Bytes that fit into a block of that size (RFC 8017, 7.1.1 and 7.2.1).
std::size_t longest_plain(const MechanismUse& use, std::size_t size) {
  if (use.mechanism->padding == Padding::raw) return size;
  return use.mechanism->padding == Padding::pkcs1 ? size - 11 : size - 2 * digest_size(use.hash) - 2;
}

bool set_encryption(EVP_PKEY_CTX* context, const MechanismUse& use) {
  if (use.mechanism->padding == Padding::raw)
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING) == 1;
  if (use.mechanism->padding == Padding::pkcs1)
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
  if (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) != 1 ||
      EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_get_digestbyname(digest_name(use.hash))) != 1 ||
      EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_get_digestbyname(digest_name(use.mgf_hash))) != 1)
    return false;
  if (use.label.empty()) return true;
  void* label = OPENSSL_memdup(use.label.data(), use.label.size());  // the context's from then on
  if (label == nullptr) return false;
  if (EVP_PKEY_CTX_set0_rsa_oaep_label(context, label, as_int(use.label.size())) == 1) return true;
  OPENSSL_free(label);
  return false;
}

}  // namespace

Result<Bytes> encrypt(const PublicKey& key, const MechanismUse& use, ByteView plain) {
  const std::size_t size = key.bits() / 8;
  if (plain.size() > longest_plain(use, size)) return Failure{CKR_DATA_LEN_RANGE};
  const bool raw = use.mechanism->padding == Padding::raw;
  Secret input = Secret::sized(raw ? size : plain.size());
  std::copy(plain.begin(), plain.end(), input.writable().end() - static_cast<std::ptrdiff_t>(plain.size()));
  const KeyOwner owner = key_from_spki(key.spki);
  const KeyContextOwner context(owner ? EVP_PKEY_CTX_new(owner.get(), nullptr) : nullptr);
  Bytes encrypted(size);
  std::size_t written = size;
  const bool done =
      context && EVP_PKEY_encrypt_init(context.get()) == 1 && set_encryption(context.get(), use) &&
      EVP_PKEY_encrypt(context.get(), encrypted.data(), &written, input.view().data(), input.size()) == 1 &&
      written == size;
  ERR_clear_error();
  if (!done) return Failure{raw ? CKR_DATA_INVALID : CKR_DEVICE_ERROR};
  return encrypted;
}

Result<Bytes> pad_for_signature(const PublicKey& key, const MechanismUse& use, ByteView input) {
  const std::size_t size = key.bits() / 8;
  Bytes block(size);
  const Failure too_long{CKR_DATA_LEN_RANGE};
  if (input.size() > size) return too_long;
  if (use.mechanism->padding == Padding::raw) {
    std::copy(input.begin(), input.end(), block.end() - static_cast<std::ptrdiff_t>(input.size()));
    return block;
  }
  bool padded = false;
  if (use.mechanism->padding == Padding::pss) {
    if (input.size() != digest_size(use.hash)) return too_long;
    padded = pad_pss(key, use, input, block);
  } else {
    const Bytes content = use.mechanism->hash == 0 ? to_bytes(input) : digest_info(use.hash, input);
    padded = !content.empty() && RSA_padding_add_PKCS1_type_1(block.data(), as_int(size), content.data(),
                                                              as_int(content.size())) == 1;
  }
  ERR_clear_error();
  if (!padded) return too_long;
  return block;
}

Result<Secret> unpad_deciphered(const MechanismUse& use, const Secret& block) {
  const int size = as_int(block.size());
  const ByteView from = block.view();
  if (use.mechanism->padding == Padding::raw) return block.clone();
  Secret plain = Secret::sized(block.size());
  int length = -1;
  if (use.mechanism->padding == Padding::oaep) {
    length = RSA_padding_check_PKCS1_OAEP_mgf1(
        plain.writable().data(), size, from.data(), size, size, use.label.data(), as_int(use.label.size()),
        EVP_get_digestbyname(digest_name(use.hash)), EVP_get_digestbyname(digest_name(use.mgf_hash)));
  } else {
    length = RSA_padding_check_PKCS1_type_2(plain.writable().data(), size, from.data(), size, size);
  }
  ERR_clear_error();
  if (length < 0) return Failure{CKR_ENCRYPTED_DATA_INVALID};
  return Secret(plain.view().first(static_cast<std::size_t>(length)));
}

}  // namespace sceau::pkcs11
