#include "decide.h"

#include "registry_view.h"
#include "requests.h"
#include "show.h"

namespace sceau::tool {
namespace {

using statement::Value;

std::string body_text(const RequestEntry& entry, const std::string& field) {
  return entry.statement ? shown(field_text(entry.statement->body, field)) : std::string("(not shown)");
}

Value entry_value(const RequestEntry& entry) {
  statement::Object value{{"approvals", entry.approvals},
                          {"index", entry.index},
                          {"needed", entry.needed},
                          {"request", entry.digest},
                          {"signers", statement::texts(entry.signers)},
                          {"state", entry.state}};
  if (entry.statement) {
    value.emplace("body", entry.statement->body);
    value.emplace("by", entry.statement->by);
    value.emplace("at", to_rfc3339(entry.statement->at));
  }
  if (entry.held) value.emplace("held", *entry.held);
  return value;
}

// The tables and views of the workspace that one made, and that the request reads.
std::string made_text(const Value& one) {
  std::string text;
  for (const auto& name : list_field(one, "made")) {
    if (name.is_text()) text.append(text.empty() ? "" : ", ").append(shown(name.as_text()));
  }
  return text;
}

// Why each was asked for, and its SQL: where a table of the workspace comes from.
std::string earlier_text(const RequestEntry& entry) {
  std::string text;
  for (const auto& one : list_field(*entry.beside, "earlier")) {
    const auto purpose = field_text(one, "purpose");
    if (purpose.empty()) continue;
    text.append("  ").append(shown(field_text(one, "at"))).append(" ").append(shown(purpose)).append("\n");
    if (const auto made = made_text(one); !made.empty())
      text.append("    made what this request reads: ").append(made).append("\n");
    for (const auto& line : list_field(one, "sql")) {
      if (line.is_text()) text.append("    ").append(shown(line.as_text())).append("\n");
    }
  }
  return text;
}

// The gate's word of what would leave, and of what the project asked for before.
std::string beside_text(const RequestEntry& entry) {
  if (!entry.beside) return {};
  std::vector<std::vector<std::string>> rows{{"  COLUMN THAT WOULD LEAVE", "LABEL", "AS"}};
  for (const auto& column : list_field(*entry.beside, "columns")) {
    rows.push_back({"  " + shown(field_text(column, "name")), shown(field_text(column, "label")),
                    shown(field_text(column, "treatment"))});
  }
  std::string text = "the gate says what would leave, and what the project asked for before:\n";
  if (rows.size() > 1) text += table(rows) + "\n";
  if (const auto expected = field_text(*entry.beside, "expected_rows"); !expected.empty()) {
    const bool or_more = entry.beside->find("expected_rows_or_more") != nullptr;
    text += "  rows to expect: " + expected + (or_more ? " or more" : "") + "\n";
  }
  if (const auto trouble = field_text(*entry.beside, "trouble"); !trouble.empty())
    text += "  it would not run: " + shown(trouble) + "\n";
  std::vector<std::vector<std::string>> before{{"  EARLIER", "BY", "KIND", "ROWS AT MOST", "STATE"}};
  for (const auto& one : list_field(*entry.beside, "earlier")) {
    before.push_back({"  " + shown(field_text(one, "at")), shown(field_text(one, "by")),
                      shown(field_text(one, "kind")), field_text(one, "max_rows"),
                      shown(field_text(one, "state"))});
  }
  if (before.size() == 1) return text + "  nothing was asked for before\n";
  text += table(before) + "\n" + earlier_text(entry);
  if (entry.beside->contains("earlier_made_or_more"))
    text += "  more scripts than these made what it reads\n";
  return text;
}

// What is held, and what a release would be signed for.
std::string held_text(const RequestEntry& entry) {
  if (!entry.held) return {};
  const auto& held = *entry.held;
  std::string text = "its answer is in quarantine until " + shown(field_text(held, "until")) + ": " +
                     shown(field_text(held, "reason")) + "\n";
  if (!held.contains("sha256")) return text;
  return text + "  file        " + shown(field_text(held, "name")) + ", " + field_text(held, "rows") +
         " rows, " + field_text(held, "bytes") + " bytes\n  SHA-256     " +
         shown(field_text(held, "sha256")) + "\n";
}

// What an approver must know of a request that really is what it says. One that cannot be verified, because
// its token was revoked since for instance, can still be refused.
Result<client::ReceiptReport> show_request(Workplace& place, const RequestEntry& entry, bool approve) {
  auto report = check_request(place, entry);
  if (!report) {
    if (approve) return report;
    place.output.note("request " + short_id(entry.digest) +
                      " could not be verified here: " + report.error().message +
                      (entry.statement ? "\nit says:\n" + shown_text(*entry.statement) : ""));
    return client::ReceiptReport();
  }
  std::string text = "request " + short_id(entry.digest) + ", entry " + std::to_string(report->index) +
                     ", in the lines that a token's display and the gate's page show:\n" +
                     token_text(*report->statement);
  for (const auto& signer : report->signers) {
    text += "  signed by   " + signer.person + " (" + shown(signer.subject) + "), " +
            to_rfc3339(signer.signed_at) + ", verified here\n";
  }
  place.output.note(text + beside_text(entry) + held_text(entry));
  return report;
}

struct Words {
  const char *question, *type, *done;
};

Words words_for(Decision decision) {
  if (decision == Decision::approve) return {"approve it?", "approval", "approved"};
  if (decision == Decision::refuse) return {"refuse it?", "refusal", "refused"};
  return {"release exactly these bytes?", "export.release", "released"};
}

statement::Object decision_body(const RequestEntry& entry, const DecideOptions& options) {
  statement::Object body{{"evidence", entry.evidence}, {"request", entry.digest}};
  if (!options.reason.empty()) body.emplace("reason", options.reason);
  if (options.decision != Decision::release) return body;
  statement::Object file;
  for (const char* field : {"bytes", "name", "sha256"}) {
    if (const Value* value = entry.held->find(field)) file.emplace(field, *value);
  }
  body.emplace("files", statement::Array{std::move(file)});
  return body;
}

// Whether something is held of that request's answer that the caller may release.
Status check_held(const RequestEntry& entry) {
  if (entry.state != "quarantined" || !entry.held) {
    return Error{ErrorKind::refused,
                 "request " + short_id(entry.digest) + " is " + entry.state +
                     ": only an answer in quarantine is released, and 'sceau pending' lists those"};
  }
  if (!entry.held->contains("sha256"))
    return Error{ErrorKind::refused,
                 "you asked for this yourself: what is held is shown to others, and released by them"};
  return {};
}

}  // namespace

Status list_pending(Workplace& place, const std::string& token, bool all) {
  auto holder = open_logged_in(place, token);
  if (!holder) return holder.error();
  auto entries = list_requests(place, all ? std::string() : "pending");
  if (!entries) return entries.error();
  if (!all) {
    auto held = list_requests(place, "quarantined");
    if (!held) return held.error();
    entries->insert(entries->end(), held->begin(), held->end());
  }
  std::vector<std::vector<std::string>> rows{{"ID", "STATE", "BY", "PROJECT", "KIND", "SIGNED", "PURPOSE"}};
  statement::Array items;
  std::string quarantine;
  for (const auto& entry : *entries) {
    if (entry.state == "quarantined")
      quarantine.append("\n").append(short_id(entry.digest)).append(": ").append(held_text(entry));
    items.push_back(entry_value(entry));
    rows.push_back({short_id(entry.digest), entry.state, entry.signers.empty() ? "" : entry.signers.front(),
                    body_text(entry, "project"), body_text(entry, "kind"),
                    std::to_string(entry.approvals) + " of " + std::to_string(entry.needed),
                    body_text(entry, "purpose")});
  }
  place.output.result(statement::Object{{"requests", std::move(items)}},
                      entries->empty() ? "nothing waits" : table(rows) + quarantine);
  return {};
}

Status decide(Workplace& place, const DecideOptions& options) {
  auto holder = open_logged_in(place, options.token);
  if (!holder) return holder.error();
  auto digest = find_request(place, options.id);
  if (!digest) return digest.error();
  auto entry = fetch_request(place, *digest);
  if (!entry) return entry.error();
  if (options.decision == Decision::release) {
    if (auto held = check_held(*entry); !held) return held;
  }
  const Words words = words_for(options.decision);
  auto seen = show_request(place, *entry, options.decision != Decision::refuse);
  if (!seen) return seen.error();
  if (!options.yes) {
    auto agreed = client::ask_yes(words.question);
    if (!agreed) {
      return Error{agreed.error().kind,
                   "nobody could be asked to confirm: run this at a terminal, or say --yes"};
    }
    if (!*agreed) return Error{ErrorKind::refused, "nothing was signed"};
  }
  holder.value()->pins().forget();  // a PIN typed to log in is not one typed for this
  auto connection = place.refresh();
  if (!connection) return connection.error();
  auto act = sign_act(place, (*connection)->position, words.type, decision_body(*entry, options),
                      {holder->get()}, client::kActWindow, {seen->statement_bytes, seen->evidence_bytes});
  if (!act) return act.error();
  auto submitted = submit(place, *act);
  if (!submitted) return submitted.error();
  auto after = fetch_request(place, *digest);
  if (!after) return after.error();
  place.output.result(
      statement::Object{{"index", receipt_index(*submitted)}, {"request", *digest}, {"state", after->state}},
      "request " + short_id(*digest) + " is " + words.done + " (" + receipt_line(*submitted) + "); it is " +
          after->state);
  return {};
}

}  // namespace sceau::tool
