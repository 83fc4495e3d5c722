// Writes X.509 certificates (RFC 5280) for the token's keys, signed with ecdsa-with-SHA256. The token has no
// clock: certificates run from 2020-01-01 to 9999-12-31, the value that RFC 5280 4.1.2.5 gives to "no end".
#pragma once

#include "board/board.h"
#include "crypto/hash.h"
#include "crypto/key_pair.h"

namespace sceau::firmware {

inline constexpr std::size_t kKeyIdentifier = 20;
inline constexpr std::size_t kSerialNumber = 16;
using KeyIdentifier = std::array<std::uint8_t, kKeyIdentifier>;

// RFC 7093, method 1: the first 160 bits of the SHA-256 of the public key's bits. kHardware.
Result<KeyIdentifier> key_identifier(const PublicKey& key);

// A DER Name with nothing but a common name.
void write_name(std::string_view common_name, Writer& out);

struct CertificateExtension {
  ByteView oid;    // content bytes of the OBJECT IDENTIFIER
  ByteView value;  // content bytes of extnValue
};

struct CertificateContent {
  ByteView issuer;  // DER Name
  ByteView issuer_key_identifier;
  std::string_view common_name;  // of the subject
  ByteView subject;              // DER Name, instead of a name with nothing but that; empty: none
  std::array<std::uint8_t, kSerialNumber> serial_number{};
  PublicKey key;
  bool authority = false;  // may sign one level of certificates below itself
  std::span<const CertificateExtension> extensions;
};

// Signs hashes for write_certificate().
class CertificateSigner {
 public:
  virtual Result<std::size_t> sign(ByteView hash, ByteSpan signature) = 0;

 protected:
  ~CertificateSigner() = default;
};

// Appends the certificate. kTooLong: `out` is full; what the signer fails with; kHardware.
Status write_certificate(const CertificateContent& content, CertificateSigner& signer, Writer& out);

}  // namespace sceau::firmware
