// `sceau extract`: a signed request, its approval awaited, its rows received and checked against the gate's
// signed result.
#pragma once

#include <cstdint>
#include <string>

#include "sceau/client/author.h"
#include "workplace.h"

namespace sceau::tool {

struct ExtractOptions {
  std::string project, purpose, source, kind = "aggregate", sql, token;
  std::string parameters;  // a file with the values of $1, $2, …, one a line; "-": standard input
  std::string output;      // empty: standard output
  std::string evidence;    // a folder; empty: none is written
  std::string resume;      // a request made earlier
  std::string decide_by;
  std::string prepare;                          // a folder: sign into it and send nothing
  std::int64_t max_rows = 0;                    // 0: what the project allows
  std::int64_t valid = client::kRequestWindow;  // seconds in which the gate may admit it
  bool no_wait = false, force = false, quiet = false;
};

Status extract(Workplace& place, const ExtractOptions& options);

}  // namespace sceau::tool
