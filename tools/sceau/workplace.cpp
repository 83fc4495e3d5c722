#include "workplace.h"

#include <cstdlib>

#include "client_config.h"
#include "sceau/base/files.h"
#include "sceau/client/tiles.h"

namespace sceau::tool {
namespace {

namespace fs = std::filesystem;

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

// Who signs this log, as the gate says.
std::string log_key_of(const client::GateState& state) {
  auto log = statement::text_field(state.all, "log");
  return log ? *log : std::string();
}

}  // namespace

std::string environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing sets it
  return value == nullptr ? std::string() : std::string(value);
}

fs::path memory_folder(const fs::path& home) { return home / "remembered"; }

Result<fs::path> Workplace::home() const {
  if (!options.home.empty()) return fs::path(options.home);
  if (const auto home = environment("SCEAU_HOME"); !home.empty()) return fs::path(home);
  if (const auto data = environment("XDG_DATA_HOME"); !data.empty()) return fs::path(data) / "sceau";
  if (const auto user = environment("HOME"); !user.empty()) return fs::path(user) / ".local/share/sceau";
  return Error{ErrorKind::not_found, "there is no home: say --home DIR"};
}

Result<client::GateAddress> Workplace::gate_address() const {
  auto folder = home();
  if (!folder) return folder.error();
  client::GateAddress address{options.gate, options.gate_certificate};
  if (address.url.empty()) address.url = environment("SCEAU_GATE");
  if (address.certificate.empty()) address.certificate = environment("SCEAU_GATE_CERTIFICATE");
  if (address.url.empty() || address.certificate.empty()) {
    auto config = read_client_config(*folder);
    if (!config && config.error().kind != ErrorKind::not_found) return config.error();
    if (config && address.url.empty()) address.url = config->gate;
    if (config && address.certificate.empty()) address.certificate = config->certificate;
  }
  if (address.url.empty()) {
    if (auto url = read_file(*folder / "gate.url", 4096)) address.url = trimmed(to_text(*url));
  }
  if (address.certificate.empty()) address.certificate = *folder / "tls.pem";
  if (!address.url.empty()) return address;
  const bool gate_home = fs::exists(*folder / "sceau.toml");
  return Error{ErrorKind::not_found, gate_home
                                         ? "no gate runs in " + folder->string() + ": start 'sceaud --home " +
                                               folder->string() + "', or say --gate URL"
                                         : "there is no home in " + folder->string() +
                                               " and no gate was named: run 'sceau init', "
                                               "or say --gate URL --gate-certificate PEM"};
}

Result<Connection> Workplace::open_connection() const {
  auto address = gate_address();
  if (!address) return address.error();
  auto gate = client::GateClient::open(*address);
  if (!gate) return gate.error();
  Connection connection;
  connection.gate = std::move(*gate);
  if (auto seen = observe(connection); !seen) return seen.error();
  return connection;
}

Status Workplace::observe(Connection& connection) const {
  auto state = connection.gate->state();
  if (!state) return state.error();
  connection.state = std::move(*state);
  auto folder = home();
  if (!folder) return folder.error();
  client::SeenCheckpoints seen(memory_folder(*folder));
  const auto& realm = connection.state.realm;
  auto after = seen.observe(realm, log_key_of(connection.state), connection.state.checkpoint,
                            [&](std::uint64_t size) { return client::tile_hashes(*connection.gate, size); });
  if (!after) return after.error();
  connection.position = {realm, *after};
  return {};
}

Result<Connection*> Workplace::connect() {
  if (!connection_) {
    auto opened = open_connection();
    if (!opened) return opened.error();
    connection_ = std::move(*opened);
  }
  return &*connection_;
}

Result<Connection*> Workplace::refresh() {
  if (!connection_) return connect();
  if (auto seen = observe(*connection_); !seen) return seen.error();
  return &*connection_;
}

Result<token::Readers> Workplace::readers() {
  if (!readers_) {
    auto opened = token::Readers::open();
    if (!opened) return opened.error();
    readers_ = std::move(*opened);
  }
  return *readers_;
}

Result<token::Modules*> Workplace::modules() {
  if (!modules_) {
    std::vector<std::string> named;
    if (auto folder = home()) {
      auto config = read_client_config(*folder);
      if (!config && config.error().kind != ErrorKind::not_found) return config.error();
      if (config) named = std::move(config->modules);
    }
    modules_.emplace(std::move(named));
  }
  return &*modules_;
}

}  // namespace sceau::tool
