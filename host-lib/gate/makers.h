// The scripts that made the tables of a workspace that a request reads, as the ledger has them: whoever
// decides on the request reads there what its rows come from, however long ago that was.
//
// A script counts for a table as it stood when the request was asked, or ran; then the scripts behind what
// that one read, and behind the same table before it. What a script reads is taken to be whatever of its
// workspace its SQL names: rather one too many than one too few.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "recorder.h"
#include "sceau/registry/state.h"
#include "sceau/statement/value.h"

namespace sceau::gate {

struct Maker {
  registry::Request script;
  std::set<std::string> tables;  // that it made or changed
};

// So many scripts, those nearest to the request first.
inline constexpr std::size_t kMostMakers = 40;

struct Makers {
  std::map<std::uint64_t, Maker> scripts;  // by their requests' entries
  bool or_more = false;
};

// `body` is the request's, `own` the workspace's tables that its plan reads: those beneath its views are not
// named in it.
Makers makers_of(const Recorder& recorder, const registry::Request& request, const statement::Value& body,
                 const std::vector<std::string>& own);

}  // namespace sceau::gate
