// Requests, approvals and refusals: written, signed, sent.
#include "handles.h"
#include "sceau/base/digest.h"

struct sceau_request {
  sceau_t* context = nullptr;
  std::string project, purpose, source;
  std::string kind = "aggregate", output_name = "result.csv";
  std::int64_t max_rows = 1000;
  std::int64_t decide_by = 0;
  std::vector<std::string> sql;
};

struct sceau_pending {
  struct Item {
    std::string digest, person, statement;
  };
  std::vector<Item> items;
};

namespace sceau::abi {
namespace {

using statement::Value;

Value body_of(const sceau_request_t& request) {
  statement::Object body{{"kind", request.kind},
                         {"max_rows", request.max_rows},
                         {"output", statement::Object{{"format", "csv"}, {"name", request.output_name}}},
                         {"parameters", statement::Array{}},
                         {"project", request.project},
                         {"purpose", request.purpose},
                         {"source", request.source},
                         {"sql", statement::texts(request.sql)}};
  if (request.decide_by != 0) body.emplace("decide_by", to_rfc3339(request.decide_by));
  return body;
}

int set_text(sceau_request_t* request, std::string sceau_request_t::*part, const char* value) {
  if (request == nullptr) return SCEAU_ERR_ARGUMENT;
  if (value == nullptr) return argument(request->context, "a part of a request: NULL");
  return guarded(request->context, [&]() -> Status {
    request->*part = value;
    return {};
  });
}

// The statement whose digest this is, as the gate shows it; another one is corrupt.
Result<Bytes> shown_statement(const Value& entry, const Digest& digest) {
  auto bytes = statement::base64_field(entry, "statement");
  if (!bytes) return bytes.error();
  if (statement::digest(*bytes) != digest)
    return Error{ErrorKind::corrupt, "the gate shows another statement than request " + to_hex(digest) +
                                         " names: sign nothing, and tell the auditor"};
  return bytes;
}

// The digest of the evidence that an approval names, once the ledger's entry for the request was verified.
Result<Digest> checked_evidence(sceau_gate_t& gate, const Digest& request) {
  auto entry = gate.client->get("/requests/" + to_hex(request));
  if (!entry) return entry.error();
  if (auto same = shown_statement(*entry, request); !same) return same.error();
  auto evidence = statement::digest_field(*entry, "evidence");
  if (!evidence) return evidence.error();
  auto document = gate.client->get("/receipts/" + to_hex(request));
  if (!document) return document.error();
  auto receipt = client::read_receipt(*document);
  if (!receipt) return receipt.error();
  auto pem = gate.client->get_bytes("/trust", 1U << 20U);
  if (!pem) return pem.error();
  auto trust = client::read_trust(as_text(*pem));
  if (!trust) return trust.error();
  auto log = ledger::NoteVerifier::parse(gate.log_key);
  if (!log) return log.error();
  auto keys = enrolled_fido_keys(gate);
  // Without them a FIDO2 key's signature does not verify, and no other needs them.
  auto report = client::verify_receipt(
      *receipt, {std::move(*trust), *log, keys ? std::move(*keys) : client::FidoKeys()});
  if (!report) return report.error().within("request " + to_hex(request));
  if (report->statement_digest != request || evidence::digest(receipt->opening.evidence) != *evidence)
    return Error{ErrorKind::corrupt, "the ledger's entry for request " + to_hex(request) +
                                         " is not what the gate lists: sign nothing, and tell the auditor"};
  return evidence;
}

int decide(sceau_gate_t* gate, sceau_token_t* token, const char* digest, const char* reason,
           sceau_act_t** out) {
  if (out != nullptr) *out = nullptr;
  if (gate == nullptr) return SCEAU_ERR_ARGUMENT;
  if (token == nullptr || digest == nullptr || token->context != gate->context)
    return argument(gate->context, "a decision: NULL, or handles of two contexts");
  return guarded(gate->context, [&]() -> Status {
    auto request = digest_from_hex(digest);
    if (!request) return request.error();
    auto evidence = checked_evidence(*gate, *request);
    if (!evidence) return evidence.error();
    statement::Object body{{"evidence", *evidence}, {"request", *request}};
    if (reason != nullptr) body.emplace("reason", reason);
    auto act = sign_act(*gate, *token, {reason == nullptr ? "approval" : "refusal", std::move(body)});
    if (!act) return act.error();
    if (auto submitted = submit(*gate, **act); !submitted) return submitted.error();
    if (out != nullptr) *out = act->release();
    return {};
  });
}

}  // namespace
}  // namespace sceau::abi

using namespace sceau::abi;

int sceau_request_new(sceau_t* context, sceau_request_t** out) {
  if (out != nullptr) *out = nullptr;
  if (context == nullptr || out == nullptr) return argument(context, "sceau_request_new: NULL");
  return guarded(context, [&]() -> sceau::Status {
    *out = new sceau_request_t();
    (*out)->context = context;
    return {};
  });
}

