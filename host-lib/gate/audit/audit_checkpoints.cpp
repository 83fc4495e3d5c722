#include <algorithm>

#include "audit_pass.h"

namespace sceau::gate {
namespace {

// The keys that may have signed: the one from elsewhere when it was given, and all that were enrolled.
std::vector<std::string> keys_in_force(const Pass& pass) {
  std::vector<std::string> keys = pass.registry.log_keys();
  if (!pass.options.log.empty() && std::ranges::find(keys, pass.options.log) == keys.end()) {
    return {pass.options.log};
  }
  return keys;
}

}  // namespace

void audit_checkpoint(Pass& pass, std::uint64_t size) {
  const auto note = pass.ledger.checkpoint_at(size);
  const std::string name = "the checkpoint of " + std::to_string(size) + " entries";
  if (!note) {
    if (note.error().kind != ErrorKind::not_found)
      pass.find(std::nullopt, name + ": " + note.error().message);
    if (size == pass.report.head.size) pass.find(std::nullopt, name + ", the newest, is missing");
    return;
  }
  std::string why = "no log key is enrolled";
  for (const std::string& key : keys_in_force(pass)) {
    auto verifier = ledger::NoteVerifier::parse(key);
    if (!verifier) continue;
    auto checkpoint = ledger::open_checkpoint(*note, *verifier);
    if (!checkpoint) {
      why = checkpoint.error().message;
      continue;
    }
    if (checkpoint->origin != pass.registry.realm()) {
      pass.find(std::nullopt, name + " is of the origin \"" + checkpoint->origin + "\"");
    }
    ++pass.report.checkpoints;
    return;
  }
  pass.find(std::nullopt, name + " is not signed by the log's key: " + why);
}

}  // namespace sceau::gate
