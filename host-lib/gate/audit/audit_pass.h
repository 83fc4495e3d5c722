// One pass over a ledger: what the parts of the audit share.
#pragma once

#include <map>
#include <set>
#include <string>

#include "sceau/gate/audit.h"
#include "sceau/registry/registry.h"

namespace sceau::gate {

// Collects each request's story from entries as they are applied.
class Stories {
 public:
  // The entry was just applied to the registry.
  void add(const registry::Record& record, const registry::Submission* submission,
           const registry::Registry& registry);
  // All of them, with their states as the registry has them now.
  [[nodiscard]] std::vector<ExtractionStory> all(const registry::Registry& registry) const;
  [[nodiscard]] std::optional<ExtractionStory> of(const Digest& request,
                                                  const registry::Registry& registry) const;

 private:
  std::map<Digest, ExtractionStory> stories_;
};

// What a `checked` step said is about to leave.
struct Checked {
  std::int64_t rows = 0, bytes = 0;
  Digest sha256{};
};

struct Pass {
  const ledger::Ledger& ledger;
  const AuditOptions& options;
  AuditReport report;
  registry::Registry registry;
  Stories stories;
  std::set<std::uint64_t> gone;                 // entries without an opening
  std::set<std::uint64_t> sealed;               // of these, those that no key here opens
  bool results_gone = false;                    // a result is among them
  std::map<Digest, statement::Value> requests;  // bodies, to plan again
  std::map<Digest, Checked> checked;            // by request
  std::map<Digest, registry::Policy> policies;  // by digest, all that were ever in force

  void find(std::optional<std::uint64_t> entry, std::string what) {
    report.findings.push_back({entry, std::move(what)});
  }
  void note(std::string what) { report.notes.push_back(std::move(what)); }
  // Why the opening of what is not known here is not.
  [[nodiscard]] std::string not_read() const {
    return sealed.empty()                 ? "was erased"
           : sealed.size() == gone.size() ? "is sealed"
                                          : "was erased or is sealed";
  }
};

// audit_entry.cpp: one entry against the rules, then applied. False when nothing after it can be judged.
bool audit_entry(Pass& pass, std::uint64_t index, ByteView leaf,
                 const std::optional<ledger::Opening>& opening);

// audit_plan.cpp: the result's SQL and columns are what the request, the catalogue and the policy lead to.
void audit_plan(Pass& pass, const registry::Record& record, const registry::Submission& result);

// The same file: what the database was given of a request that began to run and whose result does not say it.
void tell_what_ran(const Pass& pass, ExtractionStory& story);

// audit_checkpoints.cpp: the signed checkpoint of this size, if one is kept, by a key in force.
void audit_checkpoint(Pass& pass, std::uint64_t size);

}  // namespace sceau::gate
