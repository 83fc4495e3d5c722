// A client's own settings: HOME/client.toml, with `gate` (https://host:port) and `certificate` (PEM, relative
// to the home). The gate's home needs none: it says in gate.url where its gate is.
#pragma once

#include <filesystem>
#include <string>

#include "sceau/base/result.h"

namespace sceau::tool {

struct ClientConfig {
  std::string gate;
  std::filesystem::path certificate;
};

// not_found without the file; invalid, with the line, for anything else than these two texts.
Result<ClientConfig> read_client_config(const std::filesystem::path& home);

}  // namespace sceau::tool
