#include "client_config.h"

#include <toml++/toml.h>

#include "sceau/base/files.h"

namespace sceau::tool {

Result<ClientConfig> read_client_config(const std::filesystem::path& home) {
  const auto file = home / "client.toml";
  auto bytes = read_file(file, 65536);
  if (!bytes) return bytes.error();
  ClientConfig config;
  try {
    const auto table = toml::parse(as_text(*bytes));
    for (const auto& [key, node] : table) {
      const auto text = node.value<std::string>();
      if (!text || (key != "gate" && key != "certificate")) {
        return Error{ErrorKind::invalid, file.string() + ": '" + std::string(key.str()) +
                                             "' means nothing here: only gate = \"https://…\" and "
                                             "certificate = \"FILE.pem\" do"};
      }
      if (key == "gate") config.gate = *text;
      if (key == "certificate") config.certificate = home / *text;
    }
  } catch (const toml::parse_error& wrong) {
    return Error{ErrorKind::invalid, file.string() + ", line " + std::to_string(wrong.source().begin.line) +
                                         ": " + std::string(wrong.description())};
  }
  if (config.gate.empty()) return Error{ErrorKind::invalid, file.string() + " names no gate"};
  if (config.certificate.empty()) config.certificate = home / "gate-tls.pem";
  return config;
}

}  // namespace sceau::tool
