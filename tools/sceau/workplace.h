// What every command works with: the home, the gate it speaks to, clock, random numbers and output.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "output.h"
#include "sceau/base/clock.h"
#include "sceau/base/random.h"
#include "sceau/client/author.h"
#include "sceau/client/gate_client.h"
#include "sceau/client/seen.h"
#include "sceau/token/modules.h"
#include "sceau/token/reader.h"

namespace sceau::tool {

// The gate's certificate, ready to check what it signed.
struct GateKey;

// A gate that answered, with the checkpoint that it showed checked against all that was seen before.
struct Connection {
  std::unique_ptr<client::GateClient> gate;
  client::GateState state;
  client::Position position;
  std::optional<Digest> login = {};        // the statement that opened the session it carries
  std::shared_ptr<GateKey> gate_key = {};  // made when the first result is checked (outcome.cpp)
};

class Workplace {
 public:
  // As given on the command line; filled in by the parser before anything else is called.
  struct Options {
    std::string home, gate, gate_certificate;
    bool json = false;
  };
  Options options;
  Output output;
  SystemClock clock;
  SystemRandom random;

  // The folder: --home, $SCEAU_HOME, else the user's own. not_found when there is none of them.
  Result<std::filesystem::path> home() const;

  // Where the gate is: --gate, $SCEAU_GATE, the home's client.toml, else the gate that runs in this home.
  // not_found when nothing says it.
  Result<client::GateAddress> gate_address() const;

  // Connects on first use; then the same connection, its position brought up to date by refresh(). Fails as
  // GateClient and SeenCheckpoints do.
  Result<Connection*> connect();
  Result<Connection*> refresh();

  // Connects to the smart-card service on first use.
  Result<token::Readers> readers();

  // The PKCS#11 modules that client.toml names, and OpenSC's; loaded when they are asked. Fails as
  // read_client_config does.
  Result<token::Modules*> modules();

  [[nodiscard]] client::Author author() { return {clock, random}; }

 private:
  Result<Connection> open_connection() const;
  Status observe(Connection& connection) const;

  std::optional<Connection> connection_;
  std::optional<token::Readers> readers_;
  std::optional<token::Modules> modules_;
};

// An environment variable, or empty.
std::string environment(const char* name);

// The folder for what a home's user remembers between commands (checkpoints seen, trust, sessions).
std::filesystem::path memory_folder(const std::filesystem::path& home);

}  // namespace sceau::tool
