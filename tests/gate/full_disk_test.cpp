// The disk is full while the gate appends: on a small tmpfs of its own.
#include <CppUTest/TestHarness.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <ctime>
#include <fstream>

#include "gate_process.h"
#include "http.h"
#include "sceau/ledger/check.h"

using namespace sceau;
using namespace sceau::test;

namespace {

// A tmpfs in a mount namespace of this process's own, so that nothing outside sees it. False where that is
// not allowed.
bool mount_small(const std::filesystem::path& folder, const char* size) {
  static const bool separate =
      ::unshare(CLONE_NEWNS) == 0 && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  std::filesystem::create_directories(folder);
  return separate && ::mount("sceau-test", folder.c_str(), "tmpfs", 0, size) == 0;
}

// Fills the file system to its last byte.
void fill(const std::filesystem::path& file) {
  std::ofstream out(file, std::ios::binary);
  const std::string block(4096, 'x');
  while (out.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
  }
}

}  // namespace

TEST_GROUP(FullDisk) {
  GateHome home{World::Until::project, std::time(nullptr)};
  Folder mounted;
  bool possible = mount_small(mounted.path() / "disk", "size=16m");
  std::filesystem::path path() const { return mounted.path() / "disk" / "home"; }

  void teardown() override { ::umount2((mounted.path() / "disk").c_str(), MNT_DETACH); }

  // False, after saying so, where a test may not mount.
  bool ready() {
    if (!possible) {
      std::fprintf(stderr, "full disk: mounting a tmpfs is not allowed here: not tested\n");
      return false;
    }
    std::filesystem::copy(home.path(), path(), std::filesystem::copy_options::recursive);
    return true;
  }
  Signed request(HttpsClient & client) {
    return home.write("extraction.request", {"dora"}, home.world.request_body(), newest_tree(client));
  }
};

TEST(FullDisk, IsSaidNothingIsHalfDoneAndRoomIsEnoughToGoOn) {
  if (!ready()) return;
  GateProcess gate(path());
  const auto client = gate.connect();
  CHECK(client != nullptr);
  const Signed before = request(*client);
  LONGS_EQUAL(200, client->post("/statements", envelope_of(before)).status);
  fill(path() / "ballast");

  HttpAnswer answer;
  Signed refused;
  const auto tree = newest_tree(*client);
  for (int i = 0; i < 200 && answer.status != 503; ++i) {  // until what the database had left is used up
    refused = request(*client);
    answer = client->post("/statements", envelope_of(refused));
  }
  LONGS_EQUAL(503, answer.status);
  STRCMP_EQUAL("unavailable", field(json_of(answer), "kind").c_str());
  CHECK(newest_tree(*client).size >= tree.size);
  LONGS_EQUAL(404, client->get("/receipts/" + to_hex(refused.digest())).status);

  std::filesystem::remove(path() / "ballast");
  LONGS_EQUAL(200, client->post("/statements", envelope_of(refused)).status);  // its id was not used up
  gate.stop(SIGTERM);
  auto log = ledger::Ledger::open(path() / "ledger.db", log_signer()).value();
  CHECK(ledger::check(*log, &log_signer().verifier()).ok());
}

TEST(FullDisk, ASpoolWithoutRoomIsAnInterruptedResultWithNothingSent) {
  if (!ready()) return;
  CHECK(mount_small(path() / "spool", "size=64k"));
  GateProcess gate(path());
  const auto client = gate.connect();
  const Signed asked = request(*client);
  LONGS_EQUAL(200, client->post("/statements", envelope_of(asked)).status);
  const std::string session = log_in(home, *client, "dora");
  fill(path() / "spool" / "ballast");
  const HttpAnswer rows = client->get("/requests/" + to_hex(asked.digest()) + "/rows", session);
  LONGS_EQUAL(503, rows.status);
  STRCMP_CONTAINS("No space left on device", field(json_of(rows), "error").c_str());
  const Value result = json_of(client->get("/requests/" + to_hex(asked.digest()) + "/result", session));
  const auto stated = statement::read_statement(from_base64(field(result, "statement")).value()).value();
  STRCMP_EQUAL("interrupted", field(stated.body, "outcome").c_str());
  LONGS_EQUAL(0, stated.body.find("bytes")->as_int());
  gate.stop(SIGTERM);
  ::umount2((path() / "spool").c_str(), MNT_DETACH);
}
