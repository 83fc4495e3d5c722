#include "outcome.h"

#include "sceau/evidence/cades.h"
#include "sceau/evidence/verifier.h"
#include "show.h"

namespace sceau::tool {

struct GateKey {
  Digest certificate;
  pki::TrustStore trust;
  evidence::Verifier verifier;
};

namespace {

using statement::Value;

constexpr long kResultSeconds = 30;

// The result is the gate's, by the certificate that this gate is enrolled with.
Status check_signature(Connection& connection, const SignedResult& result) {
  const auto& signature = result.evidence.signatures.front();
  auto view = evidence::read_cades(signature.bytes);
  if (!view) return view.error();
  auto enrolled = statement::digest_field(connection.state.all, "certificate");
  if (!enrolled) return enrolled.error();
  if (sha256(view->certificate) != *enrolled) {
    return Error{ErrorKind::corrupt, "another key than the gate's signed it"};
  }
  if (!connection.gate_key || connection.gate_key->certificate != *enrolled) {
    auto certificate = pki::Certificate::from_der(view->certificate);
    if (!certificate) return certificate.error();
    connection.gate_key = std::make_shared<GateKey>();
    connection.gate_key->certificate = *enrolled;
    connection.gate_key->trust.add_pinned(*certificate);
  }
  GateKey& key = *connection.gate_key;
  auto verified = key.verifier.verify(signature, statement::digest(result.statement), key.trust,
                                      pki::KeyUse::result, view->signing_time);
  if (!verified) return verified.error();
  return {};
}

// The document at /requests/HEX/result.
Result<Outcome> read_outcome(Connection& connection, const Digest& request, const Value& document) {
  auto bytes = statement::base64_field(document, "statement");
  auto evidence_bytes = statement::base64_field(document, "evidence");
  if (!bytes) return bytes.error();
  if (!evidence_bytes) return evidence_bytes.error();
  auto evidence = evidence::parse(*evidence_bytes);
  if (!evidence) return evidence.error();
  Outcome outcome;
  outcome.signed_result = {std::move(*bytes), std::move(*evidence), {}};
  if (const Value* receipt = document.find("receipt")) outcome.signed_result.receipt = *receipt;
  if (auto index = statement::int_field(document, "index")) outcome.index = *index;
  if (auto checked = check_signature(connection, outcome.signed_result); !checked) {
    return checked.error().within("the gate's result for request " + short_id(request));
  }
  auto act = statement::read_statement(outcome.signed_result.statement);
  if (!act) return act.error();
  auto about = statement::digest_field(act->body, "request");
  if (!about || *about != request) {
    return Error{ErrorKind::corrupt, "the gate's result is for another request: do not use these rows"};
  }
  outcome.statement = std::move(*act);
  return outcome;
}

Result<Outcome> fetch_outcome(Workplace& place, const Digest& request) {
  auto connection = place.connect();
  if (!connection) return connection.error();
  auto document = (*connection)->gate->get("/requests/" + to_hex(request) + "/result");
  if (!document) return document.error();
  return read_outcome(**connection, request, *document);
}

}  // namespace

// The result comes right after the last row; a moment is given to it.
Result<Outcome> await_outcome(Workplace& place, const Digest& request) {
  auto outcome = fetch_outcome(place, request);
  if (outcome || outcome.error().kind != ErrorKind::not_found) return outcome;
  if (auto changed = fetch_request(place, request, kResultSeconds); !changed) return changed.error();
  return fetch_outcome(place, request);
}

Status refuse_unless_delivered(const Outcome& outcome) {
  auto word = statement::text_field(outcome.statement.body, "outcome");
  if (word && *word == "delivered") return {};
  auto reason = statement::text_field(outcome.statement.body, "reason");
  return Error{ErrorKind::refused, "the gate says that it " + (word ? *word : "did not finish") +
                                       " this extraction" + (reason ? ": " + *reason : "")};
}

}  // namespace sceau::tool
