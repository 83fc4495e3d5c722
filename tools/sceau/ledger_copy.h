// A gate's whole ledger, copied through its HTTP interface for an auditor: entry bundles, tiles and the
// newest checkpoint (which anybody may read), openings (with an auditor's session) and the blobs that they
// name.
//
// The copy is an ordinary ledger file, so the audit reads it like any other; nothing in it is believed for
// having come from the gate.
#pragma once

#include <filesystem>
#include <string>

#include "workplace.h"

namespace sceau::tool {

// The folder is removed with its owner.
class TemporaryFolder {
 public:
  static Result<TemporaryFolder> make();
  ~TemporaryFolder();
  TemporaryFolder(TemporaryFolder&& other) noexcept;
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  TemporaryFolder() = default;
  std::filesystem::path path_;
};

// Copies what the gate's newest checkpoint covers into the new file. The connection must have a session of an
// auditor. refused when it has not; corrupt for answers that break their format.
Status copy_ledger(Workplace& place, const std::filesystem::path& file);

}  // namespace sceau::tool
