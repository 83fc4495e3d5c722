// An X.509 certificate, read once and shared; copies are cheap and all refer to the same bytes.
//
// from_der() takes exactly one DER certificate: BER, trailing bytes and encodings that OpenSSL would write
// differently are refused, so that a digest names one certificate and one only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sceau/base/bytes.h"
#include "sceau/base/clock.h"
#include "sceau/base/digest.h"
#include "sceau/base/result.h"

struct x509_st;
struct evp_pkey_st;

namespace sceau::pki {

// RFC 5280 section 4.2.1.3, as OpenSSL numbers the bits.
inline constexpr std::uint32_t usage_digital_signature = 0x80;
inline constexpr std::uint32_t usage_non_repudiation = 0x40;
inline constexpr std::uint32_t usage_key_cert_sign = 0x04;
inline constexpr std::uint32_t usage_crl_sign = 0x02;

enum class KeyAlgorithm { p256, p384, rsa, other };

class Certificate {
 public:
  // Fails with invalid.
  static Result<Certificate> from_der(ByteView der);
  // The first certificate of a PEM text; all of them.
  static Result<Certificate> from_pem(std::string_view pem);
  static Result<std::vector<Certificate>> all_from_pem(std::string_view pem);

  [[nodiscard]] const Bytes& der() const;
  [[nodiscard]] const Digest& digest() const;  // SHA-256 of der()
  [[nodiscard]] std::string to_pem() const;
  // "CN=Alice Martin, serialNumber=alice, O=cnam"
  [[nodiscard]] std::string subject_text() const;
  [[nodiscard]] std::string common_name() const;
  // The registry id in the subject's serialNumber attribute; the common name of a subject without one, as
  // health-care professionals' cards have it (their national number). It may be no registry id at all.
  [[nodiscard]] std::string person() const;
  [[nodiscard]] const Bytes& spki() const;           // SubjectPublicKeyInfo, DER
  [[nodiscard]] const Bytes& issuer_name() const;    // DER
  [[nodiscard]] const Bytes& subject_name() const;   // DER
  [[nodiscard]] const Bytes& serial_number() const;  // content octets of the INTEGER
  [[nodiscard]] Time not_before() const;
  [[nodiscard]] Time not_after() const;
  // The keyUsage bits; nothing when the extension is absent.
  [[nodiscard]] std::optional<std::uint32_t> key_usage() const;
  [[nodiscard]] bool is_ca() const;
  [[nodiscard]] bool is_self_issued() const { return issuer_name() == subject_name(); }
  [[nodiscard]] KeyAlgorithm algorithm() const;
  // Content octets of the extension with that dotted OID; nothing when absent.
  [[nodiscard]] std::optional<Bytes> extension(const std::string& oid) const;

  // For rooms that call OpenSSL; never to be modified or freed.
  [[nodiscard]] x509_st* handle() const;
  [[nodiscard]] evp_pkey_st* public_key() const;

  bool operator==(const Certificate& other) const { return digest() == other.digest(); }

 private:
  struct State;
  explicit Certificate(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

}  // namespace sceau::pki