int sceau_request_set_project(sceau_request_t* request, const char* project) {
  return set_text(request, &sceau_request_t::project, project);
}
int sceau_request_set_purpose(sceau_request_t* request, const char* purpose) {
  return set_text(request, &sceau_request_t::purpose, purpose);
}
int sceau_request_set_source(sceau_request_t* request, const char* source) {
  return set_text(request, &sceau_request_t::source, source);
}
int sceau_request_set_kind(sceau_request_t* request, const char* kind) {
  return set_text(request, &sceau_request_t::kind, kind);
}
int sceau_request_set_output_name(sceau_request_t* request, const char* name) {
  return set_text(request, &sceau_request_t::output_name, name);
}
int sceau_request_set_max_rows(sceau_request_t* request, int64_t rows) {
  if (request == nullptr) return SCEAU_ERR_ARGUMENT;
  if (rows < 1) return argument(request->context, "sceau_request_set_max_rows: less than one row");
  request->max_rows = rows;
  return SCEAU_OK;
}
int sceau_request_set_decide_by(sceau_request_t* request, int64_t time) {
  if (request == nullptr) return SCEAU_ERR_ARGUMENT;
  if (time < 0) return argument(request->context, "sceau_request_set_decide_by: a negative time");
  request->decide_by = time;
  return SCEAU_OK;
}
int sceau_request_add_sql(sceau_request_t* request, const char* sql) {
  if (request == nullptr) return SCEAU_ERR_ARGUMENT;
  if (sql == nullptr) return argument(request->context, "sceau_request_add_sql: NULL");
  return guarded(request->context, [&]() -> sceau::Status {
    request->sql.emplace_back(sql);
    return {};
  });
}

int sceau_request_sign(sceau_request_t* request, sceau_gate_t* gate, sceau_token_t* token,
                       sceau_act_t** out) {
  if (out != nullptr) *out = nullptr;
  if (request == nullptr) return SCEAU_ERR_ARGUMENT;
  if (gate == nullptr || token == nullptr || out == nullptr || gate->context != request->context ||
      token->context != request->context)
    return argument(request->context, "sceau_request_sign: NULL, or handles of several contexts");
  return guarded(request->context, [&]() -> sceau::Status {
    auto act = sign_act(*gate, *token, {"extraction.request", body_of(*request)});
    if (!act) return act.error();
    *out = act->release();
    return {};
  });
}

void sceau_request_free(sceau_request_t** request) { release(request); }

namespace {

const uint8_t* bytes_of(const sceau_act_t* act, sceau::Bytes sceau_act_t::*part, size_t* size) {
  const bool there = act != nullptr && !(act->*part).empty();
  if (size != nullptr) *size = there ? (act->*part).size() : 0;
  return there ? (act->*part).data() : nullptr;
}

}  // namespace

const uint8_t* sceau_act_statement(const sceau_act_t* act, size_t* size) {
  return bytes_of(act, &sceau_act_t::statement, size);
}
const uint8_t* sceau_act_evidence(const sceau_act_t* act, size_t* size) {
  return bytes_of(act, &sceau_act_t::evidence, size);
}
const uint8_t* sceau_act_receipt(const sceau_act_t* act, size_t* size) {
  return bytes_of(act, &sceau_act_t::receipt, size);
}
const char* sceau_act_digest(const sceau_act_t* act) {
  return act == nullptr ? nullptr : act->digest.c_str();
}
const char* sceau_act_state(const sceau_act_t* act) { return act == nullptr ? nullptr : act->state.c_str(); }

int sceau_act_submit(sceau_act_t* act, sceau_gate_t* gate) {
  if (act == nullptr) return SCEAU_ERR_ARGUMENT;
  if (gate == nullptr || gate->context != act->context)
    return argument(act->context, "sceau_act_submit: NULL, or handles of two contexts");
  return guarded(act->context, [&]() -> sceau::Status {
    auto submitted = submit(*gate, *act);
    if (!submitted) return submitted.error();
    return {};
  });
}

void sceau_act_free(sceau_act_t** act) { release(act); }

int sceau_pending_list(sceau_gate_t* gate, sceau_pending_t** out) {
  if (out != nullptr) *out = nullptr;
  if (gate == nullptr) return SCEAU_ERR_ARGUMENT;
  if (out == nullptr) return argument(gate->context, "sceau_pending_list: NULL");
  return guarded(gate->context, [&]() -> sceau::Status {
    auto document = gate->client->get("/requests?state=pending");
    if (!document) return document.error();
    auto entries = sceau::statement::array_field(*document, "requests");
    if (!entries) return entries.error();
    auto list = std::make_unique<sceau_pending_t>();
    for (const auto& entry : (*entries)->as_array()) {
      auto digest = sceau::statement::digest_field(entry, "digest");
      auto signers = sceau::statement::texts_field(entry, "signers");
      if (!digest) return digest.error();
      if (!signers) return signers.error();
      auto bytes = shown_statement(entry, *digest);
      if (!bytes) return bytes.error();
      list->items.push_back({sceau::to_hex(*digest), signers->empty() ? std::string() : signers->front(),
                             sceau::to_text(*bytes)});
    }
    *out = list.release();
    return {};
  });
}

size_t sceau_pending_size(const sceau_pending_t* list) { return list == nullptr ? 0 : list->items.size(); }
const char* sceau_pending_digest(const sceau_pending_t* list, size_t index) {
  return index < sceau_pending_size(list) ? list->items[index].digest.c_str() : nullptr;
}
const char* sceau_pending_person(const sceau_pending_t* list, size_t index) {
  return index < sceau_pending_size(list) ? list->items[index].person.c_str() : nullptr;
}
const char* sceau_pending_statement(const sceau_pending_t* list, size_t index) {
  return index < sceau_pending_size(list) ? list->items[index].statement.c_str() : nullptr;
}
void sceau_pending_free(sceau_pending_t** list) { release(list); }

int sceau_approve(sceau_gate_t* gate, sceau_token_t* token, const char* digest, sceau_act_t** out) {
  return decide(gate, token, digest, nullptr, out);
}

int sceau_refuse(sceau_gate_t* gate, sceau_token_t* token, const char* digest, const char* reason,
                 sceau_act_t** out) {
  if (reason == nullptr) {
    if (out != nullptr) *out = nullptr;
    return argument(gate == nullptr ? nullptr : gate->context, "sceau_refuse: no reason");
  }
  return decide(gate, token, digest, reason, out);
}
