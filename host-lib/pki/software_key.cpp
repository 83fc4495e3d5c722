#include <openssl/pem.h>

#include "openssl.h"
#include "sceau/pki/authority.h"

namespace sceau::pki {

SoftwareKey::SoftwareKey(std::shared_ptr<evp_pkey_st> key)
    : key_(std::move(key)), spki_(to_der(key_.get(), i2d_PUBKEY)) {}

Result<SoftwareKey> SoftwareKey::generate() {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  if (key == nullptr) return openssl_failed("making a P-256 key");
  return SoftwareKey({key, EVP_PKEY_free});
}

Result<SoftwareKey> SoftwareKey::from_pem(ByteView pem) {
  const BioHandle bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  // Without this callback OpenSSL would ask for a passphrase on the terminal.
  const auto no_passphrase = [](char*, int, int, void*) { return -1; };
  EVP_PKEY* key =
      bio == nullptr ? nullptr : PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr);
  if (key == nullptr) {
    ERR_clear_error();
    return Error{ErrorKind::invalid,
                 "reading a private key: not a PKCS#8 PEM without passphrase: check the file"};
  }
  std::shared_ptr<evp_pkey_st> owner(key, EVP_PKEY_free);
  char group[32] = {};
  if (EVP_PKEY_get_group_name(key, group, sizeof group, nullptr) != 1 ||
      std::string_view(group) != "prime256v1") {
    ERR_clear_error();
    return Error{ErrorKind::invalid,
                 "reading a private key: not on the curve P-256: make one with that curve"};
  }
  return SoftwareKey(std::move(owner));
}

Secret SoftwareKey::to_pem() const {
  const BioHandle bio(BIO_new(BIO_s_secmem()));
  if (bio == nullptr ||
      PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    ERR_clear_error();
    return {};
  }
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio.get(), &data);
  return Secret(ByteView(reinterpret_cast<const std::uint8_t*>(data), static_cast<std::size_t>(length)));
}

Result<Bytes> SoftwareKey::sign(ByteView message) const {
  const Handle<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  std::size_t length = 0;
  if (context == nullptr ||
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &length, message.data(), message.size()) != 1) {
    return openssl_failed("signing");
  }
  Bytes signature(length);
  if (EVP_DigestSign(context.get(), signature.data(), &length, message.data(), message.size()) != 1) {
    return openssl_failed("signing");
  }
  signature.resize(length);
  return signature;
}

SignCallback SoftwareKey::signer() const {
  return [key = *this](ByteView message) { return key.sign(message); };
}

}  // namespace sceau::pki
