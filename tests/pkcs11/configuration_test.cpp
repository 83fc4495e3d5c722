// What people configure.
#include "configuration.h"

#include <CppUTest/TestHarness.h>
#include <unistd.h>

#include <fstream>

using namespace sceau::pkcs11;

TEST_GROUP(Configurations) {
  std::filesystem::path folder;
  void setup() override {
    std::string name = (std::filesystem::temp_directory_path() / "sceau-p11-XXXXXX").string();
    folder = ::mkdtemp(name.data());
  }
  void teardown() override { std::filesystem::remove_all(folder); }
  // What the user's file and the machine's say; null: there is no such file.
  bool keeps_pins(const char* own, const char* machine) {
    for (const auto& [name, text] : {std::pair{"own", own}, std::pair{"machine", machine}}) {
      std::filesystem::remove_all(folder / name);
      std::filesystem::create_directories(folder / name);
      if (text != nullptr) std::ofstream(folder / name / "pkcs11.conf") << text;
    }
    return read_configuration({folder / "own", folder / "machine"}).pin_cache;
  }
};

TEST(Configurations, PinsAreKeptOnlyWhereSomebodySaysYes) {
  CHECK_FALSE(keeps_pins(nullptr, nullptr));
  CHECK(keeps_pins("pin-cache = yes\n", nullptr));
  CHECK(keeps_pins("# comfort\n  pin-cache=yes  # here\n", "pin-cache = no\n"));
  CHECK(keeps_pins(nullptr, "pin-cache = yes\n"));
  CHECK_FALSE(keeps_pins("pin-cache = no\n", "pin-cache = yes\n"));
  CHECK_FALSE(keeps_pins("# pin-cache = yes\n", nullptr));
  CHECK_FALSE(keeps_pins("pin-cache = 1\nother = yes\n", nullptr));
}

TEST(Configurations, TheMachineCanForbidIt) {
  CHECK_FALSE(keeps_pins("pin-cache = yes\n", "pin-cache = never\n"));
}

TEST(Configurations, ModulesOfBothFilesCountOnce) {
  CHECK_FALSE(keeps_pins(nullptr, nullptr));
  std::ofstream(folder / "own" / "pkcs11-modules") << "/a.so # mine\n\n/b.so\r\n";
  std::ofstream(folder / "machine" / "pkcs11-modules") << "/b.so\n/c d.so";
  const auto modules = read_configuration({folder / "own", folder / "machine"}).modules;
  CHECK(modules == std::vector<std::string>({"/a.so", "/b.so", "/c d.so"}));
}

TEST(Configurations, WhoseCredentialsOnFido2KeysAreShown) {
  CHECK_FALSE(keeps_pins(nullptr, nullptr));
  const auto read = [&] { return read_configuration({folder / "own", folder / "machine"}); };
  CHECK(read().fido2);
  CHECK(read().relying_parties == std::vector<std::string>({"localhost"}));
  CHECK_FALSE(keeps_pins("relying-party = gate.example  other.example\n", "relying-party = x\nfido2 = no\n"));
  CHECK_FALSE(read().fido2);
  CHECK(read().relying_parties == std::vector<std::string>({"gate.example", "other.example"}));
}
