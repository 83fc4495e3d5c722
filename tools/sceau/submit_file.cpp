#include "submit_file.h"

#include "act.h"
#include "sceau/base/files.h"
#include "sceau/evidence/cades.h"
#include "sceau/evidence/webauthn.h"
#include "show.h"

namespace sceau::tool {
namespace {

constexpr std::size_t kLargest = 1U << 20U;

// Whom a signature file speaks for, as the certificate in it says; an assertion has none, and is taken for
// `speaker`'s. The gate is the one to verify it.
Result<evidence::Signature> read_signature(const std::string& file, const std::string& speaker) {
  auto bytes = read_file(file, kLargest);
  if (!bytes) return bytes.error();
  if (evidence::read_assertion(*bytes))
    return evidence::Signature{speaker, evidence::webauthn_kind, std::move(*bytes)};
  std::string person = "unknown";
  if (auto view = evidence::read_cades(*bytes)) {
    auto certificate = pki::Certificate::from_der(view->certificate);
    if (certificate && !certificate->person().empty()) person = certificate->person();
  }
  return evidence::Signature{person, "cades", std::move(*bytes)};
}

}  // namespace

Status submit_files(Workplace& place, const SubmitOptions& options) {
  auto statement = read_file(options.statement, kLargest);
  if (!statement) return statement.error();
  const auto read = statement::read_statement(*statement);
  const std::string speaker = read ? read->by : "unknown";
  evidence::Evidence evidence;
  for (const auto& file : options.signatures) {
    auto signature = read_signature(file, speaker);
    if (!signature) return signature.error();
    evidence.signatures.push_back(std::move(*signature));
  }
  std::vector<Bytes> blobs;
  for (const auto& file : options.blobs) {
    auto blob = read_file(file, kLargest);
    if (!blob) return blob.error();
    blobs.push_back(std::move(*blob));
  }
  const SignedAct act{std::move(*statement), evidence::serialise(evidence)};
  auto submitted = submit(place, act, blobs);
  if (!submitted) return submitted.error();
  const auto digest = statement::digest(act.statement);
  place.output.result(
      statement::Object{
          {"digest", digest}, {"index", receipt_index(*submitted)}, {"state", submitted->state}},
      "statement " + short_id(digest) + " is " + submitted->state + " (" + receipt_line(*submitted) + ")");
  return {};
}

Status sign_file(Workplace& place, const SignOptions& options) {
  auto statement = read_file(options.statement, kLargest);
  if (!statement) return statement.error();
  auto act = statement::read_statement(*statement);
  if (!act) return act.error().within(options.statement);
  auto holder = Holder::open(place, options.token);
  if (!holder) return holder.error();
  place.output.note("to be signed with " + (*holder)->label() + ":\n" + shown_text(*act));
  const auto slot = act->type == "login" ? token::Slot::authentication : token::Slot::signature;
  auto signature = (*holder)->sign(*statement, place.clock.now(), slot);
  if (!signature) return signature.error();
  if (auto written = write_file(options.signature, signature->bytes, 0600); !written) return written;
  place.output.result(statement::Object{{"file", options.signature}, {"person", signature->person}},
                      "signed by " + signature->person + ": " + options.signature);
  return {};
}

}  // namespace sceau::tool
