// What comes along with a statement; this room's own.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "sceau/base/digest.h"
#include "sceau/base/result.h"
#include "sceau/ledger/ledger.h"

namespace sceau::gate {

// The blobs that came along, and which of them the rules looked at: only those are kept.
class Baggage {
 public:
  Baggage(const std::vector<Bytes>& blobs, const ledger::Ledger& log) : log_(log) {
    for (const Bytes& blob : blobs) brought_.emplace(sha256(blob), blob);
  }
  Result<Bytes> find(const Digest& digest) {
    const auto found = brought_.find(digest);
    if (found == brought_.end()) return log_.blob(digest);
    used_.insert(digest);
    return found->second;
  }
  [[nodiscard]] std::vector<Bytes> used() const {
    std::vector<Bytes> blobs;
    for (const Digest& digest : used_) blobs.push_back(brought_.at(digest));
    return blobs;
  }

 private:
  const ledger::Ledger& log_;
  std::map<Digest, Bytes> brought_;
  std::set<Digest> used_;
};

}  // namespace sceau::gate
