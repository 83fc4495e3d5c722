#include "connect/peer.h"

#include <sys/stat.h>

#include <filesystem>

#include "connect/password.h"
#include "sceau/base/files.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau;
using namespace sceau::connect;

TEST_GROUP(ConnectPeer){};

TEST(ConnectPeer, IsWhoeverOwnsTheOtherEndOfAnEstablishedConnection) {
  // A listening socket, our end (uid 1000), their end (uid 1001), and one of another port.
  const std::string table =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
      "   0: 0100007F:1539 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1 0 100 "
      "0 0 10 0\n"
      "   1: 0100007F:1539 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 2 1 0 20 4 "
      "30 10 -1\n"
      "   2: 0100007F:C350 0100007F:1539 01 00000000:00000000 00:00000000 00000000  1001        0 3 1 0 20 4 "
      "30 10 -1\n"
      "   3: 0100007F:C351 0100007F:1539 06 00000000:00000000 00:00000000 00000000     0        0 0 1 0 20 4 "
      "30 10 -1\n";
  LONGS_EQUAL(1001, *peer_in(table, 0x1539, 0xC350));
  CHECK(!peer_in(table, 0x1539, 0xC352).has_value());
  CHECK(!peer_in(table, 0x1539, 0xC351).has_value());  // closed already: nobody's
  const std::string mapped =
      "   0: 0000000000000000FFFF00000100007F:C350 0000000000000000FFFF00000100007F:1539 01 0:0 0:0 0 1002 0 "
      "3\n";
  LONGS_EQUAL(1002, *peer_in(mapped, 0x1539, 0xC350));
}

TEST_GROUP(ConnectPassword) {
  std::filesystem::path folder;
  void setup() override {
    char name[] = "/tmp/sceau-connect-XXXXXX";
    folder = ::mkdtemp(name);
  }
  void teardown() override { std::filesystem::remove_all(folder); }
};

TEST(ConnectPassword, IsMadeOnceAndReadableToItsOwnerAlone) {
  SystemRandom random;
  const auto made = password_file(folder / "password", random);
  CHECK(made.ok());
  LONGS_EQUAL(64, made->size());
  struct stat about {};
  LONGS_EQUAL(0, ::stat((folder / "password").c_str(), &about));
  LONGS_EQUAL(0600, about.st_mode & 0777);
  const auto again = password_file(folder / "password", random);
  CHECK(again->equals(made->view()));
}

TEST(ConnectPassword, ThatOthersMayReadIsRefused) {
  SystemRandom random;
  CHECK(password_file(folder / "password", random).ok());
  ::chmod((folder / "password").c_str(), 0644);
  CHECK(password_file(folder / "password", random).error().kind == ErrorKind::refused);
  std::filesystem::create_symlink(folder / "password", folder / "link");
  CHECK(password_file(folder / "link", random).error().kind == ErrorKind::refused);
}
