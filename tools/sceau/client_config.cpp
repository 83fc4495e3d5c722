#include "client_config.h"

#include "sceau/base/toml.h"

#include "sceau/base/files.h"

namespace sceau::tool {
namespace {

// A list of texts; nothing for anything else.
std::optional<std::vector<std::string>> texts(const toml::node& node) {
  const auto* array = node.as_array();
  if (array == nullptr) return std::nullopt;
  std::vector<std::string> found;
  for (const auto& item : *array) {
    auto text = item.value_exact<std::string>();
    if (!text || text->empty()) return std::nullopt;
    found.push_back(std::move(*text));
  }
  return found;
}

}  // namespace

Result<ClientConfig> read_client_config(const std::filesystem::path& home) {
  const auto file = home / "client.toml";
  auto bytes = read_file(file, 65536);
  if (!bytes) return bytes.error();
  ClientConfig config;
  try {
    const auto table = parse_toml(as_text(*bytes));
    for (const auto& [key, node] : table) {
      if (key == "modules") {
        auto modules = texts(node);
        if (!modules)
          return Error{ErrorKind::invalid,
                       file.string() + ": 'modules' must be a list of paths: modules = [\"/path/to.so\"]"};
        config.modules = std::move(*modules);
        continue;
      }
      const auto text = node.value<std::string>();
      if (!text || (key != "gate" && key != "certificate")) {
        return Error{ErrorKind::invalid, file.string() + ": '" + std::string(key.str()) +
                                             "' means nothing here: only gate = \"https://…\", "
                                             "certificate = \"FILE.pem\" and modules = [\"/path/to.so\"] do"};
      }
      if (key == "gate") config.gate = *text;
      if (key == "certificate") config.certificate = home / *text;
    }
  } catch (const toml::parse_error& wrong) {
    return Error{ErrorKind::invalid, file.string() + ", line " + std::to_string(wrong.source().begin.line) +
                                         ": " + std::string(wrong.description())};
  }
  if (config.gate.empty() && config.modules.empty())
    return Error{ErrorKind::invalid, file.string() + " names no gate"};
  if (!config.gate.empty() && config.certificate.empty()) config.certificate = home / "gate-tls.pem";
  return config;
}

}  // namespace sceau::tool
