#include "api.h"

#include <charconv>
#include <utility>

#include "sceau/base/error_kind.h"
#include "sceau/ledger/ledger.h"
#include "sceau/ledger/tile.h"
#include "sceau/registry/registry.h"
#include "sceau/statement/value.h"

namespace sceau::sceaud {
namespace {

using statement::Object;
using statement::Value;

unsigned status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid:
      return 400;
    case ErrorKind::refused:
      return 403;
    case ErrorKind::not_found:
      return 404;
    case ErrorKind::authentication:
      return 401;
    case ErrorKind::unavailable:
      return 503;
    default:
      return 500;
  }
}

std::string safe_line(const std::string& line) {
  return statement::check_text(line) ? line : "the reason has characters that cannot be shown";
}

// "/requests?state=pending" → "/requests" and "state=pending".
std::pair<std::string_view, std::string_view> split(std::string_view target, char at) {
  const std::size_t found = target.find(at);
  if (found == std::string_view::npos) return {target, {}};
  return {target.substr(0, found), target.substr(found + 1)};
}

std::string_view parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const auto [one, rest] = split(query, '&');
    const auto [key, value] = split(one, '=');
    if (key == name) return value;
    query = rest;
  }
  return {};
}

template <typename Integer>
std::optional<Integer> number(std::string_view text) {
  Integer value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

Reply json(Result<std::string> document) {
  if (!document) return Api::failure(document.error());
  return {200, "application/json", std::move(*document), nullptr};
}

Reply bytes_reply(Result<Bytes> bytes) {
  if (!bytes) return Api::failure(bytes.error());
  return {200, "application/octet-stream", to_text(*bytes), nullptr};
}

Reply text_reply(Result<std::string> text) {
  if (!text) return Api::failure(text.error());
  return {200, "text/plain; charset=utf-8", std::move(*text), nullptr};
}

Reply unknown_path(std::string_view path) {
  return Api::failure(404, ErrorKind::not_found,
                      "there is nothing at " + std::string(path.substr(0, 100)) + " of this gate");
}

// Whether what is submitted is to be run before it is answered.
bool runs_at_once(std::string_view target) { return target == "/statements?run=1"; }

// The request that a path under /requests/ names, and what follows its digest.
std::optional<std::pair<Digest, std::string_view>> request_in(std::string_view path) {
  constexpr std::string_view prefix = "/requests/";
  if (!path.starts_with(prefix)) return std::nullopt;
  const auto [hex, rest] = split(path.substr(prefix.size()), '/');
  auto digest = digest_from_hex(hex);
  if (!digest) return std::nullopt;
  return std::pair{*digest, rest};
}

Result<gate::Submission> read_submission(const std::string& body) {
  auto value = statement::parse_wire(as_bytes(body), kBodyLimit);
  if (!value) return value.error();
  if (value->is_object()) {
    for (const auto& [key, member] : value->as_object()) {
      if (key == "blobs" || key == "evidence" || key == "statement") continue;
      return Error{ErrorKind::invalid, "field \"" + key.substr(0, 60) +
                                           "\" is unknown: send blobs, evidence and statement alone"};
    }
  }
  gate::Submission submission;
  auto statement = statement::base64_field(*value, "statement");
  if (!statement) return statement.error();
  submission.statement = std::move(*statement);
  auto evidence = statement::base64_field(*value, "evidence");
  if (!evidence) return evidence.error();
  submission.evidence = std::move(*evidence);
  auto blobs = statement::texts_field(*value, "blobs");
  if (!blobs) return blobs.error();
  for (const std::string& text : *blobs) {
    auto blob = from_base64(text);
    if (!blob) return blob.error().within("reading a blob");
    submission.blobs.push_back(std::move(*blob));
  }
  return submission;
}

}  // namespace

Reply Api::failure(unsigned status, ErrorKind kind, const std::string& line) {
  return {status, "application/json",
          statement::to_canonical(Object{{"error", safe_line(line)}, {"kind", error_kind_text(kind)}}),
          nullptr};
}

Reply Api::failure(const Error& error) { return failure(status_of(error.kind), error.kind, error.message); }

Work Api::work(const Query& query) {
  Work work;
  const auto [path, parameters] = split(query.target, '?');
  work.rows = query.method == "POST" && runs_at_once(query.target);
  const auto request = request_in(path);
  if (query.method != "GET" || !request) return work;
  work.rows = request->second == "rows";
  if (request->second.empty() && path.back() != '/') {
    const auto seconds = number<std::int64_t>(parameter(parameters, "wait"));
    if (seconds && *seconds > 0) {
      work.wait_for = request->first;
      work.seconds = std::min(*seconds, kLongestWait);
    }
  }
  return work;
}

void Api::tick() {
  for (web::LimitedLog* log : {&strangers_, &signatures_, &log_ins_}) log->tick();
}

Reply Api::answer(const Query& query) {
  const std::string_view path = split(query.target, '?').first;
  if (query.method == "GET") return get(query, path);
  if (query.method == "POST") return post(query, path);
  return failure(405, ErrorKind::invalid, "this gate knows GET and POST alone");
}

