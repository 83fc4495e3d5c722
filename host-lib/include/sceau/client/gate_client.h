// A gate, from outside: HTTPS with TLS 1.3, bodies in canonical JSON.
//
// The gate's certificate is pinned: the PEM file given holds either the gate's own certificate, and then no
// other key is spoken to, whatever its name; or the authority that issued it, and then the name is checked
// too. Nothing is sent before that. A client speaks to one gate, from one thread at a time.
//
// Failures: unavailable (no answer; it may come later), authentication (wrong certificate, session missing or
// over), refused and invalid (the gate's own line), not_found, corrupt (an answer that breaks its format).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sceau/base/clock.h"
#include "sceau/base/digest.h"
#include "sceau/base/secret.h"
#include "sceau/statement/value.h"

namespace sceau::client {

struct GateAddress {
  std::string url;                    // https://host:port
  std::filesystem::path certificate;  // PEM
};

// What GET /state says. `checkpoint` is a signed note that nobody verified yet: see seen.h.
struct GateState {
  std::string realm;
  std::string gate;
  std::string version;
  std::string checkpoint;
  Time time = 0;
  statement::Value all;  // policy, recovery, authorities and what later versions add
};

// The answer to a statement.
struct Submitted {
  std::string state;  // admitted, pending, …
  statement::Value receipt;
  std::vector<std::string> alarms;     // that its entry raised; submit_and_run alone says them
  std::vector<std::string> notices;    // of a script that was run and committed: `delivered`
  std::optional<Digest> request;       // extraction.request only
  std::optional<std::string> session;  // login only: a bearer token
  std::optional<Time> session_until;   // login only
};

class GateClient {
 public:
  // Asked about once a second while something may take long: yes ends it.
  using Stopped = std::function<bool()>;

  // Reads the certificate; talks to nobody yet. not_found or invalid: the certificate file.
  static Result<std::unique_ptr<GateClient>> open(const GateAddress& address);
  ~GateClient();
  GateClient(const GateClient&) = delete;
  GateClient& operator=(const GateClient&) = delete;

  [[nodiscard]] const std::string& url() const;

  Result<GateState> state();
  Result<Submitted> submit(ByteView statement, ByteView evidence, const std::vector<Bytes>& blobs = {});
  // The same with a session, and a script of kind work is run before the answer comes; see rows().
  Result<Submitted> submit_and_run(ByteView statement, ByteView evidence, Stopped stopped);

  // The bearer token that the calls below present; see POST /statements of a login.
  void use_session(std::string_view token);

  // Answers as canonical JSON. `path` begins with a slash. `wait` is how long the gate may take beyond the
  // usual time-out, in seconds.
  Result<statement::Value> get(const std::string& path, long wait = 0);
  // A question that is too long for a path; nothing is written because of it.
  Result<statement::Value> ask(const std::string& path, const statement::Value& question);
  // Answers as they come, up to `limit` bytes.
  Result<Bytes> get_bytes(const std::string& path, std::size_t limit = 64U << 20U);

  // The rows of an admitted request, once, piece by piece. A piece that `sink` refuses ends the transfer with
  // that error. unavailable when the line breaks, or `stopped`, asked about once a second, says yes: the
  // bytes given so far must not be used.
  using Sink = std::function<Status(ByteView piece)>;
  Status rows(const Digest& request, const Sink& sink, Stopped stopped = {});

 private:
  struct Handle;
  explicit GateClient(std::unique_ptr<Handle> handle);
  std::unique_ptr<Handle> handle_;
};

}  // namespace sceau::client
