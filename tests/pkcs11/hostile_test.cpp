// Every function of the table, with arguments that no honest caller gives.
#include <CppUTest/TestHarness.h>

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include "fake_readers.h"

using namespace sceau;
using namespace sceau::test;

namespace {

// What each argument of a call is.
template <typename T>
T zero() {
  return T{};
}
template <typename T>
T huge() {
  if constexpr (std::is_pointer_v<T>)
    return nullptr;
  else
    return static_cast<T>(~T{});
}
template <typename... Parameters>
CK_RV call_zeros(CK_RV (*function)(Parameters...)) {
  return function(zero<Parameters>()...);
}
template <typename... Parameters>
CK_RV call_huge(CK_RV (*function)(Parameters...)) {
  return function(huge<Parameters>()...);
}
// The first argument is a real session or slot; the others as before.
template <typename... Rest>
CK_RV call_with(CK_ULONG handle, CK_RV (*function)(CK_ULONG, Rest...), bool large) {
  return large ? function(handle, huge<Rest>()...) : function(handle, zero<Rest>()...);
}

struct Row {
  const char* name;
  CK_RV (*zeros)();
  CK_RV (*larges)();
};
#define SCEAU_ROW(since, name, parameters, arguments) \
  Row{"C_" #name, [] { return call_zeros(C_##name); }, [] { return call_huge(C_##name); }},
#define SCEAU_ALWAYS(since, name, parameters, arguments)
#define SCEAU_GENERAL SCEAU_ROW
#define SCEAU_SLOT SCEAU_ROW
#define SCEAU_SESSION SCEAU_ROW
#define SCEAU_ABSENT SCEAU_ROW
#define SCEAU_NEVER SCEAU_ROW
const std::vector<Row> kInitialisedOnly{
#include "functions.inc"
};
#undef SCEAU_GENERAL
#undef SCEAU_SLOT
#undef SCEAU_SESSION
#undef SCEAU_ABSENT
#undef SCEAU_NEVER

struct SessionRow {
  const char* name;
  CK_RV (*call)(CK_SESSION_HANDLE, bool);
};
#define SCEAU_GENERAL(since, name, parameters, arguments)
#define SCEAU_SLOT SCEAU_GENERAL
#define SCEAU_SESSION(since, name, parameters, arguments) \
  SessionRow{"C_" #name,                                  \
             [](CK_SESSION_HANDLE session, bool large) { return call_with(session, C_##name, large); }},
#define SCEAU_ABSENT SCEAU_GENERAL
#define SCEAU_NEVER SCEAU_GENERAL
const std::vector<SessionRow> kSessionFunctions{
#include "functions.inc"
};
#undef SCEAU_SESSION
#undef SCEAU_ABSENT
#undef SCEAU_NEVER
#define SCEAU_SESSION SCEAU_GENERAL
#define SCEAU_ABSENT(since, name, parameters, arguments) \
  SessionRow{"C_" #name,                                 \
             [](CK_SESSION_HANDLE session, bool large) { return call_with(session, C_##name, large); }},
#define SCEAU_NEVER SCEAU_ABSENT
const std::vector<SessionRow> kAbsentFunctions{
#include "functions.inc"
};

void check_code(CK_RV expected, CK_RV code, const char* name) { CHECK_EQUAL_TEXT(expected, code, name); }

}  // namespace

TEST_GROUP(Hostile){};

TEST(Hostile, NothingWorksBeforeInitialising) {
  for (const Row& row : kInitialisedOnly) {
    check_code(CKR_CRYPTOKI_NOT_INITIALIZED, row.zeros(), row.name);
    check_code(CKR_CRYPTOKI_NOT_INITIALIZED, row.larges(), row.name);
  }
  CHECK_EQUAL(CKR_CRYPTOKI_NOT_INITIALIZED, C_Finalize(nullptr));
}

TEST(Hostile, ZerosAndHugeNumbersAreRefusedByEveryFunction) {
  FakeModule module;
  for (const Row& row : kInitialisedOnly) {
    CHECK_TEXT(row.zeros() != CKR_OK, row.name);
    CHECK_TEXT(row.larges() != CKR_OK, row.name);
  }
  CHECK_EQUAL(CKR_ARGUMENTS_BAD, C_GetFunctionList(nullptr));
  CHECK_EQUAL(CKR_ARGUMENTS_BAD, C_GetInterface(nullptr, nullptr, nullptr, 0));
  CHECK_EQUAL(CKR_ARGUMENTS_BAD, C_GetInterfaceList(nullptr, nullptr));
}

TEST(Hostile, WrongSessionHandleIsNamedBeforeAnythingElse) {
  FakeModule module;
  for (const auto& rows : {kSessionFunctions, kAbsentFunctions})
    for (const SessionRow& row : rows) {
      check_code(CKR_SESSION_HANDLE_INVALID, row.call(CK_INVALID_HANDLE, false), row.name);
      check_code(CKR_SESSION_HANDLE_INVALID, row.call(4711, true), row.name);
    }
}

TEST(Hostile, RealSessionWithNothingElseNeverCrashesNorBreaksTheSession) {
  FakeModule module;
  const CK_SESSION_HANDLE session = module.open();
  for (const bool large : {false, true})
    for (const SessionRow& row : kSessionFunctions) {
      const CK_RV code = row.call(session, large);
      CHECK_TEXT(code != CKR_GENERAL_ERROR && code != CKR_HOST_MEMORY, row.name);
    }
  C_SessionCancel(session, ~CK_FLAGS{});
  CHECK_EQUAL(CKR_OK, module.log_in(session));
}

TEST(Hostile, LoggedInSessionWithNothingElseNeverCrashes) {
  FakeModule module;
  const CK_SESSION_HANDLE session = module.open();
  CHECK_EQUAL(CKR_OK, module.log_in(session));
  for (const bool large : {true, false})
    for (const SessionRow& row : kSessionFunctions)
      CHECK_TEXT(row.call(session, large) != CKR_GENERAL_ERROR, row.name);
}

TEST(Hostile, FunctionsThatCardsDoNotHaveSaySo) {
  FakeModule module;
  const CK_SESSION_HANDLE session = module.open();
  for (const SessionRow& row : kAbsentFunctions)
    check_code(CKR_FUNCTION_NOT_SUPPORTED, row.call(session, false), row.name);
}

TEST(Hostile, ListsHoldEveryFunctionUnderItsVersion) {
  CHECK_EQUAL(2, pkcs11::functions_2_40()->version.major);
  CHECK_EQUAL(40, pkcs11::functions_2_40()->version.minor);
  CHECK_EQUAL(3, pkcs11::functions_3_0()->version.major);
  CHECK_EQUAL(2, pkcs11::functions_3_2()->version.minor);
  CHECK_EQUAL(sizeof(CK_FUNCTION_LIST_3_0) + 12 * sizeof(void*), sizeof(CK_FUNCTION_LIST_3_2));
#undef SCEAU_ALWAYS
#undef SCEAU_GENERAL
#undef SCEAU_SLOT
#undef SCEAU_SESSION
#undef SCEAU_ABSENT
#undef SCEAU_NEVER
#define SCEAU_IN_3_0(name) CHECK(pkcs11::functions_3_0()->C_##name == C_##name);
#define SCEAU_SINCE_2_40 SCEAU_IN_3_0
#define SCEAU_SINCE_3_0 SCEAU_IN_3_0
#define SCEAU_SINCE_3_2(name)
#define SCEAU_ALWAYS(since, name, parameters, arguments) \
  SCEAU_SINCE_##since(name);                             \
  CHECK(pkcs11::functions_3_2()->C_##name == C_##name);
#define SCEAU_GENERAL SCEAU_ALWAYS
#define SCEAU_SLOT SCEAU_ALWAYS
#define SCEAU_SESSION SCEAU_ALWAYS
#define SCEAU_ABSENT SCEAU_ALWAYS
#define SCEAU_NEVER SCEAU_ALWAYS
#include "functions.inc"
  CHECK(pkcs11::functions_2_40()->C_WaitForSlotEvent == C_WaitForSlotEvent);
}

TEST(Hostile, InterfacesAreFoundByNameVersionAndFlags) {
  CK_INTERFACE* interface = nullptr;
  CK_BYTE name[] = "PKCS 11";
  CK_BYTE other[] = "Vendor";
  CK_VERSION version{2, 40};
  CHECK_EQUAL(CKR_OK, C_GetInterface(nullptr, nullptr, &interface, 0));
  POINTERS_EQUAL(pkcs11::functions_3_0(), interface->pFunctionList);
  CHECK_EQUAL(CKR_OK, C_GetInterface(name, &version, &interface, 0));
  POINTERS_EQUAL(pkcs11::functions_2_40(), interface->pFunctionList);
  CHECK_EQUAL(CKR_FUNCTION_FAILED, C_GetInterface(other, nullptr, &interface, 0));
  CHECK_EQUAL(CKR_FUNCTION_FAILED, C_GetInterface(name, nullptr, &interface, CKF_INTERFACE_FORK_SAFE));
  version = {3, 2};
  CHECK_EQUAL(CKR_OK, C_GetInterface(name, &version, &interface, 0));
  POINTERS_EQUAL(pkcs11::functions_3_2(), interface->pFunctionList);
  version = {3, 7};
  CHECK_EQUAL(CKR_FUNCTION_FAILED, C_GetInterface(name, &version, &interface, 0));
}

TEST(Hostile, TemplatesOfWrongShapesAreRefused) {
  FakeModule module;
  const CK_SESSION_HANDLE session = module.open();
  CK_BYTE byte = 1;
  CK_ATTRIBUTE null_value{CKA_LABEL, nullptr, 5};
  CK_ATTRIBUTE short_class{CKA_CLASS, &byte, 1};
  CK_ATTRIBUTE twice[]{{CKA_ID, &byte, 1}, {CKA_ID, &byte, 0}};
  CHECK_EQUAL(CKR_ARGUMENTS_BAD, C_FindObjectsInit(session, nullptr, 3));
  CHECK_EQUAL(CKR_ARGUMENTS_BAD, C_FindObjectsInit(session, &null_value, 1));
  CHECK_EQUAL(CKR_ATTRIBUTE_VALUE_INVALID, C_FindObjectsInit(session, &short_class, 1));
  CHECK_EQUAL(CKR_TEMPLATE_INCONSISTENT, C_FindObjectsInit(session, twice, 2));
  CHECK_EQUAL(CKR_OPERATION_NOT_INITIALIZED, C_FindObjectsFinal(session));
}

TEST(Hostile, ManyThreadsWithWrongAndRightHandlesLeaveTheModuleWhole) {
  FakeModule module;
  const CK_SESSION_HANDLE session = module.open();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([session] {
      for (int round = 0; round < 5; ++round)
        for (const SessionRow& row : kSessionFunctions) {
          row.call(session, round % 2 == 0);
          row.call(CK_INVALID_HANDLE, false);
        }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK_EQUAL(CKR_OK, C_CloseSession(session));
  CHECK_EQUAL(CKR_SESSION_HANDLE_INVALID, C_CloseSession(session));
}

TEST(Hostile, TheWalkGoesOnWhileTheModuleEndsAndBegins) {
  FakeModule module;
  std::atomic<CK_SESSION_HANDLE> session = module.open();
  std::atomic<bool> stop = false;
  std::atomic<int> walks = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i)
    threads.emplace_back([&, i] {
      for (; !stop; ++walks) {
        for (const SessionRow& row : kSessionFunctions) row.call(session, walks % 2 == i % 2);
        for (const Row& row : kInitialisedOnly)
          // It would wait until the module ends.
          if (std::string_view(row.name) != "C_WaitForSlotEvent") row.zeros();
      }
    });
  for (int round = 0; round < 5; ++round) {
    const int before = walks;
    while (walks < before + 3) std::this_thread::yield();
    CHECK_EQUAL(CKR_OK, C_Finalize(nullptr));
    CHECK_EQUAL(CKR_OK, C_Initialize(nullptr));
    session = module.open();
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  CHECK_EQUAL(CKR_OK, module.log_in(session));
}

TEST(Hostile, AForkDuringTheWalkLeavesTheChildAModuleOfItsOwn) {
  FakeModule module;
  const CK_SESSION_HANDLE session = module.open();
  std::atomic<bool> stop = false;
  std::thread walking([&] {
    while (!stop)
      for (const SessionRow& row : kSessionFunctions) row.call(session, true);
  });
  int failures = 0;
  for (int round = 0; round < 10; ++round) {
    const pid_t child = fork();
    if (child == 0) {
      if (C_CloseSession(session) != CKR_CRYPTOKI_NOT_INITIALIZED) _exit(1);
      if (C_Initialize(nullptr) != CKR_OK) _exit(2);
      _exit(C_CloseSession(session) == CKR_SESSION_HANDLE_INVALID ? 0 : 3);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) ++failures;
  }
  stop = true;
  walking.join();
  CHECK_EQUAL(0, failures);
}
