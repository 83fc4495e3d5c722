#include "requests.h"

#include <algorithm>

#include "fido.h"
#include "registry_view.h"
#include "show.h"

namespace sceau::tool {
namespace {

using statement::Value;

Result<RequestEntry> read_entry(const Value& value) {
  RequestEntry entry;
  auto digest = statement::digest_field(value, "digest");
  auto evidence = statement::digest_field(value, "evidence");
  auto state = statement::text_field(value, "state");
  auto signers = statement::texts_field(value, "signers");
  auto approvals = statement::int_field(value, "approvals");
  auto needed = statement::int_field(value, "needed");
  auto index = statement::int_field(value, "index");
  if (!digest || !evidence || !state || !signers || !approvals || !needed || !index) {
    return Error{ErrorKind::corrupt, "the gate describes a request in a way that cannot be read"};
  }
  entry.digest = *digest;
  entry.evidence = *evidence;
  entry.state = std::move(*state);
  entry.signers = std::move(*signers);
  entry.approvals = *approvals;
  entry.needed = *needed;
  entry.index = *index;
  entry.reason = field_text(value, "reason");
  if (const Value* beside = value.find("beside"); beside != nullptr) entry.beside = *beside;
  if (const Value* held = value.find("held"); held != nullptr) entry.held = *held;
  if (!value.contains("statement")) return entry;
  auto bytes = statement::base64_field(value, "statement");
  if (!bytes) return bytes.error();
  if (statement::digest(*bytes) != entry.digest) {
    return Error{ErrorKind::corrupt, "the gate shows another statement than request " +
                                         short_id(entry.digest) +
                                         " names: sign nothing, and tell the auditor"};
  }
  auto act = statement::read_statement(*bytes);
  if (!act) return act.error();
  entry.statement = std::move(*act);
  return entry;
}

bool signed_by_fido(ByteView proof) {
  const auto read = evidence::parse(proof);
  return read && std::any_of(read->signatures.begin(), read->signatures.end(),
                             [](const auto& signature) { return signature.kind == evidence::webauthn_kind; });
}

}  // namespace

Result<std::vector<RequestEntry>> list_requests(Workplace& place, const std::string& state) {
  auto connection = place.connect();
  if (!connection) return connection.error();
  auto document = (*connection)->gate->get(state.empty() ? "/requests" : "/requests?state=" + state);
  if (!document) return document.error();
  auto items = statement::array_field(*document, "requests");
  if (!items) return items.error();
  std::vector<RequestEntry> entries;
  for (const auto& item : (*items)->as_array()) {
    auto entry = read_entry(item);
    if (!entry) return entry.error();
    entries.push_back(std::move(*entry));
  }
  return entries;
}

Result<RequestEntry> fetch_request(Workplace& place, const Digest& digest, long wait) {
  auto connection = place.connect();
  if (!connection) return connection.error();
  auto path = "/requests/" + to_hex(digest);
  if (wait > 0) path += "?wait=" + std::to_string(wait);
  auto document = (*connection)->gate->get(path, wait);
  if (!document) return document.error();
  return read_entry(*document);
}

Result<Digest> find_request(Workplace& place, const std::string& named) {
  // As the gate's page links to it: sceau.desktop has the system open such links with 'sceau approve'.
  constexpr std::string_view link = "sceau:approve/";
  const std::string id = named.starts_with(link) ? named.substr(link.size()) : named;
  if (auto digest = digest_from_hex(id)) return digest;
  if (id.size() < 4)
    return Error{
        ErrorKind::invalid,
        "'" + id +
            "' is too short to name a request: give four digits or more of what 'sceau pending' lists"};
  auto entries = list_requests(place, {});
  if (!entries) return entries.error();
  std::vector<Digest> found;
  for (const auto& entry : *entries) {
    if (to_hex(entry.digest).starts_with(id)) found.push_back(entry.digest);
  }
  if (found.empty()) {
    return Error{ErrorKind::not_found,
                 "there is no request " + id + " that you may see: 'sceau pending' lists them"};
  }
  if (found.size() > 1) {
    return Error{ErrorKind::invalid,
                 std::to_string(found.size()) + " requests begin with " + id + ": write more of it"};
  }
  return found.front();
}

Result<std::string> trust_pem(Workplace& place) {
  auto connection = place.connect();
  if (!connection) return connection.error();
  auto pem = (*connection)->gate->get_bytes("/trust", 1U << 20U);
  if (!pem) return pem.error();
  return to_text(*pem);
}

Result<client::ReceiptReport> check_request(Workplace& place, const RequestEntry& entry) {
  auto connection = place.connect();
  if (!connection) return connection.error();
  auto document = (*connection)->gate->get("/receipts/" + to_hex(entry.digest));
  if (!document) return document.error();
  auto receipt = client::read_receipt(*document);
  if (!receipt) return receipt.error();
  auto pem = trust_pem(place);
  if (!pem) return pem.error();
  auto trust = client::read_trust(*pem);
  if (!trust) return trust.error();
  auto home = place.home();
  if (!home) return home.error();
  const client::SeenCheckpoints seen(memory_folder(*home));
  auto log = ledger::NoteVerifier::parse(seen.log_key((*connection)->state.realm));
  if (!log) return log.error();
  client::FidoKeys fido;
  if (signed_by_fido(receipt->opening.evidence)) {
    auto enrolled = enrolled_fido_keys(place, true);
    if (!enrolled) return enrolled.error();
    fido = std::move(*enrolled);
  }
  auto report = client::verify_receipt(*receipt, {std::move(*trust), *log, std::move(fido)});
  if (!report) return report.error().within("request " + short_id(entry.digest));
  if (report->statement_digest != entry.digest ||
      evidence::digest(receipt->opening.evidence) != entry.evidence) {
    return Error{ErrorKind::corrupt, "the ledger's entry for request " + short_id(entry.digest) +
                                         " is not what the gate lists: sign nothing, and tell the auditor"};
  }
  return report;
}

Result<std::vector<std::string>> approvers(Workplace& place, const std::string& except) {
  auto roles = registry_list(place, "roles");
  if (!roles) return roles.error();
  std::vector<std::string> people;
  const auto now = to_rfc3339(place.clock.now());
  for (const auto& grant : *roles) {
    const auto person = field_text(grant, "person");
    if (field_text(grant, "role") != "approver" || field_text(grant, "until") <= now || person == except)
      continue;
    if (std::find(people.begin(), people.end(), person) == people.end()) people.push_back(person);
  }
  return people;
}

}  // namespace sceau::tool
