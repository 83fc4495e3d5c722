#include "authenticator.h"

#include <openssl/x509.h>

#include "sceau/base/handle.h"

using sceau::Bytes;
using sceau::ByteView;

Bytes ecdsa(EVP_PKEY* key, ByteView message) {
  const sceau::Handle<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  std::size_t size = 128;
  Bytes signature(size);
  EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key);
  EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size());
  signature.resize(size);
  return signature;
}

Authenticator::Authenticator(std::string id)
    : rp_id(std::move(id)),
      origin("https://" + rp_id),
      maker(sceau::test::craft({.name = "A maker",
                                .person = "",
                                .key = maker_key,
                                .key_usage = "critical,keyCertSign",
                                .basic_constraints = "critical,CA:TRUE"})),
      batch(sceau::test::craft(batch_plan())),
      key_(sceau::test::craft_key("P-256")) {}

Authenticator Authenticator::sibling(const std::string& id) const {
  Authenticator other = *this;
  other.credential = sceau::to_bytes(id);
  other.key_ = sceau::test::craft_key("P-256");
  return other;
}

sceau::test::Plan Authenticator::batch_plan() const {
  sceau::test::Plan plan;
  plan.name = "A batch of keys";
  plan.person.clear();
  plan.unit = "Authenticator Attestation";
  plan.key = batch_key;
  plan.issuer = &maker;
  plan.issuer_key = maker_key;
  plan.key_usage.clear();
  Bytes aaguid = {0x04, 0x10};
  aaguid.resize(18, 0xAA);
  plan.extensions = {{"1.3.6.1.4.1.45724.1.1.4", aaguid}};
  return plan;
}

sceau::evidence::FidoAttestation Authenticator::attestation(const sceau::Digest& challenge) const {
  Bytes client_data = sceau::evidence::client_data(sceau::evidence::Ceremony::create, challenge, origin);
  Bytes message = authenticator_data();
  sceau::append(message, sceau::sha256(client_data));
  return {authenticator_data(), std::move(client_data), ecdsa(batch_key.get(), message), {batch.der()}};
}

sceau::evidence::FidoAttestation Authenticator::self_attestation(const sceau::Digest& challenge) const {
  auto made = attestation(challenge);
  Bytes message = made.authenticator_data;
  sceau::append(message, sceau::sha256(made.client_data));
  made.signature = ecdsa(key_.get(), message);
  made.certificates.clear();
  return made;
}

Bytes Authenticator::public_key() const {
  std::uint8_t* der = nullptr;
  const int size = i2d_PUBKEY(key_.get(), &der);
  Bytes spki(der, der + size);
  OPENSSL_free(der);
  return spki;
}

Bytes Authenticator::cose_key() const {
  const Bytes spki = public_key();
  const ByteView point = ByteView(spki).last(64);
  Bytes cose = {0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20};
  sceau::append(cose, point.first(32));
  sceau::append(cose, Bytes{0x22, 0x58, 0x20});
  sceau::append(cose, point.last(32));
  return cose;
}

Bytes Authenticator::authenticator_data() const {
  Bytes data = sceau::to_bytes(sceau::sha256(sceau::as_bytes(rp_id)));
  data.push_back(flags);
  for (int shift = 24; shift >= 0; shift -= 8) data.push_back(static_cast<std::uint8_t>(counter >> shift));
  if ((flags & 0x40U) != 0) {
    data.resize(data.size() + 16, 0xAA);
    sceau::append_u16(data, static_cast<std::uint16_t>(credential.size()));
    sceau::append(data, credential);
    sceau::append(data, cose_key());
  }
  sceau::append(data, extensions);
  return data;
}

sceau::evidence::Assertion Authenticator::assertion(const sceau::Digest& challenge) const {
  return assertion_over(sceau::evidence::client_data(sceau::evidence::Ceremony::get, challenge, origin));
}

sceau::evidence::Assertion Authenticator::assertion_over(Bytes client_data) const {
  Bytes message = authenticator_data();
  sceau::append(message, sceau::sha256(client_data));
  return {credential, authenticator_data(), std::move(client_data), ecdsa(key_.get(), message)};
}
