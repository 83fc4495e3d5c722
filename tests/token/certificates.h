// Certificates for tests: a subject's key signed by a key made on the spot.
#pragma once

#include "sceau/base/bytes.h"

namespace sceau::test {

// An X.509 certificate (DER) over that SubjectPublicKeyInfo, valid for a year from now; `padding` bytes make
// it longer.
Bytes make_certificate(ByteView spki, std::size_t padding = 0);

// A P-256 key pair: its SubjectPublicKeyInfo, and what a card would do with the private half.
class SoftwareKey {
 public:
  SoftwareKey();
  ~SoftwareKey();
  SoftwareKey(const SoftwareKey&) = delete;
  SoftwareKey& operator=(const SoftwareKey&) = delete;
  [[nodiscard]] Bytes spki() const;
  [[nodiscard]] Bytes point() const;
  [[nodiscard]] Bytes sign_digest(ByteView digest) const;
  [[nodiscard]] Bytes agree(ByteView point) const;

 private:
  void* key_;
};

bool verifies(ByteView spki, ByteView message, ByteView signature);

}  // namespace sceau::test
