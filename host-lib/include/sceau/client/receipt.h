// Checks a receipt, or a statement with its signatures, with nothing but trust anchors: offline, years later.
//
// RECEIPT is canonical JSON {blobs, evidence, leaf, log, proof, salt, statement, verdict}; bytes are base64,
// `proof` is a c2sp.org/tlog-proof, `log` the vkey of the log. What a receipt carries is evidence only under
// anchors that the checker had before: the log's key and the roots.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sceau/client/fido.h"
#include "sceau/evidence/evidence.h"
#include "sceau/ledger/leaf.h"
#include "sceau/ledger/opening.h"
#include "sceau/ledger/proof.h"
#include "sceau/pki/trust.h"
#include "sceau/statement/statement.h"
#include "sceau/statement/value.h"

namespace sceau::client {

struct Receipt {
  ledger::Proof proof;
  Bytes leaf;
  ledger::Opening opening;
  std::vector<Bytes> blobs;
  std::string log;
};

// invalid when the form is broken; nothing is verified.
Result<Receipt> read_receipt(const statement::Value& receipt);

// One signature that verified.
struct Signer {
  std::string person;
  std::string subject;   // the certificate's; "FIDO2 key fido2-…"
  Digest certificate{};  // of a FIDO2 key SHA-256 of its credential id
  Time signed_at = 0;    // as the signature says; of a FIDO2 key as the statement does
};

struct ReceiptReport {
  ledger::Checkpoint checkpoint;
  std::uint64_t index = 0;
  ledger::Leaf leaf;
  std::optional<statement::Statement> statement;  // none for a step of the gate
  Digest statement_digest{};
  Bytes statement_bytes, evidence_bytes;
  std::vector<Signer> signers;
  statement::Value verdict;
};

struct Anchors {
  pki::TrustStore trust;
  std::optional<ledger::NoteVerifier> log;  // none: the receipt's own is taken, and proves only consistency
  FidoKeys fido = {};                       // of whom FIDO2 keys are; none: their signatures do not verify
};

// PEM text with certificates and CRLs, as roots-and-crls.pem has them. invalid: none, or one that is
// malformed.
Result<pki::TrustStore> read_trust(std::string_view pem);

// Every signature over the statement, at time `at`; the first must be that of `by`. Fails as
// evidence::Verifier and evidence::verify_assertion do, and with refused when nobody says whose a FIDO2 key
// is.
Result<std::vector<Signer>> verify_evidence(ByteView statement, const evidence::Evidence& evidence,
                                            const pki::TrustStore& trust, pki::KeyUse use, Time at,
                                            const FidoKeys& fido = {});

// Proof, checkpoint signature, commitment, statement, evidence and certificate paths, at the leaf's time.
Result<ReceiptReport> verify_receipt(const Receipt& receipt, const Anchors& anchors);

}  // namespace sceau::client
