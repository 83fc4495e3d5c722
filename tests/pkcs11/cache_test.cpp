// The cache: hit, swapped card, and files that nobody should believe.
#include <CppUTest/TestHarness.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "fake_readers.h"

using namespace sceau;
using namespace sceau::test;

TEST_GROUP(CacheFiles) {
  std::filesystem::path folder;
  void setup() override {
    std::string name = (std::filesystem::temp_directory_path() / "sceau-cache-XXXXXX").string();
    folder = ::mkdtemp(name.data());
  }
  void teardown() override { std::filesystem::remove_all(folder); }
  std::shared_ptr<pkcs11::Cache> cache() const { return std::make_shared<pkcs11::Cache>(folder / "sub"); }
  std::vector<std::filesystem::path> files() const {
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder / "sub"))
      found.push_back(entry.path());
    return found;
  }
  static std::size_t list_all(FakeModule & module) { return module.find(module.open(), {}).size(); }
};

TEST(CacheFiles, SecondProcessAsksForIdentityOnly) {
  std::size_t cold = 0;
  auto card = FakeModule::make_card();
  {
    FakeModule module(false, cache());
    module.card = card;
    CHECK_EQUAL(CKR_OK, C_Initialize(nullptr));
    cold = list_all(module);
  }
  card->seen.clear();
  FakeModule module(false, cache());
  module.card = card;
  CHECK_EQUAL(CKR_OK, C_Initialize(nullptr));
  CHECK_EQUAL(cold, list_all(module));
  CHECK_EQUAL(3, card->seen.size());  // SELECT, serial number, CHUID
}

TEST(CacheFiles, FileIsTheUsersAlone) {
  FakeModule module(true, cache());
  list_all(module);
  CHECK_EQUAL(1, files().size());
  struct stat status {};
  CHECK_EQUAL(0, ::stat(files()[0].c_str(), &status));
  CHECK_EQUAL(0600, status.st_mode & 0777);
}

TEST(CacheFiles, AnotherCardGetsNothingOfTheFirst) {
  {
    FakeModule module(true, cache());
    list_all(module);
  }
  FakeModule module(false, cache());
  module.card->objects[{0x5F, 0xC1, 0x02}] = Bytes{0x53, 0x03, 0x34, 0x01, 0x55};  // another CHUID
  module.card->keys.clear();
  CHECK_EQUAL(CKR_OK, C_Initialize(nullptr));
  CHECK_EQUAL(CK_INVALID_HANDLE, module.find_one(module.open(), CKO_PUBLIC_KEY, 1));
}

TEST(CacheFiles, FilesThatOthersMayWriteAndBrokenOnesAreNotBelieved) {
  std::size_t all = 0;
  {
    FakeModule module(true, cache());
    all = list_all(module);
  }
  const auto file = files()[0];
  for (const std::string text :
       {"", "sceau-pkcs11-cache 1\n", "sceau-pkcs11-cache 1\nmetadata walked\n9A 9 9 9\n",
        "sceau-pkcs11-cache 2\nmetadata walked\n", "\n\n\n"}) {
    std::ofstream(file, std::ios::trunc) << text;
    FakeModule module(true, cache());
    CHECK_EQUAL(all, list_all(module));
  }
  std::ofstream(file, std::ios::trunc) << "sceau-pkcs11-cache 1\nmetadata walked\n";
  ::chmod(file.c_str(), 0666);
  FakeModule module(true, cache());
  CHECK_EQUAL(all, list_all(module));
}

TEST(CacheFiles, WhatIsWrittenIsReadBack) {
  FakeModule module(true, cache());
  list_all(module);
  std::ifstream stream(files()[0]);
  const std::string text((std::istreambuf_iterator<char>(stream)), {});
  const auto contents = pkcs11::Contents::parse(text);
  CHECK(contents.ok());
  STRCMP_EQUAL(text.c_str(), contents->serialise().c_str());
}
