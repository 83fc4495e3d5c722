// Rows from an admitted request to a file or standard output, and the gate's signed word on them.
#pragma once

#include <string>

#include "requests.h"

namespace sceau::tool {

struct ReceiveOptions {
  std::string output;    // empty: standard output
  std::string evidence;  // a folder that holds the request's evidence; empty: none is kept
  bool force = false, quiet = false;
};

// Whatever fails, FILE is left as it was; rows that went to standard output are said to be unusable.
Status receive(Workplace& place, const RequestEntry& request, const ReceiveOptions& options);

}  // namespace sceau::tool