Reply Api::post(const Query& query, std::string_view path) {
  std::vector<std::string> origins;
  gate_.with_registry([&](const registry::Registry& registry) {
    origins = registry.policy().origins;
    if (query.for_cards) origins.push_back(card_origin(registry.policy().rp_id));
  });
  if (auto ours = web::check_post(query.browser, origins); !ours) {
    strangers_.warn(std::string(path.substr(0, 60)) + " asked for by a page of \"" + query.browser.origin +
                    "\": " + ours.error().message);
    return ours.error().kind == ErrorKind::invalid ? failure(415, ErrorKind::invalid, ours.error().message)
                                                   : failure(ours.error());
  }
  if (path == "/statements") {
    Reply reply = runs_at_once(query.target) ? submit_and_run(query) : submit(query.body);
    if (!query.browser.origin.empty() && reply.status >= 400 && reply.status < 500) {
      // Without the receipt: it has what was signed, which can name people.
      signatures_.warn("what a page of " + query.browser.origin +
                       " had signed was refused: " + reply.body.substr(0, reply.body.find(",\"receipt\":")));
    }
    return reply;
  }
  if (path == "/drafts") return json(drafts_.make(query.body, gate_.caller(query.bearer)));
  if (path == "/enrolments") return json(enrolments_.finish(query.body));
  if (path == "/policy/check") {
    auto caller = gate_.caller(query.bearer);
    if (!caller) return failure(caller.error());
    return json(gate_.policy_check_document(*caller, as_bytes(query.body)));
  }
  if (path == "/login/card") return log_in_by_card(query);
  if (path == "/logout") {
    gate_.end_session(query.bearer);
    return {200, "application/json", "{}", nullptr};
  }
  return unknown_path(path);
}

Reply Api::log_in_by_card(const Query& query) {
  if (query.certificate.empty()) {
    return failure(403, ErrorKind::refused,
                   "logging in with a card's certificate: the browser showed none: choose the card's when it "
                   "asks, on the page that the log-in page links to");
  }
  auto session = gate_.open_reading_session(query.certificate);
  if (!session) {
    log_ins_.warn(session.error().message);
    return failure(session.error());
  }
  return {
      200, "application/json",
      statement::to_canonical(Object{
          {"person", session->person}, {"session", session->bearer}, {"until", to_rfc3339(session->until)}}),
      nullptr};
}

std::string Api::card_origin(const std::string& rp_id) const {
  return "https://" + rp_id + (card_port_ == 443 ? "" : ":" + std::to_string(card_port_));
}

std::optional<Reply> Api::get_page(const Query& query, std::string_view path) const {
  web::Facts facts;
  facts.realm = gate_.config().realm;
  gate_.with_registry([&](const registry::Registry& registry) { facts.rp_id = registry.policy().rp_id; });
  facts.card_here = query.for_cards;
  if (card_port_ != 0) facts.card_url = card_origin(facts.rp_id) + "/login";
  const auto chosen = parameter(split(query.target, '?').second, "lang");
  auto page = web::find_page(path, web::choose_language(chosen, query.accept_language), facts);
  if (!page) return std::nullopt;
  Reply reply{200, std::move(page->type), std::move(page->body), nullptr};
  reply.page = true;
  return reply;
}

bool Api::settled(const Query& query, const Digest& request) {
  auto caller = gate_.caller(query.bearer);
  if (!caller) return true;
  auto view = gate_.request(*caller, request);
  if (!view) return true;
  return view->state != "pending" && view->state != "running" && view->state != "quarantined" &&
         view->state != "checked";
}

Reply Api::get_public(std::string_view path, bool& known) {
  const ledger::Ledger& log = gate_.ledger();
  if (path == "/state") return json(gate_.state_document());
  if (path == "/checkpoint") return text_reply(log.checkpoint());
  if (path == "/trust") return text_reply(gate_.trust_document());
  if (path.starts_with("/tile/")) {
    auto tile = ledger::parse_tile_path(path.substr(1));
    if (!tile) return failure(tile.error());
    return bytes_reply(tile->level ? log.tile(*tile->level, tile->n, tile->width)
                                   : log.entries(tile->n, tile->width));
  }
  if (path.starts_with("/blobs/")) {
    auto digest = digest_from_hex(path.substr(7));
    return digest ? bytes_reply(log.blob(*digest)) : failure(digest.error());
  }
  known = false;
  return {};
}

