#include "sceau/base/toml.h"

#include <set>

#include "home_files.h"

namespace sceau::gate {
namespace {

constexpr std::size_t kConfigLimit = 1U << 20U;

Error at_node(const Home& home, const toml::node& node, const std::string& what) {
  return {ErrorKind::invalid, home.file("sceau.toml").string() + ", line " +
                                  std::to_string(node.source().begin.line) + ": " + what};
}

Status only_keys(const Home& home, const toml::table& table, const std::set<std::string_view>& known,
                 const std::string& where) {
  for (const auto& [key, node] : table) {
    if (!known.contains(key.str())) {
      return at_node(home, node, where + " has no setting \"" + std::string(key.str()) + "\": remove it");
    }
  }
  return {};
}

// The text under `key`, or `otherwise` when it is absent.
Result<std::string> text_of(const Home& home, const toml::table& table, std::string_view key,
                            std::string otherwise) {
  const toml::node* node = table.get(key);
  if (node == nullptr) return otherwise;
  if (!node->is_string()) return at_node(home, *node, "\"" + std::string(key) + "\" must be a text");
  return node->value<std::string>().value_or("");
}

Status read_gate(const Home& home, const toml::table& table, HomeConfig& config) {
  if (auto status = only_keys(home, table, {"name", "listen", "card_listen", "runs"}, "[gate]"); !status)
    return status;
  auto name = text_of(home, table, "name", config.gate);
  if (!name) return name.error();
  config.gate = *name;
  auto listen = text_of(home, table, "listen", config.listen);
  if (!listen) return listen.error();
  config.listen = *listen;
  auto card_listen = text_of(home, table, "card_listen", config.card_listen);
  if (!card_listen) return card_listen.error();
  config.card_listen = *card_listen;
  if (const toml::node* runs = table.get("runs")) {
    const auto value = runs->value<std::int64_t>();
    if (!value || *value < 1 || *value > 64) return at_node(home, *runs, "\"runs\" must be 1 to 64");
    config.runs = static_cast<unsigned>(*value);
  }
  return {};
}

Result<SourcePlace> read_source(const Home& home, const toml::table& table, const std::string& name) {
  const std::string where = "[sources." + name + "]";
  if (auto status = only_keys(home, table, {"path", "postgresql", "schema", "workspace"}, where); !status)
    return status.error();
  SourcePlace place;
  auto path = text_of(home, table, "path", "");
  auto postgresql = text_of(home, table, "postgresql", "");
  auto schema = text_of(home, table, "schema", place.postgresql.schema);
  auto workspace = text_of(home, table, "workspace", "");
  for (const auto* text : {&path, &postgresql, &schema, &workspace})
    if (!*text) return text->error();
  if (path->empty() == postgresql->empty())
    return at_node(home, table,
                   where + " needs either path = \"FILE\" or postgresql = \"host=… dbname=… user=…\"");
  if (postgresql->empty() && table.contains("schema"))
    return at_node(home, table, where + " names a schema, which a SQLite file has not: remove it");
  if (postgresql->empty() && table.contains("workspace"))
    return at_node(home, table, where + " names a workspace, which a SQLite file has not: remove it");
  place.engine = postgresql->empty() ? source::Engine::sqlite : source::Engine::postgresql;
  place.file =
      path->empty() ? std::filesystem::path() : home.file(*path);  // an absolute path replaces the folder
  place.postgresql = {*postgresql, *schema, *workspace};
  return place;
}

Status read_sources(const Home& home, const toml::table& table, HomeConfig& config) {
  for (const auto& [key, node] : table) {
    const toml::table* source = node.as_table();
    const std::string name(key.str());
    if (source == nullptr)
      return at_node(home, node, "write [sources." + name + "] and path = \"FILE\" under it");
    auto place = read_source(home, *source, name);
    if (!place) return place.error();
    config.sources[name] = std::move(*place);
  }
  return {};
}

Result<HomeConfig> read_document(const Home& home, const toml::table& document) {
  HomeConfig config;
  if (auto status = only_keys(home, document, {"realm", "gate", "sources", "client"}, "the file"); !status) {
    return status.error();
  }
  auto realm = text_of(home, document, "realm", "");
  if (!realm) return realm.error();
  if (realm->empty()) {
    return Error{ErrorKind::invalid,
                 home.file("sceau.toml").string() + " names no realm: add realm = \"NAME\""};
  }
  config.realm = *realm;
  if (const toml::node* gate = document.get("gate")) {
    if (!gate->is_table()) return at_node(home, *gate, "write [gate] and its settings under it");
    if (auto status = read_gate(home, *gate->as_table(), config); !status) return status.error();
  }
  if (const toml::node* sources = document.get("sources")) {
    if (!sources->is_table())
      return at_node(home, *sources, "write [sources.NAME] and path = \"FILE\" under it");
    if (auto status = read_sources(home, *sources->as_table(), config); !status) return status.error();
  }
  return config;
}

std::string toml_text(std::string_view text) {
  std::string out = "\"";
  for (const char character : text) {
    if (character == '"' || character == '\\') out += '\\';
    out += character;
  }
  return out + "\"";
}

}  // namespace

Result<HomeConfig> read_home_config(const Home& home) {
  auto bytes = read_file(home.file("sceau.toml"), kConfigLimit);
  if (!bytes) {
    if (bytes.error().kind != ErrorKind::not_found) return bytes.error().within("reading the home");
    return Error{ErrorKind::not_found,
                 home.folder().string() + " is no home (it has no sceau.toml): make one with 'sceau init'"};
  }
  try {
    return read_document(home, parse_toml(as_text(*bytes)));
  } catch (const toml::parse_error& problem) {
    return Error{ErrorKind::invalid, home.file("sceau.toml").string() + ", line " +
                                         std::to_string(problem.source().begin.line) + ": " +
                                         std::string(problem.description())};
  }
}

std::string write_home_config(const HomeConfig& config) {
  std::string text = "realm = " + toml_text(config.realm) + "\n\n[gate]\nname = " + toml_text(config.gate) +
                     "\nlisten = " + toml_text(config.listen) +
                     (config.card_listen.empty() ? "" : "\ncard_listen = " + toml_text(config.card_listen)) +
                     "\nruns = " + std::to_string(config.runs) + "\n";
  for (const auto& [name, place] : config.sources) {
    text += "\n[sources." + toml_text(name) + "]\n";
    if (place.engine == source::Engine::sqlite) {
      text += "path = " + toml_text(place.file.string()) + "\n";
    } else {
      text += "postgresql = " + toml_text(place.postgresql.place) +
              "\nschema = " + toml_text(place.postgresql.schema) + "\n";
      if (!place.postgresql.workspace.empty())
        text += "workspace = " + toml_text(place.postgresql.workspace) + "\n";
    }
  }
  return text;
}

}  // namespace sceau::gate
