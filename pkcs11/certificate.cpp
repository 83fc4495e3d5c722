#include "certificate.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <array>
#include <ctime>

#include "openssl.h"

namespace sceau::pkcs11 {
namespace {

// OBJECT IDENTIFIERs prime256v1 and secp384r1, DER.
constexpr std::array<std::uint8_t, 10> kP256{0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07};
constexpr std::array<std::uint8_t, 7> kP384{0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22};

CertificateOwner parse_certificate(ByteView der) {
  const unsigned char* at = der.data();
  CertificateOwner certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (!certificate || at != der.data() + der.size()) {
    ERR_clear_error();
    return nullptr;
  }
  return certificate;
}

Bytes number_of_key(const EVP_PKEY* key, const char* name) {
  BIGNUM* raw = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &raw) != 1) return {};
  const NumberOwner number(raw);
  Bytes bytes(static_cast<std::size_t>(BN_num_bytes(number.get())));
  BN_bn2bin(number.get(), bytes.data());
  return bytes;
}

std::optional<PublicKey> read_ec_key(EVP_PKEY* key) {
  PublicKey read;
  const int bits = EVP_PKEY_get_bits(key);
  std::array<char, 32> group{};
  std::size_t size = 0;
  if (EVP_PKEY_get_group_name(key, group.data(), group.size(), &size) != 1) return std::nullopt;
  const std::string_view name(group.data(), size);
  if (bits == 256 && name == "prime256v1") {
    read.algorithm = token::Algorithm::p256;
    read.ec_parameters = to_bytes(ByteView(kP256));
  } else if (bits == 384 && name == "secp384r1") {
    read.algorithm = token::Algorithm::p384;
    read.ec_parameters = to_bytes(ByteView(kP384));
  } else {
    return std::nullopt;
  }
  std::array<std::uint8_t, 133> point{};
  if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, point.data(), point.size(),
                                      &size) != 1)
    return std::nullopt;
  if (size != read.bits() / 4 + 1) return std::nullopt;
  read.ec_point = {0x04, static_cast<std::uint8_t>(size)};
  append(read.ec_point, ByteView(point).first(size));
  return read;
}

std::optional<PublicKey> read_rsa_key(EVP_PKEY* key) {
  PublicKey read;
  const int bits = EVP_PKEY_get_bits(key);
  if (bits != 2048 && bits != 3072) return std::nullopt;
  read.algorithm = bits == 2048 ? token::Algorithm::rsa_2048 : token::Algorithm::rsa_3072;
  read.modulus = number_of_key(key, OSSL_PKEY_PARAM_RSA_N);
  read.public_exponent = number_of_key(key, OSSL_PKEY_PARAM_RSA_E);
  return read;
}

std::string date_of(const ASN1_TIME* time) {
  std::tm broken{};
  if (ASN1_TIME_to_tm(time, &broken) != 1) return {};
  std::array<char, 16> text{};
  if (std::strftime(text.data(), text.size(), "%Y%m%d", &broken) != 8) return {};
  return text.data();
}

}  // namespace

unsigned PublicKey::bits() const {
  switch (algorithm) {
    case token::Algorithm::p256:
      return 256;
    case token::Algorithm::p384:
      return 384;
    case token::Algorithm::rsa_3072:
      return 3072;
    default:
      return 2048;
  }
}

KeyOwner key_from_spki(ByteView spki) {
  const unsigned char* at = spki.data();
  KeyOwner key(d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())));
  if (!key || at != spki.data() + spki.size()) {
    ERR_clear_error();
    return nullptr;
  }
  return key;
}

std::optional<PublicKey> read_public_key(ByteView spki) {
  const KeyOwner key = key_from_spki(spki);
  if (!key) return std::nullopt;
  auto read = EVP_PKEY_is_a(key.get(), "EC") == 1    ? read_ec_key(key.get())
              : EVP_PKEY_is_a(key.get(), "RSA") == 1 ? read_rsa_key(key.get())
                                                     : std::nullopt;
  ERR_clear_error();
  if (read) read->spki = to_bytes(spki);
  return read;
}

std::optional<PublicKey> key_of_certificate(ByteView certificate) {
  const auto facts = read_certificate(certificate);
  return facts ? read_public_key(facts->spki) : std::nullopt;
}

std::optional<CertificateFacts> read_certificate(ByteView der) {
  const CertificateOwner certificate = parse_certificate(der);
  if (!certificate) return std::nullopt;
  CertificateFacts facts;
  facts.subject = der_of(i2d_X509_NAME, X509_get_subject_name(certificate.get()));
  facts.issuer = der_of(i2d_X509_NAME, X509_get_issuer_name(certificate.get()));
  facts.serial_number = der_of(i2d_ASN1_INTEGER, X509_get0_serialNumber(certificate.get()));
  facts.spki =
      der_of(i2d_X509_PUBKEY, static_cast<const X509_PUBKEY*>(X509_get_X509_PUBKEY(certificate.get())));
  facts.not_before = date_of(X509_get0_notBefore(certificate.get()));
  facts.not_after = date_of(X509_get0_notAfter(certificate.get()));
  facts.is_authority = X509_check_ca(certificate.get()) == 1;
  ERR_clear_error();
  return facts;
}

}  // namespace sceau::pkcs11