Reply Api::get(const Query& query, std::string_view path) {
  bool known = true;
  Reply reply = get_public(path, known);
  if (known) return reply;
  if (path.starts_with("/receipts/")) {
    auto digest = digest_from_hex(path.substr(10));
    if (!digest) return failure(digest.error());
    auto caller = gate_.caller(query.bearer);
    return json(gate_.receipt_document(*digest, caller ? &*caller : nullptr));
  }
  if (path.starts_with("/enrolments/")) return json(enrolments_.begin(path.substr(12)));
  if (auto page = get_page(query, path)) return std::move(*page);
  if (path.starts_with("/hosts/") && path.ends_with("/copy"))
    return json(gate_.host_copy_document(path.substr(7, path.size() - 12), query.bearer));
  const bool served = path == "/requests" || path.starts_with("/requests/") || path.starts_with("/hosts/") ||
                      path.starts_with("/registry/") || path.starts_with("/openings/") ||
                      path == "/catalogue";
  if (!served) return unknown_path(path);
  auto caller = gate_.caller(query.bearer);
  if (!caller) return failure(caller.error());
  if (path.starts_with("/hosts/")) {
    if (!path.ends_with("/pass")) return unknown_path(path);
    return json(gate_.host_pass_document(*caller, path.substr(7, path.size() - 12)));
  }
  if (path == "/requests") return list_requests(*caller, split(query.target, '?').second);
  if (path == "/catalogue") {
    const std::string_view asked = split(query.target, '?').second;
    return json(gate_.catalogue_document(*caller, parameter(asked, "project"), parameter(asked, "source")));
  }
  if (path.starts_with("/registry/")) return json(gate_.registry_document(path.substr(10)));
  if (path.starts_with("/openings/")) {
    const auto index = number<std::uint64_t>(path.substr(10));
    if (!index) return failure(400, ErrorKind::invalid, "an opening is named by its entry's index");
    return json(gate_.opening_document(*caller, *index));
  }
  return get_request(*caller, path, query.gone);
}

Reply Api::list_requests(const gate::Caller& caller, std::string_view query) {
  std::string list;
  for (const gate::RequestView& view : gate_.requests(caller, parameter(query, "state"))) {
    list += (list.empty() ? "" : ",") + gate_.request_document(view);
  }
  return {200, "application/json", "{\"requests\":[" + list + "]}", nullptr};
}

Reply Api::get_request(const gate::Caller& caller, std::string_view path, const std::stop_token& gone) {
  const auto named = request_in(path);
  if (!named)
    return failure(400, ErrorKind::invalid, "a request is named by 64 lower-case hexadecimal characters");
  const auto& [digest, rest] = *named;
  if (rest == "result") return json(gate_.result_document(caller, digest));
  if (rest == "rows") {
    auto delivery = gate_.fetch(caller, digest, gone);
    if (!delivery) return failure(delivery.error());
    Reply reply{200, "text/csv; charset=utf-8", "", std::move(*delivery)};
    if (reply.rows->bytes() > 0) return reply;
    // A script's: nothing is to be sent.
    if (auto done = reply.rows->complete(); !done) return failure(done.error());
    reply.rows.reset();
    return reply;
  }
  if (!rest.empty()) return unknown_path(path);
  auto view = gate_.request(caller, digest);
  if (!view) return failure(view.error());
  return json(gate_.request_document(*view));
}

Reply Api::submit(const std::string& body) {
  auto submission = read_submission(body);
  if (!submission) return failure(submission.error().within("reading the statement's envelope"));
  auto admission = gate_.submit(*submission);
  if (!admission) return failure(admission.error());
  return say_admission(*admission);
}

Reply Api::say_admission(const gate::Admission& admission) {
  // Both are canonical JSON, so the answer can be put together from their texts.
  auto receipt = gate_.receipt_document_at(admission.index);
  if (admission.refusal) {
    Reply reply = failure(*admission.refusal);
    if (receipt) {
      reply.body.pop_back();
      reply.body += ",\"receipt\":" + *receipt + "}";
    }
    return reply;
  }
  if (!receipt) return failure(receipt.error());
  std::string answer = "{\"receipt\":" + *receipt + ",\"request\":\"" + to_hex(admission.digest) + "\"";
  if (admission.session) answer += ",\"session\":\"" + admission.session->bearer + "\"";
  answer += ",\"state\":\"" + admission.state + "\"";
  if (admission.session) answer += ",\"until\":\"" + to_rfc3339(admission.session->until) + "\"";
  return {200, "application/json", answer + "}", nullptr};
}

Reply Api::submit_and_run(const Query& query) {
  auto caller = gate_.caller(query.bearer);
  if (!caller) return failure(caller.error());
  auto submission = read_submission(query.body);
  if (!submission) return failure(submission.error().within("reading the statement's envelope"));
  Reply reply;
  bool told = false;
  const auto on_committed = [&](const gate::Admission& admission, const std::vector<std::string>& notices) {
    reply = json(statement::to_canonical(Object{{"alarms", statement::texts(admission.alarms)},
                                                {"notices", statement::texts(notices)},
                                                {"request", admission.digest},
                                                {"state", "delivered"}}));
    if (!query.answer_early) return;
    told = true;
    query.answer_early(std::exchange(reply, {}));
  };
  auto run = gate_.submit_and_run(*caller, *submission, query.gone, on_committed);
  if (told) return {};
  if (!run) return failure(run.error());
  if (!run->ended) return say_admission(run->admission);
  if (!*run->ended) return failure(run->ended->error());
  return reply;
}

}  // namespace sceau::sceaud
