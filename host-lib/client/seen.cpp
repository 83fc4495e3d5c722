#include "sceau/client/seen.h"

#include "sceau/base/files.h"
#include "sceau/statement/value.h"

namespace sceau::client {
namespace {

struct Memory {
  std::string log;
  std::uint64_t size = 0;
  Digest root{};
};

Result<Memory> read_memory(const std::filesystem::path& file) {
  auto bytes = read_file(file, 4096);
  if (!bytes) return bytes.error();
  auto value = statement::parse_wire(*bytes, 4096);
  if (!value) return value.error().within(file.string());
  auto log = statement::text_field(*value, "log");
  auto size = statement::int_field(*value, "size");
  auto root = statement::digest_field(*value, "root");
  if (!log || !size || !root) {
    return Error{ErrorKind::corrupt, file.string() +
                                         " does not read as a remembered checkpoint: remove it only "
                                         "if you know why it changed"};
  }
  return Memory{*log, static_cast<std::uint64_t>(*size), *root};
}

Status write_memory(const std::filesystem::path& file, const Memory& memory) {
  std::error_code failed;
  std::filesystem::create_directories(file.parent_path(), failed);
  if (failed) return Error{ErrorKind::unavailable, file.parent_path().string() + ": " + failed.message()};
  return write_file(file,
                    statement::to_canonical_bytes(
                        statement::Object{{"log", memory.log}, {"root", memory.root}, {"size", memory.size}}),
                    0600);
}

Error rewritten(const Memory& before, const std::string& realm) {
  return {ErrorKind::refused, "the ledger of " + realm + " was rewritten: its first " +
                                  std::to_string(before.size) +
                                  " entries are not those seen before: sign nothing, and tell the auditor"};
}

// That the larger tree begins with the one remembered, by a proof made here from the log's own tiles.
Status check_consistent(const Memory& before, const ledger::Checkpoint& now, const std::string& realm,
                        const SeenCheckpoints::HashesOf& hashes) {
  if (before.size == 0) return {};
  auto proof = ledger::consistency_proof(before.size, now.size, hashes(now.size));
  if (!proof)
    return proof.error().within("the ledger of " + realm + " could not be compared with what was seen");
  if (!ledger::verify_consistency(before.size, now.size, before.root, now.root, *proof)) {
    return rewritten(before, realm);
  }
  return {};
}

// Whether a tree may follow the one remembered.
Status may_follow(const Memory& before, const ledger::Checkpoint& now, const std::string& realm,
                  const SeenCheckpoints::HashesOf& hashes) {
  const auto was = std::to_string(before.size);
  if (now.size < before.size) {
    return Error{ErrorKind::refused, "the ledger of " + realm + " went back: it had " + was +
                                         " entries and shows " + std::to_string(now.size) +
                                         ": sign nothing, and tell the auditor"};
  }
  if (now.size > before.size) return check_consistent(before, now, realm, hashes);
  if (now.root != before.root) return rewritten(before, realm);
  return {};
}

}  // namespace

std::filesystem::path SeenCheckpoints::file(const std::string& realm) const {
  return folder_ / (to_hex(sha256(as_bytes(realm))).substr(0, 16) + ".checkpoint");
}

std::string SeenCheckpoints::log_key(const std::string& realm) const {
  auto memory = read_memory(file(realm));
  return memory ? memory->log : std::string();
}

Result<statement::After> SeenCheckpoints::observe(const std::string& realm, const std::string& vkey,
                                                  const std::string& note, const HashesOf& hashes) {
  auto memory = read_memory(file(realm));
  if (!memory && memory.error().kind != ErrorKind::not_found) return memory.error();
  if (memory && !vkey.empty() && memory->log != vkey) {
    return Error{ErrorKind::refused, "the gate of " + realm +
                                         " names another log key than before: sign nothing, "
                                         "and ask an administrator whether the gate was rotated"};
  }
  const std::string log = memory ? memory->log : vkey;
  auto verifier = ledger::NoteVerifier::parse(log);
  if (!verifier) return verifier.error().within("the log key of " + realm);
  auto checkpoint = ledger::open_checkpoint(note, *verifier);
  if (!checkpoint) return checkpoint.error().within("the checkpoint that the gate of " + realm + " shows");
  if (checkpoint->origin != realm) {
    return Error{ErrorKind::refused,
                 "the gate shows a checkpoint of " + checkpoint->origin + ", not of " + realm};
  }
  if (memory) {
    if (auto follows = may_follow(*memory, *checkpoint, realm, hashes); !follows) return follows.error();
  }
  if (!memory || checkpoint->size != memory->size) {
    auto kept = write_memory(file(realm), {log, checkpoint->size, checkpoint->root});
    if (!kept) return kept.error().within("the newest checkpoint could not be remembered");
  }
  return statement::After{checkpoint->size, checkpoint->root};
}

}  // namespace sceau::client
