// The newest checkpoint of a log that this person has seen, kept between two commands.
//
// A statement names the newest checkpoint its author saw. Remembering it lets the author, not only the
// auditor, notice a ledger that went back or was rewritten: a gate that shows a smaller tree, one of the same
// size with another root, or a larger one that does not begin with what was seen, is not written to any more.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "sceau/ledger/note.h"
#include "sceau/ledger/tree.h"
#include "sceau/statement/statement.h"

namespace sceau::client {

class SeenCheckpoints {
 public:
  // `folder` holds one small file a realm; it is made when it is first needed.
  explicit SeenCheckpoints(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // The key that signs this realm's log, as remembered from the first time, or none (empty).
  [[nodiscard]] std::string log_key(const std::string& realm) const;

  // The stored hashes of the tree of that size, to prove that it begins with an older one.
  using HashesOf = std::function<ledger::HashAccess(std::uint64_t size)>;

  // Takes a signed checkpoint that a gate shows. `vkey` is the log's key as the gate says it, believed only
  // the first time. Returns what statements name as `after`. refused: another key, a smaller tree, another
  // root than was seen before, or a larger tree that does not begin with the one seen (a rollback or rewrite:
  // says so); authentication: not signed by the log's key; otherwise as `hashes` fails.
  Result<statement::After> observe(const std::string& realm, const std::string& vkey, const std::string& note,
                                   const HashesOf& hashes);

 private:
  [[nodiscard]] std::filesystem::path file(const std::string& realm) const;
  std::filesystem::path folder_;
};

}  // namespace sceau::client
