// A certificate revocation list (RFC 5280 section 5), read once and shared.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sceau/pki/certificate.h"

struct X509_crl_st;

namespace sceau::pki {

class Crl {
 public:
  // Exactly one DER CRL with a nextUpdate. Fails with invalid.
  static Result<Crl> from_der(ByteView der);
  static Result<Crl> from_pem(std::string_view pem);
  static Result<std::vector<Crl>> all_from_pem(std::string_view pem);

  [[nodiscard]] const Bytes& der() const;
  [[nodiscard]] const Digest& digest() const;  // SHA-256 of der()
  [[nodiscard]] std::string to_pem() const;
  [[nodiscard]] const Bytes& issuer() const;  // DER name
  [[nodiscard]] std::string issuer_text() const;
  [[nodiscard]] std::uint64_t number() const;  // cRLNumber; 0 when absent
  [[nodiscard]] Time this_update() const;
  [[nodiscard]] Time next_update() const;
  // Whether this list, if it is of the certificate's issuer, names its serial number.
  [[nodiscard]] bool is_revoked(const Certificate& certificate) const;
  // Whether `issuer` signed it. Fails with invalid.
  [[nodiscard]] Status check_signature(const Certificate& issuer) const;

  [[nodiscard]] X509_crl_st* handle() const;

 private:
  struct State;
  explicit Crl(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

}  // namespace sceau::pki
