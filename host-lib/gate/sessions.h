// Sessions: opened by an admitted log-in, named by a random bearer of which only the SHA-256 is kept. They
// live in memory alone: a gate that restarts asks for a new log-in.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "sceau/base/random.h"
#include "sceau/gate/gate.h"
#include "sceau/registry/registry.h"

namespace sceau::gate {

// Whom a bearer stands for: the person, and the key that signed the log-in.
struct SessionOwner {
  std::string person;
  std::string serial;    // of the token
  Digest certificate{};  // of the key; of a FIDO2 key SHA-256 of its credential id
  Time until = 0;
  bool reads_only = false;  // nothing was signed for it
};

class Sessions {
 public:
  // A person has at most 16 sessions: the one that ends first makes room.
  Session open(SessionOwner owner, Random& random);
  // The owner of a session that has not ended; authentication otherwise.
  Result<SessionOwner> find(std::string_view bearer, Time now);
  // Whose it is, unless it only reads; it may have ended meanwhile. Nothing of what nobody opened.
  std::optional<std::string> person_of(std::string_view bearer);
  void close(std::string_view bearer);

 private:
  std::mutex mutex_;
  std::map<Digest, SessionOwner> sessions_;  // by SHA-256 of the bearer
};

// Whether the person and the key still have what the log-in found them to have. authentication, with the
// reason.
Status still_stands(const registry::Registry& registry, const SessionOwner& owner, Time now);

}  // namespace sceau::gate
