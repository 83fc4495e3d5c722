// Initialising, slots, events, fork, and ending while others are inside.
#include <CppUTest/TestHarness.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "fake_readers.h"

using namespace sceau;
using namespace sceau::test;

namespace {

// What a child process returned, by its exit code.
template <typename Work>
int in_child(Work work) {
  const pid_t child = fork();
  if (child == 0) _exit(work());
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_GROUP(Provider){};

TEST(Provider, InitialisingTwiceAndLocksOfTheCallersOwnAreRefused) {
  FakeModule module(false);
  CK_C_INITIALIZE_ARGS arguments{};
  arguments.LockMutex = [](void*) -> CK_RV { return CKR_OK; };
  CHECK_EQUAL(CKR_ARGUMENTS_BAD, C_Initialize(&arguments));
  arguments.UnlockMutex = arguments.DestroyMutex = arguments.LockMutex;
  arguments.CreateMutex = [](void**) -> CK_RV { return CKR_OK; };
  CHECK_EQUAL(CKR_CANT_LOCK, C_Initialize(&arguments));
  arguments.flags = CKF_OS_LOCKING_OK;
  arguments.pReserved = &arguments;
  CHECK_EQUAL(CKR_ARGUMENTS_BAD, C_Initialize(&arguments));
  arguments.pReserved = nullptr;
  CHECK_EQUAL(CKR_OK, C_Initialize(&arguments));
  CHECK_EQUAL(CKR_CRYPTOKI_ALREADY_INITIALIZED, C_Initialize(nullptr));
  CHECK_EQUAL(CKR_ARGUMENTS_BAD, C_Finalize(&arguments));
}

TEST(Provider, ListingSlotsSendsTheCardNothing) {
  FakeModule module;
  module.slot();
  CHECK(module.card->seen.empty());
}

TEST(Provider, SlotsStayWhenTheirReaderGoesAndKeepTheirId) {
  FakeModule module;
  const CK_SLOT_ID id = module.slot();
  module.readers->unplug("Fake");
  CK_ULONG count = 0;
  CHECK_EQUAL(CKR_OK, C_GetSlotList(CK_TRUE, nullptr, &count));
  CHECK_EQUAL(0, count);
  CHECK_EQUAL(CKR_OK, C_GetSlotList(CK_FALSE, nullptr, &count));
  CHECK_EQUAL(1, count);
  CK_SLOT_INFO info;
  CHECK_EQUAL(CKR_OK, C_GetSlotInfo(id, &info));
  CHECK_EQUAL(0, info.flags & CKF_TOKEN_PRESENT);
  CK_TOKEN_INFO token;
  CHECK_EQUAL(CKR_TOKEN_NOT_PRESENT, C_GetTokenInfo(id, &token));
  module.readers->insert("Fake", FakeModule::make_card());
  CHECK_EQUAL(CKR_OK, C_GetSlotInfo(id, &info));
  CHECK_EQUAL(id, module.slot());
  C_Finalize(nullptr);
  C_Initialize(nullptr);
  CHECK_EQUAL(id, module.slot());
}

TEST(Provider, SlotListAnswersSizeThenTooSmallThenRight) {
  FakeModule module;
  module.readers->insert("Other", FakeModule::make_card());
  CK_ULONG count = 0;
  CK_SLOT_ID slots[2];
  CHECK_EQUAL(CKR_OK, C_GetSlotList(CK_FALSE, nullptr, &count));
  CHECK_EQUAL(2, count);
  count = 1;
  CHECK_EQUAL(CKR_BUFFER_TOO_SMALL, C_GetSlotList(CK_FALSE, slots, &count));
  CHECK_EQUAL(2, count);
  CHECK_EQUAL(CKR_OK, C_GetSlotList(CK_FALSE, slots, &count));
  CHECK(slots[0] != slots[1]);
}

TEST(Provider, EventsAreToldOnce) {
  FakeModule module;
  CK_SLOT_ID slot = 0;
  CHECK_EQUAL(CKR_NO_EVENT, C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, nullptr));
  module.readers->insert("Fake", nullptr);
  CHECK_EQUAL(CKR_OK, C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, nullptr));
  CHECK_EQUAL(CKR_NO_EVENT, C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, nullptr));
  CHECK_EQUAL(CKR_ARGUMENTS_BAD, C_WaitForSlotEvent(CKF_DONT_BLOCK, nullptr, nullptr));
  CHECK_EQUAL(CKR_ARGUMENTS_BAD, C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, &slot));
}

