#include "certificate.h"

#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "openssl.h"

namespace sceau::pkcs11 {
namespace {

// By identifier: by name, an engine that the process has made the default would be asked.
constexpr const char* kRsa = "1.2.840.113549.1.1.1";
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

// SubjectPublicKeyInfo of the two curves up to the point. Keys are taken apart here, and not by OpenSSL's
// EVP: a process may have made an engine (even one that uses this module) the one to read all keys.
constexpr std::array<std::uint8_t, 26> kP256Info{0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48,
                                                 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48,
                                                 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
constexpr std::array<std::uint8_t, 23> kP384Info{0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2A, 0x86,
                                                 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x05, 0x2B,
                                                 0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00};

std::optional<PublicKey> read_ec_key(ByteView spki, ByteView header, token::Algorithm algorithm,
                                     ByteView oid) {
  PublicKey read;
  read.algorithm = algorithm;
  const std::size_t size = read.bits() / 4 + 1;
  if (spki.size() != header.size() + size || !std::equal(header.begin(), header.end(), spki.begin()) ||
      spki[header.size()] != 0x04)
    return std::nullopt;
  read.ec_parameters = to_bytes(oid);
  read.ec_point = {0x04, static_cast<std::uint8_t>(size)};
  append(read.ec_point, spki.subspan(header.size()));
  return read;
}

Bytes number_of(const ASN1_TYPE* value) {
  if (value == nullptr || ASN1_TYPE_get(value) != V_ASN1_INTEGER) return {};
  const NumberOwner number(ASN1_INTEGER_to_BN(value->value.integer, nullptr));
  if (!number) return {};
  Bytes bytes(static_cast<std::size_t>(BN_num_bytes(number.get())));
  BN_bn2bin(number.get(), bytes.data());
  return bytes;
}

void free_values(STACK_OF(ASN1_TYPE) * values) { sk_ASN1_TYPE_pop_free(values, ASN1_TYPE_free); }

std::optional<PublicKey> read_rsa_key(ByteView spki) {
  const unsigned char* at = spki.data();
  const Handle<X509_PUBKEY, X509_PUBKEY_free> info(
      d2i_X509_PUBKEY(nullptr, &at, static_cast<long>(spki.size())));
  ASN1_OBJECT* algorithm = nullptr;
  const unsigned char* content = nullptr;
  int size = 0;
  if (!info || X509_PUBKEY_get0_param(&algorithm, &content, &size, nullptr, info.get()) != 1 ||
      OBJ_obj2nid(algorithm) != NID_rsaEncryption)
    return std::nullopt;
  const Handle<STACK_OF(ASN1_TYPE), free_values> numbers(d2i_ASN1_SEQUENCE_ANY(nullptr, &content, size));
  if (!numbers || sk_ASN1_TYPE_num(numbers.get()) != 2) return std::nullopt;
  PublicKey read;
  read.modulus = number_of(sk_ASN1_TYPE_value(numbers.get(), 0));
  read.public_exponent = number_of(sk_ASN1_TYPE_value(numbers.get(), 1));
  if (read.modulus.size() != 256 && read.modulus.size() != 384) return std::nullopt;
  read.algorithm = read.modulus.size() == 256 ? token::Algorithm::rsa_2048 : token::Algorithm::rsa_3072;
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
  EVP_PKEY* raw = nullptr;
  const Handle<OSSL_DECODER_CTX, OSSL_DECODER_CTX_free> context(OSSL_DECODER_CTX_new_for_pkey(
      &raw, "DER", "SubjectPublicKeyInfo", nullptr, EVP_PKEY_PUBLIC_KEY, nullptr, nullptr));
  const unsigned char* at = spki.data();
  std::size_t left = spki.size();
  const bool read = context && OSSL_DECODER_from_data(context.get(), &at, &left) == 1;
  KeyOwner key(raw);
  ERR_clear_error();
  if (!read || left != 0) return nullptr;
  return key;
}

std::optional<PublicKey> read_public_key(ByteView spki) {
  auto read = read_ec_key(spki, kP256Info, token::Algorithm::p256, kP256);
  if (!read) read = read_ec_key(spki, kP384Info, token::Algorithm::p384, kP384);
  if (!read) read = read_rsa_key(spki);
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

bool is_on_curve(const PublicKey& key, ByteView point) {
  const int curve = key.algorithm == token::Algorithm::p256 ? NID_X9_62_prime256v1 : NID_secp384r1;
  const Handle<EC_GROUP, EC_GROUP_free> group(EC_GROUP_new_by_curve_name(curve));
  const Handle<EC_POINT, EC_POINT_free> read(group ? EC_POINT_new(group.get()) : nullptr);
  const bool good =
      read && EC_POINT_oct2point(group.get(), read.get(), point.data(), point.size(), nullptr) == 1;
  ERR_clear_error();
  return good;
}

// The info's parts are already DER, or short enough to be put together by hand: OpenSSL judges the whole.
Bytes spki_of_point(ByteView ec_parameters, ByteView ec_point) {
  // Around the curve's name: id-ecPublicKey. Around the point: a BIT STRING instead of the OCTET STRING.
  constexpr std::array<std::uint8_t, 9> kEcPublicKey{0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01};
  if (ec_point.size() > 2 && ec_point[0] == 0x04 && ec_point[1] == ec_point.size() - 2)
    ec_point = ec_point.subspan(2);
  if (ec_parameters.size() > 32 || ec_point.empty() || ec_point.size() > 97) return {};
  Bytes info{0x30, static_cast<std::uint8_t>(kEcPublicKey.size() + ec_parameters.size())};
  append(info, kEcPublicKey);
  append(info, ec_parameters);
  append(info, std::array<std::uint8_t, 3>{0x03, static_cast<std::uint8_t>(ec_point.size() + 1), 0x00});
  append(info, ec_point);
  Bytes whole{0x30};
  if (info.size() > 127) whole.push_back(0x81);
  whole.push_back(static_cast<std::uint8_t>(info.size()));
  append(whole, info);
  return key_from_spki(whole) ? whole : Bytes();
}

Bytes spki_of_rsa(ByteView modulus, ByteView public_exponent) {
  if (modulus.empty() || modulus.size() > 512 || public_exponent.empty() || public_exponent.size() > 8)
    return {};
  const NumberOwner n(BN_bin2bn(modulus.data(), static_cast<int>(modulus.size()), nullptr));
  const NumberOwner e(BN_bin2bn(public_exponent.data(), static_cast<int>(public_exponent.size()), nullptr));
  const Handle<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder(OSSL_PARAM_BLD_new());
  if (!n || !e || !builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
    return {};
  const Handle<OSSL_PARAM, OSSL_PARAM_free> parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const KeyContextOwner context(EVP_PKEY_CTX_new_from_name(nullptr, kRsa, nullptr));
  EVP_PKEY* raw = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &raw, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    ERR_clear_error();
    return {};
  }
  const KeyOwner key(raw);
  return der_of(i2d_PUBKEY, static_cast<const EVP_PKEY*>(key.get()));
}

Bytes identifier_der(const char* dotted) {
  const Handle<ASN1_OBJECT, ASN1_OBJECT_free> identifier(OBJ_txt2obj(dotted, 1));
  if (!identifier) return {};
  return der_of(i2d_ASN1_OBJECT, static_cast<const ASN1_OBJECT*>(identifier.get()));
}

}  // namespace sceau::pkcs11
