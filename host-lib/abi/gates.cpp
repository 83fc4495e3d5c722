// A gate: its state, log-in, requests' states, rows.
#include <cstring>

#include "handles.h"
#include "sceau/base/digest.h"
#include "sceau/client/seen.h"
#include "sceau/client/sign.h"
#include "sceau/client/tiles.h"
#include "sceau/evidence/cades.h"
#include "sceau/evidence/verifier.h"

namespace sceau::abi {
namespace {

using statement::Value;

constexpr long kResultSeconds = 30;

struct RowsResult {
  std::string outcome, reason;
  Digest sha256{};
};

// The result that the gate signed, by the certificate that it is enrolled with.
Result<RowsResult> result_of(sceau_gate_t& gate, const Digest& request) {
  auto document = gate.client->get("/requests/" + to_hex(request) + "/result");
  if (!document) return document.error();
  auto bytes = statement::base64_field(*document, "statement");
  auto evidence_bytes = statement::base64_field(*document, "evidence");
  if (!bytes || !evidence_bytes) return (bytes ? evidence_bytes : bytes).error();
  auto evidence = evidence::parse(*evidence_bytes);
  if (!evidence) return evidence.error();
  const auto& signature = evidence->signatures.front();
  auto view = evidence::read_cades(signature.bytes);
  if (!view) return view.error();
  auto enrolled = statement::digest_field(gate.state.all, "certificate");
  if (!enrolled) return enrolled.error();
  if (sha256(view->certificate) != *enrolled)
    return Error{ErrorKind::corrupt, "the result of this request is signed by another key than the gate's"};
  auto certificate = pki::Certificate::from_der(view->certificate);
  if (!certificate) return certificate.error();
  pki::TrustStore trust;
  trust.add_pinned(*certificate);
  evidence::Verifier verifier;
  auto verified =
      verifier.verify(signature, statement::digest(*bytes), trust, pki::KeyUse::result, view->signing_time);
  if (!verified) return verified.error();
  auto act = statement::read_statement(*bytes);
  if (!act) return act.error();
  auto about = statement::digest_field(act->body, "request");
  auto outcome = statement::text_field(act->body, "outcome");
  auto digest = statement::digest_field(act->body, "sha256");
  if (act->type != "extraction.result" || !about || *about != request || !outcome || !digest)
    return Error{ErrorKind::corrupt, "the gate's result is for another request: do not use these rows"};
  auto reason = statement::text_field(act->body, "reason");
  return RowsResult{*outcome, reason ? *reason : std::string(), *digest};
}

// The result comes right after the last row; a moment is given to it.
Result<RowsResult> await_result(sceau_gate_t& gate, const Digest& request) {
  auto result = result_of(gate, request);
  if (result || result.error().kind != ErrorKind::not_found) return result;
  const auto path = "/requests/" + to_hex(request) + "?wait=" + std::to_string(kResultSeconds);
  if (auto changed = gate.client->get(path, kResultSeconds); !changed) return changed.error();
  return result_of(gate, request);
}

Status fetch_rows(sceau_gate_t& gate, const Digest& request, sceau_sink_callback* sink, void* user) {
  DigestStream digest;
  auto done = gate.client->rows(request, [&](ByteView piece) -> Status {
    digest.update(piece);
    if (sink(user, piece.data(), piece.size()) == 0) return {};
    return Error{ErrorKind::refused, "the program stopped the transfer: the rows must not be used"};
  });
  if (!done) return done;
  auto result = await_result(gate, request);
  if (!result) return result.error();
  if (result->outcome != "delivered")
    return Error{ErrorKind::refused, "the gate says that this extraction was " + result->outcome + ": " +
                                         result->reason + ": the rows must not be used"};
  if (result->sha256 != digest.current())
    return Error{ErrorKind::corrupt, "the rows are not those that the gate signed for: do not use them"};
  return {};
}

}  // namespace

Status observe(sceau_gate_t& gate) {
  auto state = gate.client->state();
  if (!state) return state.error();
  gate.state = std::move(*state);
  auto log = statement::text_field(gate.state.all, "log");
  if (!log) return log.error();
  const std::string& realm = gate.state.realm;
  if (gate.context->memory.empty()) {
    auto verifier = ledger::NoteVerifier::parse(*log);
    if (!verifier) return verifier.error().within("the log's key");
    auto checkpoint = ledger::open_checkpoint(gate.state.checkpoint, *verifier);
    if (!checkpoint) return checkpoint.error();
    if (checkpoint->origin != realm || (!gate.log_key.empty() && gate.log_key != *log) ||
        checkpoint->size < gate.position.after.size)
      return Error{ErrorKind::refused,
                   "the gate shows another or an older ledger than before: tell the auditor"};
    gate.log_key = *log;
    gate.position = {realm, {checkpoint->size, checkpoint->root}};
    return {};
  }
  client::SeenCheckpoints seen(gate.context->memory);
  auto after = seen.observe(realm, *log, gate.state.checkpoint,
                            [&](std::uint64_t size) { return client::tile_hashes(*gate.client, size); });
  if (!after) return after.error();
  gate.log_key = seen.log_key(realm);
  gate.position = {realm, *after};
  return {};
}

Result<std::unique_ptr<sceau_act_t>> sign_act(sceau_gate_t& gate, const sceau_token_t& token, ActPlan plan,
                                              std::string* person) {
  if (auto seen = observe(gate); !seen) return seen.error();
  auto signer = signer_of(token, plan.use);
  auto who = client::signatory(*signer);
  if (!who) return who.error();
  const client::Author author(gate.context->clock, gate.context->random);
  auto bytes = author.write(gate.position, plan.type, who->person, std::move(plan.body), plan.window);
  if (!bytes) return bytes.error().within(plan.type);
  CallbackPins pins(token, plan.use == SCEAU_USE_LOGIN ? "log in" : "sign");
  auto signature = client::sign_statement(*signer, pins, *bytes, author.now());
  if (!signature) return signature.error();
  auto act = std::make_unique<sceau_act_t>();
  act->context = gate.context;
  act->digest = to_hex(statement::digest(*bytes));
  act->statement = std::move(*bytes);
  act->evidence = evidence::serialise({{std::move(*signature)}});
  if (person != nullptr) *person = who->person;
  return act;
}

Result<client::Submitted> submit(sceau_gate_t& gate, sceau_act_t& act) {
  auto submitted = gate.client->submit(act.statement, act.evidence);
  if (!submitted) {
    const Error& error = submitted.error();
    return error.kind == ErrorKind::invalid ? Error{ErrorKind::refused, error.message} : error;
  }
  act.state = submitted->state;
  act.receipt = statement::to_canonical_bytes(submitted->receipt);
  return submitted;
}

}  // namespace sceau::abi