TEST(Provider, WaitEndsWithTheNextInsertion) {
  FakeModule module;
  const CK_SLOT_ID id = module.slot();
  module.readers->insert("Fake", nullptr);
  CK_SLOT_ID slot = 0;
  C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, nullptr);
  CK_RV code = CKR_GENERAL_ERROR;
  std::thread waiting([&] { code = C_WaitForSlotEvent(0, &slot, nullptr); });
  module.readers->insert("Fake", FakeModule::make_card());
  waiting.join();
  CHECK_EQUAL(CKR_OK, code);
  CHECK_EQUAL(id, slot);
}

TEST(Provider, FinalizeWakesWhoeverWaits) {
  FakeModule module;
  std::atomic<bool> started = false;
  CK_RV code = CKR_OK;
  std::thread waiting([&] {
    CK_SLOT_ID slot = 0;
    started = true;
    code = C_WaitForSlotEvent(0, &slot, nullptr);
  });
  while (!started) std::this_thread::yield();
  CHECK_EQUAL(CKR_OK, C_Finalize(nullptr));
  waiting.join();
  CHECK_EQUAL(CKR_CRYPTOKI_NOT_INITIALIZED, code);
}

TEST(Provider, FinalizeDuringUseEndsCleanly) {
  for (int round = 0; round < 20; ++round) {
    FakeModule module;
    const CK_SESSION_HANDLE session = module.open();
    std::atomic<int> inside = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i)
      threads.emplace_back([&] {
        CK_RV code = CKR_OK;
        while (code != CKR_CRYPTOKI_NOT_INITIALIZED) {
          code = C_FindObjectsInit(session, nullptr, 0);
          ++inside;
          C_SessionCancel(session, CKF_FIND_OBJECTS);
        }
      });
    while (inside < 3) std::this_thread::yield();
    CHECK_EQUAL(CKR_OK, C_Finalize(nullptr));
    for (std::thread& thread : threads) thread.join();
  }
}

TEST(Provider, ChildOfForkMustInitialiseForItselfAndTheParentGoesOn) {
  FakeModule module;
  const CK_SESSION_HANDLE session = module.open();
  CK_SESSION_INFO info;
  const int code = in_child([&] {
    if (C_GetSessionInfo(session, &info) != CKR_CRYPTOKI_NOT_INITIALIZED) return 1;
    if (C_Finalize(nullptr) != CKR_CRYPTOKI_NOT_INITIALIZED) return 2;
    if (C_Initialize(nullptr) != CKR_OK) return 3;
    if (C_GetSessionInfo(session, &info) != CKR_SESSION_HANDLE_INVALID) return 4;
    return C_Finalize(nullptr) == CKR_OK ? 0 : 5;
  });
  CHECK_EQUAL(0, code);
  CHECK_EQUAL(CKR_OK, C_GetSessionInfo(session, &info));
  CHECK_EQUAL(CKR_OK, module.log_in(session));
}

TEST(Provider, ForkWhileAnotherThreadIsInsideLeavesTheChildNoLock) {
  FakeModule module;
  const CK_SESSION_HANDLE session = module.open();
  std::atomic<bool> stop = false;
  std::thread busy([&] {
    while (!stop) {
      CK_SESSION_INFO info;
      C_GetSessionInfo(session, &info);
      CK_ULONG count = 0;
      C_GetSlotList(CK_FALSE, nullptr, &count);
    }
  });
  int failures = 0;
  for (int round = 0; round < 20; ++round)
    failures += in_child([&] {
      CK_SESSION_INFO info;
      if (C_GetSessionInfo(session, &info) != CKR_CRYPTOKI_NOT_INITIALIZED) return 1;
      return C_Initialize(nullptr) == CKR_OK ? 0 : 2;
    });
  stop = true;
  busy.join();
  CHECK_EQUAL(0, failures);
}

TEST(Provider, FourTokensInFourThreadsDoNotWaitForEachOther) {
  FakeModule module;
  for (const char* reader : {"A", "B", "C", "D"}) module.readers->insert(reader, FakeModule::make_card());
  CK_ULONG count = 5;
  CK_SLOT_ID slots[5];
  CHECK_EQUAL(CKR_OK, C_GetSlotList(CK_FALSE, nullptr, &count));
  CHECK_EQUAL(CKR_OK, C_GetSlotList(CK_FALSE, slots, &count));
  CHECK_EQUAL(5, count);
  module.readers->meeting->wanted = 4;  // each command waits until four cards are at work
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < 5; ++i)
    threads.emplace_back([slot = slots[i]] {
      CK_TOKEN_INFO info;
      C_GetTokenInfo(slot, &info);
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(module.readers->meeting->happened);
}
