// A gate's home on disk, made from a test world: its ledger holds the world's entries, its keys are the
// world's, and its source is a small SQLite file. Removed with the object.
//
// Since the gate's ledger grows by itself, statements are written after what the ledger shows: use write()
// here, not the world's.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sceau/gate/gate.h"
#include "world.h"

namespace sceau::test {

// A folder of its own under the system's temporary one.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// What a client sends.
struct Signed {
  Bytes statement, evidence;
  [[nodiscard]] Digest digest() const { return sha256(statement); }
  [[nodiscard]] Digest evidence_digest() const { return sha256(evidence); }
};

class GateHome {
 public:
  // `people`: rows of IR_BEN_R, born in 1950 to 1959, as many in each year.
  explicit GateHome(World::Until until = World::Until::project, Time now = kBegin, int people = 200);

  [[nodiscard]] std::filesystem::path path() const { return folder_.path() / "home"; }
  // Opens the gate; ends the test when that fails.
  std::unique_ptr<gate::Gate> open(const std::string& vfs = {});
  gate::GateOptions options();

  // A statement signed by these people with their signing keys (login: with their log-in keys), after
  // `after`.
  Signed write(const std::string& type, const std::vector<std::string>& people, Value body,
               const statement::After& after, const Envelope& envelope = {});
  Signed write(const gate::Gate& gate, const std::string& type, const std::vector<std::string>& people,
               Value body, const Envelope& envelope = {});
  Signed login(const gate::Gate& gate, const std::string& person);
  // A request by dora: "aggregate" gives ten rows, "individual" one a person.
  Signed request(const gate::Gate& gate, const std::string& kind = "aggregate", std::int64_t max_rows = 1000);

  World world;
  std::vector<std::string> log;                          // what the gate said, line by line
  std::function<void(const std::string& line)> on_line;  // is told each of them

 private:
  void write_home();
  void write_source(int people);
  Folder folder_;
  std::mutex log_mutex_;
  SystemRandom random_;  // many threads may use it, unlike the world's
};

gate::Submission submission_of(const Signed& given, std::vector<Bytes> blobs = {});
// submit, which must answer with this state.
gate::Admission must_be(gate::Gate& gate, const Signed& given, const std::string& state);
// The caller behind a fresh session of this person.
gate::Caller log_in(GateHome& home, gate::Gate& gate, const std::string& person);
// Everything that a delivery has, said to have been sent; not completed.
Bytes receive(gate::Delivery& delivery);
// The newest entry of a type: its statement's body, or a step's verdict. Empty object when there is none.
Value newest(const gate::Gate& gate, const std::string& type);
// How many entries of a type there are.
int count(const gate::Gate& gate, const std::string& type);

}  // namespace sceau::test