using namespace sceau::abi;

int sceau_gate_open(sceau_t* context, const char* url, const char* certificate, sceau_gate_t** out) {
  if (out != nullptr) *out = nullptr;
  if (context == nullptr || url == nullptr || certificate == nullptr || out == nullptr)
    return argument(context, "sceau_gate_open: NULL");
  return guarded(context, [&]() -> sceau::Status {
    auto client = sceau::client::GateClient::open({url, certificate});
    if (!client) return client.error();
    auto gate = std::make_unique<sceau_gate_t>();
    gate->context = context;
    gate->client = std::move(*client);
    if (auto seen = observe(*gate); !seen) return seen.error();
    *out = gate.release();
    return {};
  });
}

const char* sceau_gate_realm(const sceau_gate_t* gate) {
  return gate == nullptr ? nullptr : gate->state.realm.c_str();
}
const char* sceau_gate_name(const sceau_gate_t* gate) {
  return gate == nullptr ? nullptr : gate->state.gate.c_str();
}
const char* sceau_gate_person(const sceau_gate_t* gate) {
  return gate == nullptr ? nullptr : gate->person.c_str();
}

int sceau_gate_login(sceau_gate_t* gate, sceau_token_t* token) {
  if (gate == nullptr) return SCEAU_ERR_ARGUMENT;
  if (token == nullptr || token->context != gate->context)
    return argument(gate->context, "sceau_gate_login: NULL, or handles of two contexts");
  return guarded(gate->context, [&]() -> sceau::Status {
    ActPlan plan{"login", sceau::statement::Object{{"audience", gate->state.gate}}, SCEAU_USE_LOGIN};
    std::string person;
    auto act = sign_act(*gate, *token, std::move(plan), &person);
    if (!act) return act.error();
    auto submitted = submit(*gate, **act);
    if (!submitted) return submitted.error();
    if (!submitted->session)
      return sceau::Error{sceau::ErrorKind::corrupt, "the gate admitted the log-in and gave no session"};
    gate->client->use_session(*submitted->session);
    gate->person = person;
    return {};
  });
}

int sceau_gate_request_state(sceau_gate_t* gate, const char* digest, int wait, char* state, size_t size) {
  if (gate == nullptr) return SCEAU_ERR_ARGUMENT;
  if (digest == nullptr || state == nullptr || size == 0 || wait < 0)
    return argument(gate->context, "sceau_gate_request_state: NULL, no room, or a negative time");
  return guarded(gate->context, [&]() -> sceau::Status {
    auto request = sceau::digest_from_hex(digest);
    if (!request) return request.error();
    auto path = "/requests/" + sceau::to_hex(*request);
    if (wait > 0) path += "?wait=" + std::to_string(wait);
    auto document = gate->client->get(path, wait);
    if (!document) return document.error();
    auto text = sceau::statement::text_field(*document, "state");
    if (!text) return text.error();
    if (text->size() >= size)
      return sceau::Error{sceau::ErrorKind::invalid, "there is no room for the state '" + *text + "'"};
    std::memcpy(state, text->c_str(), text->size() + 1);
    return {};
  });
}

int sceau_gate_rows(sceau_gate_t* gate, const char* digest, sceau_sink_callback* sink, void* user) {
  if (gate == nullptr) return SCEAU_ERR_ARGUMENT;
  if (digest == nullptr || sink == nullptr) return argument(gate->context, "sceau_gate_rows: NULL");
  return guarded(gate->context, [&]() -> sceau::Status {
    auto request = sceau::digest_from_hex(digest);
    if (!request) return request.error();
    return fetch_rows(*gate, *request, sink, user);
  });
}

void sceau_gate_close(sceau_gate_t** gate) { release(gate); }
