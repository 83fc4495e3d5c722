#include "sceau/token/trail.h"

#include <CppUTest/TestHarness.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "sceau/base/digest.h"
#include "sceau/base/files.h"

using namespace sceau;
using namespace sceau::token;

TEST_GROUP(Trail) {
  std::filesystem::path folder;
  std::string file;
  void setup() override {
    std::string name = std::filesystem::temp_directory_path() / "sceau-trail-XXXXXX";
    folder = mkdtemp(name.data());
    file = folder / "trail";
  }
  void teardown() override {
    unsetenv("SCEAU_TRAIL");
    std::filesystem::remove_all(folder);
  }
  std::string written() {
    auto bytes = read_file(file);
    return bytes ? to_text(*bytes) : std::string();
  }
};

TEST(Trail, IsOffUnlessAFileIsNamed) {
  note_key_use("slot 9C of R", "ECDSA", Bytes{1});
  setenv("SCEAU_TRAIL", "", 1);
  note_key_use("slot 9C of R", "ECDSA", Bytes{1});
  CHECK(std::filesystem::is_empty(folder));
}

TEST(Trail, ALineSaysWhenWhoWhichKeyHowAndWhat) {
  setenv("SCEAU_TRAIL", file.c_str(), 1);
  note_key_use("slot 9C of R", "ECDSA", Bytes{1, 2});
  note_key_use("slot 9A of R", "ECDSA", Bytes{3});
  const auto text = written();
  const auto first = text.substr(0, text.find('\n'));
  CHECK(first.find("\"digest\":\"" + to_hex(sha256(Bytes{1, 2})) + "\"") != std::string::npos);
  CHECK(first.find("\"key\":\"slot 9C of R\"") != std::string::npos);
  CHECK(first.find("\"mechanism\":\"ECDSA\"") != std::string::npos);
  CHECK(first.find("\"pid\":" + std::to_string(getpid())) != std::string::npos);
  CHECK(first.find("\"program\":\"test-token\"") != std::string::npos);
  CHECK(first.find("\"time\":\"20") != std::string::npos);
  CHECK_EQUAL(2, static_cast<int>(std::count(text.begin(), text.end(), '\n')));
  struct stat status {};
  CHECK_EQUAL(0, stat(file.c_str(), &status));
  CHECK_EQUAL(0600U, status.st_mode & 0777U);
}

TEST(Trail, ANameCannotBreakOutOfItsLine) {
  setenv("SCEAU_TRAIL", file.c_str(), 1);
  note_key_use("slot 9C of \"R\"\n{\\", "ECDSA", Bytes{1});
  CHECK(written().find("slot 9C of ?R??{?") != std::string::npos);
}

TEST(Trail, ASymbolicLinkIsNotFollowed) {
  const auto target = folder / "target";
  std::filesystem::create_symlink(target, file);
  setenv("SCEAU_TRAIL", file.c_str(), 1);
  note_key_use("slot 9C of R", "ECDSA", Bytes{1});
  CHECK_FALSE(std::filesystem::exists(target));
}
