// What the provider reads out of certificates and public keys, through OpenSSL.
#pragma once

#include <optional>

#include "sceau/base/bytes.h"
#include "sceau/token/piv.h"

namespace sceau::pkcs11 {

// The parts of a SubjectPublicKeyInfo that PKCS#11 gives attributes of their own.
struct PublicKey {
  token::Algorithm algorithm = token::Algorithm::p256;
  Bytes spki;
  Bytes ec_parameters;    // DER, the named curve's OID
  Bytes ec_point;         // DER OCTET STRING around 04 || x || y
  Bytes modulus;          // big-endian, without leading zeros
  Bytes public_exponent;  // the same
  [[nodiscard]] bool is_rsa() const {
    return algorithm == token::Algorithm::rsa_2048 || algorithm == token::Algorithm::rsa_3072;
  }
  // 256, 384, 2048, 3072.
  [[nodiscard]] unsigned bits() const;
};

struct CertificateFacts {
  Bytes subject;           // DER
  Bytes issuer;            // DER
  Bytes serial_number;     // DER INTEGER
  Bytes spki;              // DER
  std::string not_before;  // YYYYMMDD
  std::string not_after;
  bool is_authority = false;
};

// Nothing when the bytes are no key of a kind that PIV has.
std::optional<PublicKey> read_public_key(ByteView spki);
// Nothing when it is no certificate, or its key is of no kind that PIV has.
std::optional<PublicKey> key_of_certificate(ByteView certificate);
// Nothing when it is no certificate.
std::optional<CertificateFacts> read_certificate(ByteView certificate);

// Whether 04 || x || y is a point of that key's curve.
bool is_on_curve(const PublicKey& key, ByteView point);
// SubjectPublicKeyInfo of a key given by its parts, as PKCS#11 has them; empty when they are no key.
Bytes spki_of_point(ByteView ec_parameters, ByteView ec_point);
Bytes spki_of_rsa(ByteView modulus, ByteView public_exponent);

// DER of an OBJECT IDENTIFIER written with dots; empty when it is none.
Bytes identifier_der(const char* dotted);

}  // namespace sceau::pkcs11
