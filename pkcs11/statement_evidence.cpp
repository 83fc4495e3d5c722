#include "statement_evidence.h"

#include <utility>

#include "sceau/evidence/cades.h"
#include "sceau/evidence/verifier.h"
#include "sceau/statement/schema.h"

namespace sceau::pkcs11 {

Result<Signatory> read_signatory(ByteView der) {
  auto certificate = pki::Certificate::from_der(der);
  if (!certificate) return Failure{CKR_KEY_FUNCTION_NOT_PERMITTED, certificate.error().message};
  std::string person = certificate->person();
  if (!statement::is_registry_id(person))
    return Failure{CKR_KEY_FUNCTION_NOT_PERMITTED, "the key's certificate names no person"};
  return Signatory{std::move(*certificate), std::move(person)};
}

Result<Bytes> make_evidence(const Signatory& signatory, ByteView statement,
                            const token::ClearSignature& made) {
  auto cades = evidence::assemble_cades(signatory.certificate, {}, made.attributes, made.signature);
  if (!cades) return Failure{CKR_DEVICE_ERROR, cades.error().message};
  evidence::Signature signature{signatory.person, "cades", std::move(*cades)};
  evidence::Verifier verifier;
  if (auto checked = verifier.verify_signature_only(signature, sha256(statement)); !checked)
    return Failure{CKR_DEVICE_ERROR, checked.error().message};
  return evidence::serialise({{std::move(signature)}});
}

}  // namespace sceau::pkcs11
