// What the gate reads and writes in its home, for this room only.
#pragma once

#include <string>

#include "sceau/base/secret.h"
#include "sceau/gate/home.h"
#include "sceau/ledger/note.h"
#include "sceau/pki/authority.h"

namespace sceau::gate {

// The text of sceau.toml for a configuration.
std::string write_home_config(const HomeConfig& config);

// The keys of a home, read into memory.
struct HomeKeys {
  pki::SoftwareKey gate;
  pki::Certificate certificate;  // of `gate`
  ledger::NoteSigner checkpoint;
  Secret pseudonym;  // 32 bytes
};

// not_found or unavailable for a key file that cannot be read; refused when others than its owner may read
// it; invalid when it is malformed or gate.pem is not gate.key's.
Result<HomeKeys> read_home_keys(const Home& home, const HomeConfig& config);

}  // namespace sceau::gate
