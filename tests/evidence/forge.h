// CMS files made piece by piece, so that a test can spoil any one of them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "crafted.h"
#include "sceau/evidence/cades.h"

namespace sceau::test {

// Each attribute is a whole SEQUENCE; a part left as it is made the profile's way.
struct Forge {
  const pki::Certificate* certificate = nullptr;
  Key key = nullptr;
  Digest statement{};
  Time time = now_time;

  std::vector<Bytes> attributes = {};  // filled by fill()
  bool sort_attributes = true;
  std::vector<Bytes> certificates = {};  // filled by fill()
  Bytes version = {0x02, 0x01, 0x01};
  Bytes digest_algorithms = {};  // content of the SET
  Bytes content_info = {};       // the whole encapsulated content
  Bytes crls = {};               // a whole [1], or nothing
  Bytes signer_version = {0x02, 0x01, 0x01};
  Bytes signer_identifier = {};
  Bytes digest_algorithm = {};
  Bytes signature_algorithm = {};
  Bytes unsigned_attributes = {};  // a whole [1], or nothing
  std::function<Bytes(Bytes)> change_signature = nullptr;

  // Sets everything as the profile has it.
  Forge& fill();
  [[nodiscard]] Bytes set_of_attributes() const;
  [[nodiscard]] Bytes build() const;
};

Bytes attribute(const Bytes& oid, const Bytes& value);
Bytes content_type_attribute();
Bytes message_digest_attribute(const Digest& digest);
Bytes signing_time_attribute(const std::string& utc_time);
Bytes signing_certificate_attribute(const Digest& certificate);
Bytes token_statement_attribute();

// The same through OpenSSL's CMS_sign and CMS_add1_signer, as the design describes; every attribute is whole.
Bytes openssl_cades(const pki::Certificate& certificate, const std::vector<pki::Certificate>& chain,
                    const std::vector<Bytes>& attributes, const Bytes& signature);

// What stock OpenSSL says of a file: CMS_verify with CMS_CADES | CMS_BINARY, CRL check, purpose any, at a
// time. Empty when it accepts, else its reason.
std::string openssl_verdict(ByteView cms, ByteView content, const pki::TrustStore& trust, Time at);

}  // namespace sceau::test
