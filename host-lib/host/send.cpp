#include "sceau/host/send.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include "sceau/base/files.h"

namespace sceau::host {
namespace {

namespace fs = std::filesystem;

enum class Outcome { recorded, refused, later };

// Recorded by a sender whose answer was lost: it must not be sent again.
bool is_recorded(client::GateClient& gate, ByteView statement) {
  return gate.get("/receipts/" + to_hex(sha256(statement))).ok();
}

Outcome send_one(const Queued& queued, client::GateClient& gate, std::string& why) {
  if (is_recorded(gate, queued.statement)) return Outcome::recorded;
  auto submitted = gate.submit(queued.statement, queued.evidence);
  if (submitted) return Outcome::recorded;
  why = submitted.error().message;
  const ErrorKind kind = submitted.error().kind;
  return kind == ErrorKind::refused || kind == ErrorKind::invalid ? Outcome::refused : Outcome::later;
}

void set_aside(const Folder& folder, const fs::path& file) {
  std::error_code failed;
  fs::rename(file, folder.path() / "refused" / file.filename(), failed);
  if (failed) fs::remove(file, failed);
}

}  // namespace

Result<std::unique_ptr<client::GateClient>> open_gate(const Folder& folder, const Anchor& anchor) {
  return client::GateClient::open({anchor.url, folder.path() / "gate.pem"});
}

Result<Sent> send_queue(const Folder& folder, client::GateClient& gate) {
  const FileDescriptor lock(::open((folder.path() / "refused").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!lock.valid()) {
    return Error{ErrorKind::unavailable, "cannot lock the queue: " + system_error_text(errno)};
  }
  auto files = folder.queue();
  if (!files) return files.error();
  Sent sent;
  sent.waiting = files->size();
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return sent;
  for (const fs::path& file : *files) {
    auto queued = folder.read_queued(file);
    std::string why;
    Outcome outcome = Outcome::refused;
    if (queued) {
      outcome = send_one(*queued, gate, why);
    } else {
      if (queued.error().kind == ErrorKind::unavailable) return queued.error();
      why = queued.error().message;
    }
    if (outcome == Outcome::later) break;
    --sent.waiting;
    if (outcome == Outcome::recorded) {
      std::error_code failed;
      fs::remove(file, failed);
      ++sent.recorded;
    } else {
      set_aside(folder, file);
      sent.refusals.push_back(why);
    }
  }
  return sent;
}

Status refresh(const Folder& folder, const Anchor& anchor, client::GateClient& gate) {
  gate.use_session(anchor.pass);
  auto bytes = gate.get_bytes("/hosts/" + anchor.host + "/copy", 2 * registry::kLargestHostCopy);
  if (!bytes) return bytes.error();
  return folder.put_copy(*bytes, anchor);
}

Result<Anchor> ask_anchor(const std::string& host, client::GateClient& gate) {
  auto state = gate.state();
  if (!state) return state.error();
  auto digest = statement::digest_field(state->all, "certificate");
  if (!digest) return Error{ErrorKind::corrupt, "the gate does not name its certificate: update it"};
  auto der = gate.get_bytes("/blobs/" + to_hex(*digest), 65536);
  if (!der) return der.error().within("the gate's certificate");
  auto signer = pki::Certificate::from_der(*der);
  if (!signer) return signer.error().within("the gate's certificate");
  if (signer->digest() != *digest) return Error{ErrorKind::corrupt, "the gate gave another certificate"};
  return Anchor{host, state->realm, state->gate, gate.url(), std::move(*signer), {}};
}

}  // namespace sceau::host
