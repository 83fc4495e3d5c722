// Events of other makers' modules, through ours.
#include <CppUTest/TestHarness.h>
#include <dlfcn.h>

#include <set>
#include <thread>

#include "fake_readers.h"

using namespace sceau;
using namespace sceau::test;

TEST_GROUP(ForeignEvents) {
  void* library = ::dlopen(SCEAU_FOREIGN_MODULE, RTLD_NOW | RTLD_LOCAL);
  std::unique_ptr<FakeModule> module;

  void put(CK_SLOT_ID slot, bool is_there) {
    reinterpret_cast<void (*)(CK_SLOT_ID, CK_BBOOL)>(::dlsym(library, "foreign_put"))(
        slot, static_cast<CK_BBOOL>(is_there));
  }
  void start(bool tells_events) {
    CHECK(library != nullptr);
    reinterpret_cast<void (*)(CK_BBOOL)>(::dlsym(library, "foreign_tells_events"))(
        static_cast<CK_BBOOL>(tells_events));
    module = std::make_unique<FakeModule>(pkcs11::TokenOptions{},
                                          pkcs11::ForeignOptions{{SCEAU_FOREIGN_MODULE}, ""});
  }
  void teardown() override { module.reset(); }

  // Our slots that are told now, without waiting.
  static std::set<CK_SLOT_ID> events() {
    std::set<CK_SLOT_ID> told;
    CK_SLOT_ID slot = 0;
    while (C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, nullptr) == CKR_OK) told.insert(slot);
    return told;
  }
  static std::set<CK_SLOT_ID> with_token() {
    CK_SLOT_ID slots[8];
    CK_ULONG count = 8;
    CHECK_EQUAL(CKR_OK, C_GetSlotList(CK_TRUE, slots, &count));
    return {slots, slots + count};
  }
};

TEST(ForeignEvents, ATokenThatComesAndGoesInAnotherModuleIsToldOnce) {
  for (const bool tells_events : {true, false}) {
    start(tells_events);
    CHECK(events().empty());
    const auto before = with_token();
    put(1, true);
    const auto told = events();
    CHECK_EQUAL(1, told.size());
    CHECK(events().empty());
    const auto now = with_token();
    CHECK(now.count(*told.begin()) == 1 && before.count(*told.begin()) == 0);
    put(1, false);
    CHECK(events() == told);
    CHECK(events().empty());
    module.reset();
  }
}

TEST(ForeignEvents, WhoeverWaitsIsWokenByOne) {
  for (const bool tells_events : {true, false}) {
    start(tells_events);
    CHECK(events().empty());
    CK_SLOT_ID slot = 0;
    CK_RV code = CKR_GENERAL_ERROR;
    put(0, true);
    std::thread waiting([&] { code = C_WaitForSlotEvent(0, &slot, nullptr); });
    waiting.join();
    CHECK_EQUAL(CKR_OK, code);
    CHECK_EQUAL(1, with_token().count(slot));
    module.reset();
  }
}

TEST(ForeignEvents, WhatIsThereFromTheBeginningIsNoNews) {
  start(false);
  module.reset();
  put(0, true);
  module = std::make_unique<FakeModule>(pkcs11::TokenOptions{},
                                        pkcs11::ForeignOptions{{SCEAU_FOREIGN_MODULE}, ""});
  CHECK(events().empty());
  CHECK_EQUAL(2, with_token().size());
}
