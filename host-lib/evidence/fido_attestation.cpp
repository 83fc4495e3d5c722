#include "sceau/evidence/fido_attestation.h"

#include <openssl/x509.h>

#include <algorithm>
#include <memory>

#include "ecdsa.h"
#include "sceau/pki/attestation.h"
#include "sceau/statement/schema.h"
#include "sceau/statement/value.h"

namespace sceau::evidence {

namespace {

constexpr std::size_t max_attestation_bytes = 32768;
constexpr const char* aaguid_oid = "1.3.6.1.4.1.45724.1.1.4";  // id-fido-gen-ce-aaguid
constexpr std::string_view attestation_unit = "Authenticator Attestation";

Error unreadable(const std::string& what) {
  return {ErrorKind::invalid, "reading a FIDO2 key's attestation: " + what};
}
Error not_believed(const std::string& what) {
  return {ErrorKind::refused, "checking a FIDO2 key's attestation: " + what};
}

std::string unit_of(const pki::Certificate& certificate) {
  char unit[128] = {};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.handle()), NID_organizationalUnitName, unit,
                            sizeof unit);
  return unit;
}

// Section 8.2.1.
Status check_certificate(const pki::Certificate& certificate, const AttestedCredential& credential) {
  if (X509_get_version(certificate.handle()) != X509_VERSION_3 || certificate.is_ca() ||
      unit_of(certificate) != attestation_unit) {
    return not_believed("\"" + certificate.subject_text() +
                        "\" is no authenticator's attestation certificate");
  }
  const auto aaguid = certificate.extension(aaguid_oid);
  if (!aaguid) return {};
  const ByteView content(*aaguid);  // an OCTET STRING of 16 bytes
  if (content.size() != 18 || content[0] != 0x04 || content[1] != 16 ||
      !std::ranges::equal(content.subspan(2), credential.aaguid)) {
    return not_believed("its certificate is for another model of key than its authenticator data says");
  }
  return {};
}

Result<AttestedCredential> read_credential(const FidoAttestation& attestation, const RelyingParty& party) {
  auto data = read_authenticator_data(attestation.authenticator_data);
  if (!data) return data.error();
  if (!data->attested) return unreadable("it holds no new key");
  if (data->rp_id_hash != sha256(as_bytes(party.id)))
    return not_believed("the key was made for another RP id than " + party.id);
  if (!data->user_present || !data->user_verified)
    return not_believed(
        "the key was made without its user's touch and PIN: set a PIN on it, and make it again");
  return std::move(*data->attested);
}

Bytes signed_message(const FidoAttestation& attestation) {
  Bytes message = attestation.authenticator_data;
  append(message, sha256(attestation.client_data));
  return message;
}

// By its maker.
Status check_packed(const FidoAttestation& attestation, const AttestedCredential& credential,
                    std::span<const pki::Certificate> roots, Time at) {
  std::vector<pki::Certificate> chain;
  chain.reserve(attestation.certificates.size());
  for (const Bytes& der : attestation.certificates) {
    auto certificate = pki::Certificate::from_der(der);
    if (!certificate) return certificate.error().within("reading a FIDO2 key's attestation");
    chain.push_back(std::move(*certificate));
  }
  const pki::Certificate& own = chain.front();
  if (auto good = check_certificate(own, credential); !good) return good;
  if (own.algorithm() != pki::KeyAlgorithm::p256 ||
      !made_by(own.public_key(), signed_message(attestation), attestation.signature))
    return not_believed("\"" + own.subject_text() + "\" did not sign it");
  return pki::check_attestation_path(own, chain, roots, at);
}

// By itself, or not at all.
Status check_unattested(const FidoAttestation& attestation, const AttestedCredential& credential,
                        bool allowed) {
  if (!allowed)
    return not_believed(
        "it has no certificate of its maker's, as software could make it: use a key whose maker attests it, "
        "or "
        "have policy.set allow self attestation");
  if (attestation.signature.empty()) return {};
  const std::uint8_t* at = credential.public_key.data();
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      d2i_PUBKEY(nullptr, &at, static_cast<long>(credential.public_key.size())), EVP_PKEY_free);
  if (key && made_by(key.get(), signed_message(attestation), attestation.signature)) return {};
  return not_believed("the new key did not sign it");
}

}  // namespace

Bytes serialise(const FidoAttestation& attestation) {
  statement::Array certificates;
  for (const Bytes& der : attestation.certificates) certificates.emplace_back(to_base64(der));
  return statement::to_canonical_bytes(
      statement::Object{{"authenticator_data", to_base64(attestation.authenticator_data)},
                        {"certificates", std::move(certificates)},
                        {"client_data", to_base64(attestation.client_data)},
                        {"signature", to_base64(attestation.signature)}});
}

Result<FidoAttestation> read_fido_attestation(ByteView bytes) {
  const auto value = statement::parse_wire(bytes, max_attestation_bytes);
  if (!value) return value.error().within("reading a FIDO2 key's attestation");
  FidoAttestation read;
  const std::pair<const char*, Bytes FidoAttestation::*> fields[] = {
      {"authenticator_data", &FidoAttestation::authenticator_data},
      {"client_data", &FidoAttestation::client_data},
      {"signature", &FidoAttestation::signature}};
  for (const auto& [name, member] : fields) {
    auto content = statement::base64_field(*value, name);
    if (!content) return unreadable(content.error().message);
    if (content->empty() && name != std::string_view("signature"))
      return unreadable(std::string(name) + " is empty");
    read.*member = std::move(*content);
  }
  const auto certificates = statement::array_field(*value, "certificates");
  if (!certificates) return unreadable(certificates.error().message);
  if (value->as_object().size() != std::size(fields) + 1)
    return unreadable("it has a field that is not known");
  const auto& items = (*certificates)->as_array();
  if (items.size() > max_attestation_certificates) return unreadable("it has more than 4 certificates");
  if (!items.empty() && read.signature.empty()) return unreadable("signature is empty");
  for (const statement::Value& item : items) {
    if (!item.is_text()) return unreadable("a certificate is no text");
    auto der = from_base64(item.as_text());
    if (!der) return unreadable(der.error().message);
    read.certificates.push_back(std::move(*der));
  }
  return read;
}

Digest enrolment_challenge(std::string_view realm, std::string_view person) {
  return sha256({as_bytes("sceau fido2 enrolment v1\n"), as_bytes(realm), as_bytes("\n"), as_bytes(person)});
}

std::string fido_serial(ByteView credential_id) {
  return "fido2-" + to_hex(ByteView(sha256(credential_id)).first(8));
}

Result<AttestedCredential> check_fido_attestation(const FidoAttestation& attestation, const Digest& challenge,
                                                  const RelyingParty& party, const FidoTrust& trust,
                                                  Time at) {
  if (auto fits = check_client_data(attestation.client_data, Ceremony::create, challenge, party); !fits)
    return fits.error();
  auto credential = read_credential(attestation, party);
  if (!credential) return credential;
  const FidoModel* model = trust.metadata == nullptr ? nullptr : trust.metadata->find(credential->aaguid);
  if (model != nullptr && !model->trouble.empty())
    return not_believed("keys of this model are not to be trusted (" + model->trouble +
                        ", says the FIDO Metadata Service): use another model");
  const auto roots = model == nullptr ? trust.roots : std::span<const pki::Certificate>(model->roots);
  const Status attested = attestation.certificates.empty()
                              ? check_unattested(attestation, *credential, trust.unattested)
                              : check_packed(attestation, *credential, roots, at);
  if (!attested) return attested.error();
  return credential;
}

}  // namespace sceau::evidence
