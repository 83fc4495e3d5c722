#include "sceau/pki/sealed.h"

#include <openssl/cms.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>

#include "openssl.h"

namespace sceau::pki {
namespace {

using EnvelopeHandle = Handle<CMS_ContentInfo, CMS_ContentInfo_free>;

constexpr std::string_view own_name = "sceau";  // of the symmetric key, in its RecipientInfo
constexpr std::uint32_t usage_key_encipherment = 0x20;
constexpr std::uint32_t usage_key_agreement = 0x08;

// OpenSSL takes a copy of it, which it frees.
unsigned char* copied(ByteView bytes) {
  return static_cast<unsigned char*>(OPENSSL_memdup(bytes.data(), bytes.size()));
}

Status add_reader(CMS_ContentInfo* envelope, const Certificate& reader) {
  CMS_RecipientInfo* info = CMS_add1_recipient_cert(envelope, reader.handle(), CMS_USE_KEYID | CMS_KEY_PARAM);
  // Without a key identifier in the certificate: by issuer and serial number.
  if (info == nullptr) info = CMS_add1_recipient_cert(envelope, reader.handle(), CMS_KEY_PARAM);
  EVP_PKEY_CTX* key = info == nullptr ? nullptr : CMS_RecipientInfo_get0_pkey_ctx(info);
  const bool done = key != nullptr && (reader.algorithm() == KeyAlgorithm::rsa
                                           ? EVP_PKEY_CTX_set_rsa_padding(key, RSA_PKCS1_OAEP_PADDING) > 0 &&
                                                 EVP_PKEY_CTX_set_rsa_oaep_md(key, EVP_sha256()) > 0
                                           : EVP_PKEY_CTX_set_ecdh_kdf_md(key, EVP_sha256()) > 0);
  ERR_clear_error();
  if (done) return {};
  return openssl_failed("sealing for " + reader.subject_text());
}

Status add_own(CMS_ContentInfo* envelope, const Secret& own_key) {
  unsigned char* const key = copied(own_key.view());
  unsigned char* const name = copied(as_bytes(own_name));
  if (key != nullptr && name != nullptr &&
      CMS_add0_recipient_key(envelope, NID_id_aes256_wrap, key, own_key.size(), name, own_name.size(),
                             nullptr, nullptr, nullptr) != nullptr)
    return {};
  OPENSSL_clear_free(key, own_key.size());
  OPENSSL_free(name);
  return openssl_failed("sealing for the gate itself");
}

EnvelopeHandle read_envelope(ByteView sealed) {
  return EnvelopeHandle(from_exact_der<CMS_ContentInfo>(sealed, d2i_CMS_ContentInfo));
}

Error not_for_this_key() {
  ERR_clear_error();
  return {ErrorKind::not_found, "opening what is sealed: it was not sealed for this key"};
}

// After a key was set.
Result<Bytes> decrypted(CMS_ContentInfo* envelope) {
  const BioHandle out(BIO_new(BIO_s_secmem()));
  if (!out || CMS_decrypt(envelope, nullptr, nullptr, nullptr, out.get(), CMS_BINARY) != 1)
    return not_for_this_key();
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return to_bytes(std::string_view(text, static_cast<std::size_t>(size)));
}

}  // namespace

Status check_reader(const Certificate& reader) {
  const KeyAlgorithm algorithm = reader.algorithm();
  if (algorithm == KeyAlgorithm::other)
    return Error{ErrorKind::invalid, "the key of " + reader.subject_text() +
                                         " is neither P-256, P-384 nor RSA: nothing is encrypted to it"};
  const auto usage = reader.key_usage();
  const std::uint32_t wanted = algorithm == KeyAlgorithm::rsa ? usage_key_encipherment : usage_key_agreement;
  if (!usage || (*usage & wanted) != 0) return {};
  return Error{ErrorKind::invalid, "the certificate of " + reader.subject_text() + " is not for " +
                                       (algorithm == KeyAlgorithm::rsa ? "keyEncipherment" : "keyAgreement") +
                                       ": nothing is encrypted to it"};
}

Result<Bytes> seal_for(ByteView text, const std::vector<Certificate>& readers, const Secret& own_key) {
  const EnvelopeHandle envelope(CMS_AuthEnvelopedData_create(EVP_aes_256_gcm()));
  const BioHandle in(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  if (!envelope || !in || CMS_set_detached(envelope.get(), 0) != 1) return openssl_failed("sealing");
  if (auto added = add_own(envelope.get(), own_key); !added) return added.error();
  for (const Certificate& reader : readers) {
    if (auto added = add_reader(envelope.get(), reader); !added) return added.error();
  }
  if (CMS_final(envelope.get(), in.get(), nullptr, CMS_BINARY) != 1) return openssl_failed("sealing");
  return to_der(envelope.get(), i2d_CMS_ContentInfo);
}

Result<Bytes> open_sealed(ByteView sealed, const Secret& own_key) {
  const EnvelopeHandle envelope = read_envelope(sealed);
  if (!envelope) return not_for_this_key();
  Bytes name = to_bytes(own_name);
  Secret key = own_key.clone();
  if (CMS_decrypt_set1_key(envelope.get(), key.writable().data(), key.size(), name.data(), name.size()) != 1)
    return not_for_this_key();
  return decrypted(envelope.get());
}

Result<Bytes> open_sealed_with(ByteView sealed, const Secret& private_key_pem) {
  const BioHandle in(
      BIO_new_mem_buf(private_key_pem.view().data(), static_cast<int>(private_key_pem.size())));
  const auto no_password = [](char*, int, int, void*) { return -1; };
  const KeyHandle key(in ? PEM_read_bio_PrivateKey(in.get(), nullptr, no_password, nullptr) : nullptr);
  ERR_clear_error();
  if (!key)
    return Error{ErrorKind::invalid,
                 "opening what is sealed: the key is no private key in PEM without a "
                 "password: convert it with 'openssl pkey'"};
  const EnvelopeHandle envelope = read_envelope(sealed);
  if (!envelope || CMS_decrypt_set1_pkey(envelope.get(), key.get(), nullptr) != 1) return not_for_this_key();
  return decrypted(envelope.get());
}

}  // namespace sceau::pki
