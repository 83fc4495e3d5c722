// `sceau init`: a new home, with its genesis signed by its administrators.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workplace.h"

namespace sceau::tool {

struct InitOptions {
  std::string realm, organisation, gate = "gate", listen;
  std::vector<std::string> administrators;     // ID=NAME@READER
  std::vector<std::string> attestation_roots;  // PEM files
  std::vector<std::string> sources;            // ID=FILE or ID=postgresql://…
  bool single = false, touch = false, erase = false;
  std::int64_t recovery_k = 0;  // 0: two, or one with --single
};

Status init(Workplace& place, const InitOptions& options);

}  // namespace sceau::tool
