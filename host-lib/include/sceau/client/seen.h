// The newest checkpoint of a log that this person has seen, kept between two commands.
//
// A statement names the newest checkpoint its author saw. Remembering it lets the author, not only the
// auditor, notice a ledger that went back or was rewritten: a gate that shows a smaller tree, or one of the
// same size with another root, is not written to any more.
#pragma once

#include <filesystem>
#include <string>

#include "sceau/ledger/note.h"
#include "sceau/statement/statement.h"

namespace sceau::client {

class SeenCheckpoints {
 public:
  // `folder` holds one small file a realm; it is made when it is first needed.
  explicit SeenCheckpoints(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // The key that signs this realm's log, as remembered from the first time, or none (empty).
  [[nodiscard]] std::string log_key(const std::string& realm) const;

  // Takes a signed checkpoint that a gate shows. `vkey` is the log's key as the gate says it, believed only
  // the first time. Returns what statements name as `after`. refused: another key, a smaller tree or another
  // root than was seen before (a rollback: says so); authentication: not signed by the log's key.
  Result<statement::After> observe(const std::string& realm, const std::string& vkey,
                                   const std::string& note);

 private:
  [[nodiscard]] std::filesystem::path file(const std::string& realm) const;
  std::filesystem::path folder_;
};

}  // namespace sceau::client
