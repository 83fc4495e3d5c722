// A FIDO2 authenticator and its client, in software: makes what a real key would, and whatever it should not.
#pragma once

#include <openssl/evp.h>

#include <cstdint>
#include <string>

#include "crafted.h"
#include "sceau/evidence/fido_attestation.h"

class Authenticator {
 public:
  explicit Authenticator(std::string rp_id = "gate.example");
  // Another key of the same maker, for the same RP id, with a credential id of its own.
  [[nodiscard]] Authenticator sibling(const std::string& credential) const;

  sceau::Bytes credential = sceau::to_bytes("a credential id");
  std::string rp_id, origin;
  std::uint8_t flags = 0x05;  // UP, UV
  std::uint32_t counter = 7;
  sceau::Bytes extensions;  // CBOR, after everything else

  [[nodiscard]] sceau::Bytes public_key() const;  // SubjectPublicKeyInfo
  [[nodiscard]] sceau::Bytes cose_key() const;
  // With the credential and its key where the flag AT (0x40) is set.
  [[nodiscard]] sceau::Bytes authenticator_data() const;
  [[nodiscard]] sceau::evidence::Assertion assertion(const sceau::Digest& challenge) const;
  // The same, over client data of the caller's.
  [[nodiscard]] sceau::evidence::Assertion assertion_over(sceau::Bytes client_data) const;

  // Its maker's: the attestation's certificate is by `maker`, with these properties.
  sceau::test::Key maker_key = sceau::test::craft_key("P-256"), batch_key = sceau::test::craft_key("P-256");
  sceau::pki::Certificate maker, batch;
  [[nodiscard]] sceau::test::Plan batch_plan() const;
  // The flag AT must be set.
  [[nodiscard]] sceau::evidence::FidoAttestation attestation(const sceau::Digest& challenge) const;
  // By the new key itself.
  [[nodiscard]] sceau::evidence::FidoAttestation self_attestation(const sceau::Digest& challenge) const;

 private:
  sceau::test::Key key_;
};

// An ECDSA signature over SHA-256 of the message.
sceau::Bytes ecdsa(EVP_PKEY* key, sceau::ByteView message);
