// Requests seen from outside the gate: finding them, waiting for them, and checking who really asked.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "act.h"
#include "sceau/client/receipt.h"

namespace sceau::tool {

// One request as the gate lists it. `statement` is nothing when its opening was erased.
struct RequestEntry {
  Digest digest{};
  Digest evidence{};
  std::optional<statement::Statement> statement;
  std::vector<std::string> signers;
  std::string state, reason;
  std::int64_t approvals = 0, needed = 0, index = 0;
  // What the gate says beside it, of one that was fetched and waits: "columns", "earlier" (with "made"),
  // "expected_rows", "trouble".
  std::optional<statement::Value> beside;
  // What is held of it in quarantine: "at", "bytes", "name", "reason", "rows", "sha256", "until".
  std::optional<statement::Value> held;
};

// `state` empty: whatever state they are in. The connection must have a session, as for all of these.
Result<std::vector<RequestEntry>> list_requests(Workplace& place, const std::string& state);

// `wait` > 0: answers when the state changes, or after so many seconds.
Result<RequestEntry> fetch_request(Workplace& place, const Digest& digest, long wait = 0);

// A whole digest, or as much of its beginning as fits one request only (four characters or more).
Result<Digest> find_request(Workplace& place, const std::string& id);

// The receipt of a request's entry, every signature and proof in it verified here and now, and its evidence
// compared with what the gate lists: who really asked for what.
Result<client::ReceiptReport> check_request(Workplace& place, const RequestEntry& entry);

// Whom the registry lets approve, without `except`.
Result<std::vector<std::string>> approvers(Workplace& place, const std::string& except);

// The gate's roots and CRLs, PEM; and as a trust store.
Result<std::string> trust_pem(Workplace& place);

}  // namespace sceau::tool
