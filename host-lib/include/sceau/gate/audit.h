// Checks a whole ledger again from its raw entries, as somebody who trusts nobody: the tree, every
// checkpoint's signature, every commitment, every signature and every rule at the time the leaf itself gives,
// the order of each request's steps, and the rewriting of its SQL. Then says who did what.
//
// Needs the ledger's file and nothing else; what makes the verdict mean something is the trust anchor: the
// genesis' digest (or the log's key), known from elsewhere. Without one, the ledger is only checked against
// itself.
//
// What it cannot know: that the database ran what the gate says it ran, and what erased openings said, and
// sealed ones without a key (unseal_with). Erased openings that an admitted erasure names are listed, and so
// are sealed ones: they are no damage.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sceau/base/secret.h"
#include "sceau/ledger/ledger.h"
#include "sceau/registry/state.h"
#include "sceau/statement/value.h"

namespace sceau::gate {

struct AuditOptions {
  std::optional<Digest> genesis;  // digest of the genesis statement, from a source one trusts
  std::string log;                // vkey of the checkpoints' key, likewise; empty: the genesis' own
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;
};

// One thing that is wrong. Any finding makes the ledger damaged.
struct Finding {
  std::optional<std::uint64_t> entry;
  std::string what;
};

// One request, from who asked to what left.
struct ExtractionStory {
  registry::Request request;  // agent and token, approvers and tokens, times, state
  std::string agent_name, purpose;
  std::vector<std::string> sql;         // as signed
  std::vector<std::string> parameters;  // likewise: they name people
  // What the database was given, from `running` on, until `ended`: as the result says, or as it follows from
  // the request where there is no result yet or the gate died. Long texts as "sha256:" and their digest.
  std::vector<std::string> sql_run;
  Time running = 0;  // 0: it never began
  std::int64_t rows = 0, bytes = 0;
  std::optional<Digest> sha256;         // of what was delivered or sent
  std::optional<Digest> result_digest;  // of the result statement
  Time ended = 0;                       // 0: not yet
  std::string reason;                   // of a refusal or an interruption
  // Of the tokens that asked, approved or refused, by serial: those without attestation, and who vouched.
  std::map<std::string, std::string, std::less<>> unattested;

  // "attested", or "not attested (authority NAME)".
  [[nodiscard]] std::string attestation_of(std::string_view serial) const;
};

struct AuditReport {
  std::string realm;
  std::optional<Digest> genesis;
  bool single = false;    // one administrator was enough
  bool anchored = false;  // checked against a genesis or a key from elsewhere
  ledger::Head head;
  std::uint64_t statements = 0, refusals = 0, steps = 0, signatures = 0, checkpoints = 0;
  std::vector<Finding> findings;
  std::vector<std::string> notes;     // worth an auditor's look, not damage
  std::vector<std::uint64_t> erased;  // openings that are gone, and may be
  std::vector<std::uint64_t>
      sealed;  // that have parameters, and that the ledger was opened without a key for
  std::vector<ExtractionStory> extractions;
  std::map<std::string, std::vector<Digest>> catalogues;  // by source, every one that was added: blobs

  [[nodiscard]] bool ok() const { return findings.empty(); }
};

// How an auditor's ledger is opened: with her private key (PEM), which opens what was sealed for her.
ledger::LedgerOptions unseal_with(Secret key);

// unavailable or not_found when the ledger cannot be read at all; everything else is a finding.
Result<AuditReport> audit(const ledger::Ledger& ledger, const AuditOptions& options = {});
Result<AuditReport> audit(const std::filesystem::path& ledger, const AuditOptions& options = {});

// {"erased":[…],"extractions":[…],"findings":[{"entry","what"}…],"realm",…,"verdict":"ok"|"damaged"}
statement::Value to_value(const AuditReport& report);

// What stands behind some bytes, found by their SHA-256.
struct Provenance {
  std::uint64_t entry = 0;
  Time at = 0;
  std::string type;
  std::string what;         // what the digest is of: "statement", "evidence", "delivered rows", "certificate"
  std::string person;       // who signed first
  std::string serial;       // with which token
  std::string attestation;  // of that token: "attested" or "not attested (authority NAME)"; empty for a gate
  std::vector<std::string> signers;
  std::optional<ExtractionStory> extraction;  // when it belongs to one
};

// Every entry that the digest is about; empty when there is none. corrupt when the ledger cannot be folded.
Result<std::vector<Provenance>> who(const ledger::Ledger& ledger, const Digest& digest);
statement::Value to_value(const Provenance& provenance);

}  // namespace sceau::gate
