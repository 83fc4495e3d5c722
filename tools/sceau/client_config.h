// A client's own settings: HOME/client.toml, with `gate` (https://host:port), `certificate` (PEM, relative
// to the home) and `modules` (paths of PKCS#11 modules for cards that are not PIV; OpenSC's needs no naming).
// The gate's home needs none: it says in gate.url where its gate is.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sceau/base/result.h"

namespace sceau::tool {

struct ClientConfig {
  std::string gate;
  std::filesystem::path certificate;
  std::vector<std::string> modules;
};

// not_found without the file; invalid, with the line, for anything else than these. Without `gate` both its
// texts are empty.
Result<ClientConfig> read_client_config(const std::filesystem::path& home);

}  // namespace sceau::tool
