#include "sceau/client/sign.h"

#include "sceau/evidence/cades.h"
#include "sceau/evidence/verifier.h"
#include "sceau/statement/schema.h"
#include "sceau/statement/statement.h"

namespace sceau::client {

Result<Signatory> signatory(token::Signer& signer) {
  auto key = signer.key();
  if (!key) return key.error();
  const std::string where = "the certificate in slot " + key->slot + " of " + key->reader;
  auto certificate = pki::Certificate::from_der(key->certificate);
  if (!certificate) return certificate.error().within(where);
  Signatory who{certificate->person(), *certificate, {}};
  if (!statement::is_registry_id(who.person)) {
    return Error{ErrorKind::invalid,
                 where +
                     " names no person (a registry id in the subject's serialNumber, or in its "
                     "common name): ask an administrator for one made by 'sceau token init'"};
  }
  for (const auto& der : key->chain) {
    auto link = pki::Certificate::from_der(der);
    if (!link) return link.error().within("a certificate beside " + where);
    who.chain.push_back(*link);
  }
  return who;
}

Result<evidence::Signature> sign_statement(token::Signer& signer, token::PinSource& pins, ByteView statement,
                                           Time signing_time, const Decided& about) {
  if (statement.empty()) return Error{ErrorKind::invalid, "there is nothing to sign"};
  auto who = signatory(signer);
  if (!who) return who.error();
  const auto digest = statement::digest(statement);
  const auto attributes = evidence::signed_attributes(digest, who->certificate, signing_time);
  auto made = signer.sign({statement, attributes, signing_time, about.request, about.evidence}, pins);
  if (!made) return made.error();
  const auto& really_signed = made->attributes.empty() ? attributes : made->attributes;
  using evidence::SignatureAlgorithm;
  auto cades = made->rsa_pss
                   ? evidence::assemble_cades(who->certificate, who->chain, really_signed, made->signature,
                                              SignatureAlgorithm::rsa_pss_sha256)
                   : evidence::assemble_cades(who->certificate, who->chain, really_signed, made->signature);
  if (!cades) return cades.error();
  evidence::Signature signature{who->person, "cades", std::move(*cades)};
  evidence::Verifier verifier;
  if (auto checked = verifier.verify_signature_only(signature, digest); !checked) {
    return Error{ErrorKind::corrupt, "the token's signature does not verify (" + checked.error().message +
                                         "): do not use this token, and tell an administrator"};
  }
  return signature;
}

}  // namespace sceau::client
