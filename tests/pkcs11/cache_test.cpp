// The cache: hit, swapped card, and files that nobody should believe.
#include <CppUTest/TestHarness.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "fake_readers.h"
#include "sceau/base/clock.h"

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
  const std::string state =
      "sceau-pkcs11-cache 3\nmetadata walked " + std::to_string(SystemClock().now()) + " -\n";
  for (const std::string& text :
       {std::string(), std::string("sceau-pkcs11-cache 3\n"), state + "9A 9 9 9\n",
        std::string("sceau-pkcs11-cache 1\nmetadata walked\n"),
        std::string("sceau-pkcs11-cache 3\nmetadata walked 1 2 3\n"), std::string("\n\n\n")}) {
    std::ofstream(file, std::ios::trunc) << text;
    FakeModule module(true, cache());
    CHECK_EQUAL(all, list_all(module));
  }
  const std::string without_9a = state + "9A 1 1 17 0 0 0 0 - - -\n";
  std::ofstream(file, std::ios::trunc) << without_9a;
  {
    FakeModule module(true, cache());
    CHECK(all > list_all(module));  // this one was believed
  }
  std::ofstream(file, std::ios::trunc) << without_9a;
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

TEST_GROUP(CacheOfChanges) {
  std::filesystem::path folder;
  std::shared_ptr<FakeCard> card = FakeModule::make_card();
  std::shared_ptr<FixedClock> clock = std::make_shared<FixedClock>(1'800'000'000);
  void setup() override {
    std::string name = (std::filesystem::temp_directory_path() / "sceau-cache-XXXXXX").string();
    folder = ::mkdtemp(name.data());
    card->is_sceau = true;
  }
  void teardown() override { std::filesystem::remove_all(folder); }

  // A process with that card; its first commands have been seen and forgotten.
  std::unique_ptr<FakeModule> process() {
    pkcs11::TokenOptions options{std::make_shared<pkcs11::Cache>(folder), false, clock};
    auto module = std::make_unique<FakeModule>(options, pkcs11::ForeignOptions{}, false);
    module->card = card;
    CHECK_EQUAL(CKR_OK, C_Initialize(nullptr));
    card->seen.clear();
    return module;
  }
  static bool shows(FakeModule & module, CK_SESSION_HANDLE session, CK_BYTE id,
                    CK_OBJECT_CLASS object_class = CKO_PUBLIC_KEY) {
    return module.find_one(session, object_class, id) != CK_INVALID_HANDLE;
  }
};

TEST(CacheOfChanges, WhatAnotherProgramDidSinceIsSeenByTheNextProcess) {
  {
    auto first = process();
    const CK_SESSION_HANDLE session = first->open();
    first->find(session, {});
    CHECK(shows(*first, session, 1));
    CHECK_FALSE(shows(*first, session, 3));
  }
  static_cast<void>(card->keys[0x9D]);
  card->keys.erase(0x9A);
  auto second = process();
  const CK_SESSION_HANDLE session = second->open();
  CHECK_FALSE(shows(*second, session, 1));
  CHECK(shows(*second, session, 3));
}

TEST(CacheOfChanges, AKeyThatAnotherProgramReplacedIsReadAnewByTheNextProcess) {
  {
    auto first = process();
    first->find(first->open(), {});
  }
  card->keys.erase(0x9A);
  const Bytes point = card->keys[0x9A].point();
  auto second = process();
  const CK_SESSION_HANDLE session = second->open();
  const Bytes told = second->attribute(session, second->find_one(session, CKO_PUBLIC_KEY, 1), CKA_EC_POINT);
  CHECK(std::equal(point.begin(), point.end(), told.end() - static_cast<std::ptrdiff_t>(point.size())));
}

TEST(CacheOfChanges, WhatAnotherProgramDoesIsSeenByTheNextSearch) {
  auto module = process();
  const CK_SESSION_HANDLE session = module->open();
  module->find(session, {});
  static_cast<void>(card->keys[0x9D]);
  CHECK(shows(*module, session, 3));
  card->keys.erase(0x9D);
  CHECK_FALSE(shows(*module, session, 3));
  card->objects.erase({0x5F, 0xC1, 0x05});
  CHECK_FALSE(shows(*module, session, 1, CKO_CERTIFICATE));
  CHECK(shows(*module, session, 1));
}

TEST(CacheOfChanges, AnotherKeyInTheSamePlaceIsAnotherObject) {
  auto module = process();
  const CK_SESSION_HANDLE session = module->open();
  const CK_OBJECT_HANDLE before = module->find_one(session, CKO_PUBLIC_KEY, 1);
  card->keys.erase(0x9A);
  static_cast<void>(card->keys[0x9A]);
  CHECK(module->find_one(session, CKO_PUBLIC_KEY, 1) != before);
  CK_ULONG size = 0;
  CHECK_EQUAL(CKR_OBJECT_HANDLE_INVALID, C_GetObjectSize(session, before, &size));
}

TEST(CacheOfChanges, OneCommandChecksAllThatIsKnown) {
  {
    auto first = process();
    first->find(first->open(), {});
  }
  auto second = process();
  const CK_SESSION_HANDLE session = second->open();
  CHECK(second->find(session, {}).size() > 8);
  CHECK_EQUAL(3, card->seen.size());  // SELECT, serial number, directory
  CHECK(second->find(session, {}).size() > 8);
  CHECK_EQUAL(4, card->seen.size());  // the directory
}

TEST(CacheOfChanges, ListsOfAttestedKeysTakeTwelveCommandsAndThenThree) {
  static_cast<void>(card->keys[0x9D]);
  card->keys.erase(0x9E);
  for (const std::size_t most : {std::size_t{12}, std::size_t{3}}) {
    auto module = process();
    const CK_SESSION_HANDLE session = module->open();
    std::size_t certificates = 0;
    CK_OBJECT_CLASS object_class = CKO_CERTIFICATE;
    for (const CK_OBJECT_HANDLE object : module->find(session, {})) {
      if (module->attribute(session, object, CKA_CLASS) !=
          to_bytes({reinterpret_cast<const std::uint8_t*>(&object_class), sizeof object_class}))
        continue;
      CHECK(module->attribute(session, object, CKA_SUBJECT).size() > 2);  // as pkcs11-tool -O shows it
      ++certificates;
    }
    CHECK_EQUAL(5, certificates);  // two of their own, and what the card attests of three keys
    CHECK(card->seen.size() <= most);
  }
}

TEST(CacheOfChanges, ACertificateWithoutAKeyIsSeenWhereTheCardListsIt) {
  card->keys.erase(0x9A);
  auto module = process();
  CHECK(shows(*module, module->open(), 1, CKO_CERTIFICATE));
}

TEST(CacheOfChanges, OwnChangesForgetNothingElse) {
  auto module = process();
  const CK_SESSION_HANDLE session = module->open();
  module->find(session, {});
  CHECK_EQUAL(CKR_OK, module->log_in_as_officer(session));
  CK_BYTE id = 3;
  Bytes curve{0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07};
  CK_ATTRIBUTE of_public{CKA_EC_PARAMS, curve.data(), curve.size()};
  CK_ATTRIBUTE of_private{CKA_ID, &id, 1};
  CK_MECHANISM mechanism{CKM_EC_KEY_PAIR_GEN, nullptr, 0};
  CK_OBJECT_HANDLE keys[2]{};
  CHECK_EQUAL(CKR_OK,
              C_GenerateKeyPair(session, &mechanism, &of_public, 1, &of_private, 1, &keys[0], &keys[1]));
  card->seen.clear();
  CHECK(shows(*module, session, 1));
  CHECK(shows(*module, session, 3));
  CHECK_EQUAL(2, card->seen.size());  // the directory, twice
}

TEST(CacheOfChanges, ACardWithoutDirectoryIsBelievedForTenMinutes) {
  card->is_sceau = false;
  {
    auto first = process();
    const CK_SESSION_HANDLE session = first->open();
    first->find(session, {});
    static_cast<void>(card->keys[0x9D]);
    clock->advance(599);
    CHECK_FALSE(shows(*first, session, 3));
    clock->advance(1);
    CHECK(shows(*first, session, 3));
    card->keys.erase(0x9D);
  }
  clock->advance(599);
  {
    auto second = process();
    CHECK(shows(*second, second->open(), 3));
  }
  clock->advance(1);
  auto third = process();
  CHECK_FALSE(shows(*third, third->open(), 3));
}
