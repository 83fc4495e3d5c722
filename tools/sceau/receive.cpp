#include "receive.h"

#include <unistd.h>

#include "evidence_folder.h"
#include "interrupt.h"
#include "sceau/client/delivery.h"
#include "sceau/evidence/cades.h"
#include "sceau/evidence/verifier.h"
#include "show.h"

namespace sceau::tool {
namespace {

using statement::Value;

constexpr long kResultSeconds = 30;

struct Outcome {
  SignedResult signed_result;
  statement::Statement statement;
  std::int64_t index = -1;
};

// The result is the gate's, by the certificate that this gate is enrolled with.
Status check_signature(const Connection& connection, const SignedResult& result) {
  const auto& signature = result.evidence.signatures.front();
  auto view = evidence::read_cades(signature.bytes);
  if (!view) return view.error();
  auto enrolled = statement::digest_field(connection.state.all, "certificate");
  if (!enrolled) return enrolled.error();
  if (sha256(view->certificate) != *enrolled) {
    return Error{ErrorKind::corrupt, "another key than the gate's signed it"};
  }
  auto certificate = pki::Certificate::from_der(view->certificate);
  if (!certificate) return certificate.error();
  pki::TrustStore trust;
  trust.add_pinned(*certificate);
  evidence::Verifier verifier;
  auto verified = verifier.verify(signature, statement::digest(result.statement), trust, pki::KeyUse::result,
                                  view->signing_time);
  if (!verified) return verified.error();
  return {};
}

Result<Outcome> fetch_outcome(Workplace& place, const Digest& request) {
  auto connection = place.connect();
  if (!connection) return connection.error();
  auto document = (*connection)->gate->get("/requests/" + to_hex(request) + "/result");
  if (!document) return document.error();
  auto bytes = statement::base64_field(*document, "statement");
  auto evidence_bytes = statement::base64_field(*document, "evidence");
  if (!bytes) return bytes.error();
  if (!evidence_bytes) return evidence_bytes.error();
  auto evidence = evidence::parse(*evidence_bytes);
  if (!evidence) return evidence.error();
  Outcome outcome;
  outcome.signed_result = {std::move(*bytes), std::move(*evidence), {}};
  if (const Value* receipt = document->find("receipt")) outcome.signed_result.receipt = *receipt;
  if (auto index = statement::int_field(*document, "index")) outcome.index = *index;
  if (auto checked = check_signature(**connection, outcome.signed_result); !checked) {
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

void report_receipt(Workplace& place, const Outcome& outcome, const client::Delivery& rows,
                    const RequestEntry& request, const ReceiveOptions& options) {
  const auto& body = outcome.statement.body;
  auto count = statement::int_field(body, "rows");
  auto notices = statement::texts_field(body, "notices");
  if (notices && !options.quiet) {
    for (const auto& notice : *notices) place.output.note("note: " + shown(notice));
  }
  const auto where = options.output.empty() ? "standard output" : options.output;
  const auto text = counted(static_cast<std::uint64_t>(count ? *count : 0), "row") + " in " + where +
                    ", SHA-256 " + to_hex(rows.digest()) + " as the gate signed (entry " +
                    std::to_string(outcome.index) + ")";
  if (options.output.empty()) {
    if (!options.quiet) place.output.note(text);
    return;
  }
  if (options.quiet && !place.output.json()) return;
  place.output.result(statement::Object{{"bytes", rows.bytes()},
                                        {"file", options.output},
                                        {"index", outcome.index},
                                        {"request", request.digest},
                                        {"rows", count ? *count : 0},
                                        {"sha256", rows.digest()}},
                      text);
}

Error unusable(const Error& error, const client::Delivery& rows, const ReceiveOptions& options) {
  if (!options.output.empty() || rows.bytes() == 0) return error;
  return {error.kind, error.message + "; the rows already written to standard output must not be used"};
}

Status receive_into(Workplace& place, const RequestEntry& request, client::Delivery& rows,
                    const ReceiveOptions& options) {
  auto connection = place.connect();
  if (!connection) return connection.error();
  place.output.step("running " + short_id(request.digest));
  std::uint64_t told = 0;
  auto done = (*connection)
                  ->gate->rows(
                      request.digest,
                      [&](ByteView piece) -> Status {
                        if (options.output.empty()) place.output.done();  // rows may go to the same terminal
                        if (!options.output.empty() && rows.bytes() - told > (4U << 20U)) {
                          told = rows.bytes();
                          place.output.step("received " + std::to_string(told >> 20U) + " MiB");
                        }
                        return rows.write(piece);
                      },
                      &Interrupt::came);
  place.output.done();
  if (!done) return done;
  auto outcome = await_outcome(place, request.digest);
  if (!outcome) return outcome.error();
  if (auto delivered = refuse_unless_delivered(*outcome); !delivered) return delivered;
  auto expected = statement::digest_field(outcome->statement.body, "sha256");
  if (!expected) return expected.error();
  if (auto finished = rows.finish(*expected); !finished) return finished;
  if (!options.evidence.empty()) {
    if (auto kept = keep_result(options.evidence, outcome->signed_result); !kept) return kept;
  }
  report_receipt(place, *outcome, rows, request, options);
  return {};
}

}  // namespace

Status receive(Workplace& place, const RequestEntry& request, const ReceiveOptions& options) {
  const Interrupt interrupt;  // from before there is a FILE.part
  auto rows = options.output.empty()
                  ? Result<client::Delivery>(client::Delivery::to_descriptor(STDOUT_FILENO))
                  : client::Delivery::to_file(options.output, options.force);
  if (!rows) return rows.error();
  auto received = receive_into(place, request, *rows, options);
  return received ? received : Status(unusable(received.error(), *rows, options));
}

}  // namespace sceau::tool
