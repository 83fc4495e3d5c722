// A gate's home: one folder with its configuration, its keys and its ledger.
//
//   sceau.toml        realm, [gate] name, listen, card_listen, runs;
//                     [sources.NAME] path, or postgresql and schema
//   anchors/          attestation roots (PEM), as given when the home was made
//   auditors/         certificates (PEM) of auditors, to whom requests with parameters are kept encrypted
//   ledger.db         the ledger
//   gate.key, gate.pem  the P-256 key that signs results, and its self-signed certificate
//   checkpoint.key    the Ed25519 key that signs checkpoints
//   pseudonym.key     the master secret of pseudonyms, and of the gate's own key to sealed requests, 32 bytes
//   tls.key, tls.pem  what HTTPS shows; made on the first run, replaceable
//   gate.url, card.url  written by the gate's shell while it runs
//   lock              held (flock) by the one process that writes
//   spool/            encrypted extractions on their way out; empty when nothing runs
// The folder is 0700, keys are 0600.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "sceau/base/clock.h"
#include "sceau/base/files.h"
#include "sceau/base/random.h"
#include "sceau/source/source.h"

namespace sceau::gate {

// Where a source's data are: a SQLite file or a PostgreSQL database.
struct SourcePlace {
  source::Engine engine = source::Engine::sqlite;
  std::filesystem::path file;
  source::PostgresqlPlace postgresql;
};

struct HomeConfig {
  std::string realm;                           // the ledger's origin
  std::string gate = "gate";                   // this gate's registry id
  std::string listen = "127.0.0.1:8443";       // HOST:PORT for the gate's shell
  std::string card_listen;                     // HOST:PORT where browsers show cards; empty: nowhere
  unsigned runs = 2;                           // what may run at once, 1 to 64
  std::map<std::string, SourcePlace> sources;  // by the source's registry id
};

// The files of a home.
class Home {
 public:
  explicit Home(std::filesystem::path folder) : folder_(std::move(folder)) {}
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] std::filesystem::path file(std::string_view name) const { return folder_ / name; }

 private:
  std::filesystem::path folder_;
};

// $SCEAU_HOME, else $XDG_DATA_HOME/sceau, else $HOME/.local/share/sceau. not_found when none is set.
Result<std::filesystem::path> default_home();

// Reads sceau.toml. Relative source paths are relative to the home. not_found without the file; invalid,
// with the line, for TOML that does not parse, an unknown key, a value of the wrong kind or a missing realm.
Result<HomeConfig> read_home_config(const Home& home);

// What a new home's genesis and gate.enrol statements name.
struct NewHome {
  Bytes gate_certificate;  // DER
  std::string log;         // the checkpoint key's vkey text
};

// Makes the folder, its configuration, its keys and an empty ledger. refused when the folder already holds a
// home; unavailable when a file cannot be written, and then what was made is removed again.
Result<NewHome> create_home(const Home& home, const HomeConfig& config, const Clock& clock, Random& random);

// The right to write in a home, held until destroyed.
class HomeLock {
 public:
  // refused when another process holds it, naming that process's id; unavailable when it cannot be made.
  static Result<HomeLock> take(const Home& home);

 private:
  explicit HomeLock(FileDescriptor descriptor) : descriptor_(std::move(descriptor)) {}
  FileDescriptor descriptor_;
};

}  // namespace sceau::gate
