#include "sceau/client/receipt.h"

#include <algorithm>

#include "sceau/evidence/verifier.h"

namespace sceau::client {
namespace {

using statement::Value;

pki::KeyUse use_for(std::string_view type) {
  if (type == "login") return pki::KeyUse::login;
  if (type == "extraction.result" || type == "gate.summary") return pki::KeyUse::result;
  return pki::KeyUse::sign;
}

Error not_a_receipt(const std::string& why) {
  return {ErrorKind::invalid, "this is not a receipt (" + why + ")"};
}

// The statement in an opening, its signatures verified; nothing for a step of the gate, which has neither.
Status verify_statement(const ledger::Opening& opening, const Anchors& anchors, ReceiptReport& report) {
  if (opening.statement.empty() && opening.evidence.empty()) return {};
  auto act = statement::read_statement(opening.statement);
  if (!act) return act.error().within("the statement in the receipt");
  auto proof = evidence::parse(opening.evidence);
  if (!proof) return proof.error().within("the evidence in the receipt");
  auto signers = verify_evidence(opening.statement, *proof, anchors.trust, use_for(act->type), report.leaf.at,
                                 anchors.fido);
  if (!signers) return signers.error();
  if (act->type != report.leaf.type) {
    return Error{ErrorKind::corrupt, "the leaf says " + report.leaf.type + ", the statement " + act->type};
  }
  if (act->realm != report.checkpoint.origin) {
    return Error{ErrorKind::corrupt,
                 "the statement is for " + act->realm + ", the ledger is " + report.checkpoint.origin};
  }
  report.statement_digest = statement::digest(opening.statement);
  report.statement_bytes = opening.statement;
  report.evidence_bytes = opening.evidence;
  report.statement = std::move(*act);
  report.signers = std::move(*signers);
  return {};
}

// By a FIDO2 key that `fido` knows. An assertion holds no time: the statement's is what was signed.
Result<Signer> verify_fido(const evidence::Signature& signature, ByteView statement, const FidoKeys& fido) {
  auto assertion = evidence::read_assertion(signature.bytes);
  if (!assertion) return assertion.error();
  const auto credential = sha256(assertion->credential);
  const auto key = fido.keys.find(credential);
  if (key == fido.keys.end()) {
    return Error{ErrorKind::refused, "nothing here says whose " +
                                         evidence::fido_serial(assertion->credential) +
                                         " is: FIDO2 keys have no certificate, fido2-keys.json beside tells"};
  }
  if (key->second.person != signature.person) {
    return Error{ErrorKind::refused, "it was made with a FIDO2 key of " + key->second.person};
  }
  const auto digest = statement::digest(statement);
  auto data = evidence::verify_assertion(*assertion, digest, key->second.public_key, fido.party);
  if (!data) return data.error();
  auto act = statement::read_statement(statement);
  return Signer{signature.person, "FIDO2 key " + key->second.serial, credential, act ? act->at : 0};
}

}  // namespace

Result<Receipt> read_receipt(const Value& receipt) {
  auto proof_text = statement::text_field(receipt, "proof");
  if (!proof_text) return not_a_receipt(proof_text.error().message);
  auto proof = ledger::parse_proof(*proof_text);
  if (!proof) return not_a_receipt(proof.error().message);
  auto log = statement::text_field(receipt, "log");
  if (!log) return not_a_receipt(log.error().message);
  Receipt read;
  read.proof = std::move(*proof);
  read.log = std::move(*log);
  Bytes salt;
  const std::pair<const char*, Bytes*> fields[] = {{"leaf", &read.leaf},
                                                   {"salt", &salt},
                                                   {"statement", &read.opening.statement},
                                                   {"evidence", &read.opening.evidence},
                                                   {"verdict", &read.opening.verdict}};
  for (const auto& [name, bytes] : fields) {
    auto field = statement::base64_field(receipt, name);
    if (!field) return not_a_receipt(field.error().message);
    *bytes = std::move(*field);
  }
  if (salt.size() != read.opening.salt.size()) return not_a_receipt("its salt is not 32 bytes");
  std::copy(salt.begin(), salt.end(), read.opening.salt.begin());
  auto blobs = statement::texts_field(receipt, "blobs");
  if (!blobs) return not_a_receipt(blobs.error().message);
  for (const auto& text : *blobs) {
    auto blob = from_base64(text);
    if (!blob) return not_a_receipt("a blob is not base64");
    read.blobs.push_back(std::move(*blob));
  }
  return read;
}

Result<pki::TrustStore> read_trust(std::string_view pem) {
  pki::TrustStore trust;
  auto certificates = pki::Certificate::all_from_pem(pem);
  if (!certificates) return certificates.error();
  for (const auto& certificate : *certificates) {
    if (!certificate.is_ca()) {
      trust.add_pinned(certificate);
    } else if (auto added = trust.add_authority(certificate); !added) {
      return added.error();
    }
  }
  auto lists = pki::Crl::all_from_pem(pem);
  if (!lists) return lists.error();
  for (const auto& list : *lists) {
    if (auto added = trust.add_crl(list); !added) return added.error();
  }
  return trust;
}

Result<std::vector<Signer>> verify_evidence(ByteView statement, const evidence::Evidence& evidence,
                                            const pki::TrustStore& trust, pki::KeyUse use, Time at,
                                            const FidoKeys& fido) {
  evidence::Verifier verifier;
  const auto digest = statement::digest(statement);
  std::vector<Signer> signers;
  for (const auto& signature : evidence.signatures) {
    if (signature.kind == evidence::webauthn_kind) {
      auto signer = verify_fido(signature, statement, fido);
      if (!signer) return signer.error().within("the signature of " + signature.person);
      signers.push_back(std::move(*signer));
      continue;
    }
    auto verified = verifier.verify(signature, digest, trust, use, at);
    if (!verified) return verified.error().within("the signature of " + signature.person);
    const auto& certificate = verified->certificate;
    if (use != pki::KeyUse::result && certificate.person() != signature.person) {
      return Error{ErrorKind::refused, "the signature given as that of " + signature.person +
                                           " was made with a certificate of " + certificate.person()};
    }
    signers.push_back(
        {signature.person, certificate.subject_text(), certificate.digest(), verified->signing_time});
  }
  if (signers.empty()) return Error{ErrorKind::refused, "nobody signed this"};
  auto act = statement::read_statement(statement);
  if (act && act->by != signers.front().person) {
    return Error{ErrorKind::refused,
                 "the statement speaks for " + act->by + " and is signed by " + signers.front().person};
  }
  return signers;
}

Result<ReceiptReport> verify_receipt(const Receipt& receipt, const Anchors& anchors) {
  auto own = ledger::NoteVerifier::parse(receipt.log);
  if (!own) return own.error().within("the log key in the receipt");
  const auto& log = anchors.log ? *anchors.log : *own;
  auto checkpoint = ledger::verify(receipt.proof, receipt.leaf, log);
  if (!checkpoint) return checkpoint.error().within("the receipt's proof");
  auto leaf = ledger::parse_leaf(receipt.leaf);
  if (!leaf) return leaf.error().within("the receipt's leaf");
  if (ledger::commitment(receipt.opening) != leaf->commitment) {
    return Error{ErrorKind::corrupt,
                 "the receipt's leaf commits to another statement, evidence or verdict than "
                 "the receipt carries"};
  }
  auto verdict = statement::parse_wire(receipt.opening.verdict, 65536);
  if (!verdict) return verdict.error().within("the receipt's verdict");
  ReceiptReport report;
  report.checkpoint = std::move(*checkpoint);
  report.index = receipt.proof.index;
  report.leaf = std::move(*leaf);
  report.verdict = std::move(*verdict);
  if (auto checked = verify_statement(receipt.opening, anchors, report); !checked) return checked.error();
  return report;
}

}  // namespace sceau::client
