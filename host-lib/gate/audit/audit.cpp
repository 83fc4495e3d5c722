#include "sceau/gate/audit.h"

#include "audit_pass.h"
#include "sceau/ledger/check.h"
#include "sceau/pki/sealed.h"

namespace sceau::gate {
namespace {

// Gone openings are in order when an erasure named them.
void audit_erasures(Pass& pass) {
  std::set<std::uint64_t> named;
  for (const std::uint64_t entry : pass.registry.erased()) named.insert(entry);
  for (const std::uint64_t entry : pass.gone) {
    if (pass.sealed.contains(entry)) {
      pass.report.sealed.push_back(entry);
      pass.note("entry " + std::to_string(entry) +
                ": sealed for its parameters, and no key was given that opens it: whether it might have been "
                "admitted was not derived again");
    } else if (named.contains(entry)) {
      pass.report.erased.push_back(entry);
    } else {
      pass.find(entry, "its opening is gone, and no erasure names it");
    }
  }
  for (const std::uint64_t entry : named) {
    if (!pass.gone.contains(entry) || pass.sealed.contains(entry)) {
      pass.note("entry " + std::to_string(entry) + " was to be erased, and its opening is still kept");
    }
  }
}

void audit_open_requests(Pass& pass) {
  for (const registry::Request* request : pass.registry.open_requests()) {
    if (request->state == registry::RequestState::running ||
        request->state == registry::RequestState::checked) {
      pass.note("request " + to_hex(request->digest) + " (entry " + std::to_string(request->entry) +
                ") began to run and has no result yet");
    }
  }
}

void audit_anchor(Pass& pass) {
  const AuditOptions& options = pass.options;
  pass.report.anchored = options.genesis.has_value() || !options.log.empty();
  if (options.genesis && pass.report.genesis != options.genesis) {
    pass.find(0, "the genesis is not the one you named: this is another ledger");
  }
  if (!pass.report.anchored) {
    pass.note("no trust anchor was given: the ledger was checked against itself alone");
  }
  if (pass.report.single) pass.note("the genesis says single: one administrator can do everything here");
}

}  // namespace

ledger::LedgerOptions unseal_with(Secret key) {
  return {{}, [held = std::make_shared<const Secret>(std::move(key))](ByteView envelope) {
            return pki::open_sealed_with(envelope, *held);
          }};
}

Result<AuditReport> audit(const ledger::Ledger& ledger, const AuditOptions& options) {
  Pass pass{ledger, options, {}, registry::Registry(), {}, {}, {}, {}, {}, {}, {}};
  auto head = ledger.head();
  if (!head && head.error().kind != ErrorKind::corrupt) return head.error();
  if (head) pass.report.head = *head;
  const std::uint64_t size = pass.report.head.size;
  // The tree from its leaves: roots, tiles, checkpoints' roots, commitments, blobs.
  if (auto tree = ledger::check(ledger); !tree) {
    if (tree.error().kind == ErrorKind::unavailable) return tree.error();
    pass.find(std::nullopt, tree.error().message);
  }
  bool judged = true;
  const auto visited =
      ledger.for_each([&](std::uint64_t index, ByteView leaf, const std::optional<ledger::Opening>& opening) {
        if (judged) judged = audit_entry(pass, index, leaf, opening);
        // The empty tree's checkpoint waits for the genesis, which names the key.
        if (judged && index == 0) audit_checkpoint(pass, 0);
        if (judged) audit_checkpoint(pass, index + 1);
        if (options.progress) options.progress(index + 1, size);
        return Status{};
      });
  if (!visited) {
    if (visited.error().kind == ErrorKind::unavailable) return visited.error();
    pass.find(std::nullopt, visited.error().message);
  }
  if (!pass.registry.has_genesis()) pass.find(std::nullopt, "there is no genesis");
  if (judged) audit_erasures(pass);
  pass.report.realm = pass.registry.realm();
  pass.report.single = pass.registry.single();
  audit_anchor(pass);
  audit_open_requests(pass);
  pass.report.extractions = pass.stories.all(pass.registry);
  for (ExtractionStory& story : pass.report.extractions) tell_what_ran(pass, story);
  return std::move(pass.report);
}

Result<AuditReport> audit(const std::filesystem::path& path, const AuditOptions& options) {
  auto ledger = ledger::Ledger::open_read_only(path);
  if (!ledger && ledger.error().kind == ErrorKind::corrupt) {
    AuditReport damaged;
    damaged.findings.push_back({std::nullopt, ledger.error().message});
    return damaged;
  }
  if (!ledger) return ledger.error();
  return audit(**ledger, options);
}

}  // namespace sceau::gate
