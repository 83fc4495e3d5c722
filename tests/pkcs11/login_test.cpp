// Logging in on the reader's own keys, PINs that are kept, and logging out of the card itself.
#include <CppUTest/TestHarness.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake_readers.h"
#include "pin_keeper.h"

using namespace sceau;
using namespace sceau::test;

namespace {

constexpr CK_BYTE kOnce = 1;    // 9A
constexpr CK_BYTE kAlways = 2;  // 9C

CK_RV sign_with(FakeModule& module, CK_SESSION_HANDLE session, CK_BYTE id) {
  CK_MECHANISM mechanism{CKM_ECDSA, nullptr, 0};
  const CK_RV begun = C_SignInit(session, &mechanism, module.find_one(session, CKO_PRIVATE_KEY, id));
  if (begun != CKR_OK) return begun;
  Bytes data(32, 7);
  Bytes signature(64);
  CK_ULONG size = signature.size();
  return C_Sign(session, data.data(), data.size(), signature.data(), &size);
}

CK_STATE state_of(CK_SESSION_HANDLE session) {
  CK_SESSION_INFO info;
  CHECK_EQUAL(CKR_OK, C_GetSessionInfo(session, &info));
  return info.state;
}

CK_FLAGS flags_of(FakeModule& module) {
  CK_TOKEN_INFO info;
  CHECK_EQUAL(CKR_OK, C_GetTokenInfo(module.slot(), &info));
  return info.flags;
}

// Another program gives up the card's log-in.
void forget_elsewhere(FakeModule& module) { CHECK(module.card->transmit(Bytes{0, 0x20, 0xFF, 0x80}).ok()); }

pkcs11::TokenOptions keeping_pins() {
  pkcs11::TokenOptions options;
  options.keep_pins = true;
  return options;
}

}  // namespace

TEST_GROUP(PinPadLogin) {
  FakeModule module;
  CK_SESSION_HANDLE session = module.open();
  void give_pad(const std::string& typed) {
    module.readers->pad->is_there = true;
    module.readers->pad->typed = typed;
  }
};

TEST(PinPadLogin, ATokenTellsWhetherItsReaderHasKeys) {
  CHECK_EQUAL(0, flags_of(module) & CKF_PROTECTED_AUTHENTICATION_PATH);
  give_pad("123456");
  CHECK((flags_of(module) & CKF_PROTECTED_AUTHENTICATION_PATH) != 0);
}

TEST(PinPadLogin, WithoutAPinTheReaderAsksForIt) {
  give_pad("123456");
  CHECK_EQUAL(CKR_OK, module.log_in_on_pad(session));
  CHECK_EQUAL(CKS_RW_USER_FUNCTIONS, state_of(session));
  CHECK_EQUAL(CKR_OK, sign_with(module, session, kOnce));
  CHECK_EQUAL(1, module.readers->pad->asked);
}

TEST(PinPadLogin, APinFromTheKeyboardStillCounts) {
  give_pad("");
  CHECK_EQUAL(CKR_OK, module.log_in(session));
  CHECK_EQUAL(0, module.readers->pad->asked);
}

TEST(PinPadLogin, WithoutPinAndWithoutKeysTheArgumentsAreBad) {
  CHECK_EQUAL(CKR_ARGUMENTS_BAD, module.log_in_on_pad(session));
  CHECK_EQUAL(CKR_ARGUMENTS_BAD, C_Login(session, CKU_USER, nullptr, 6));
  give_pad("123456");
  CHECK_EQUAL(CKR_ARGUMENTS_BAD, C_Login(session, CKU_USER, nullptr, 6));
  CHECK_EQUAL(CKR_ARGUMENTS_BAD, module.log_in_on_pad(session, CKU_SO));
  CHECK_EQUAL(0, module.readers->pad->asked);
  CHECK_EQUAL(CKS_RW_PUBLIC_SESSION, state_of(session));
}

TEST(PinPadLogin, AWrongPinAndNoPinAreToldApart) {
  give_pad("");
  CHECK_EQUAL(CKR_FUNCTION_CANCELED, module.log_in_on_pad(session));
  CHECK_EQUAL(3, module.card->tries);
  give_pad("111111");
  CHECK_EQUAL(CKR_PIN_INCORRECT, module.log_in_on_pad(session));
  give_pad("");
  CHECK_EQUAL(CKR_FUNCTION_CANCELED, module.log_in_on_pad(session));
  give_pad("111111");
  CHECK_EQUAL(CKR_PIN_INCORRECT, module.log_in_on_pad(session));
  CHECK_EQUAL(CKR_PIN_LOCKED, module.log_in_on_pad(session));
  CHECK_EQUAL(CKS_RW_PUBLIC_SESSION, state_of(session));
}

TEST(PinPadLogin, AKeyThatWantsItEachTimeAsksOnTheReaderEachTime) {
  give_pad("123456");
  CHECK_EQUAL(CKR_OK, module.log_in_on_pad(session));
  CK_MECHANISM mechanism{CKM_ECDSA, nullptr, 0};
  const CK_OBJECT_HANDLE key = module.find_one(session, CKO_PRIVATE_KEY, kAlways);
  for (int signatures = 1; signatures <= 2; ++signatures) {
    CHECK_EQUAL(CKR_OK, C_SignInit(session, &mechanism, key));
    CHECK_EQUAL(CKR_OK, module.log_in_on_pad(session, CKU_CONTEXT_SPECIFIC));
    CHECK_EQUAL(1 + signatures, module.readers->pad->asked);
    Bytes data(32), signature(64);
    CK_ULONG size = 64;
    CHECK_EQUAL(CKR_OK, C_Sign(session, data.data(), 32, signature.data(), &size));
  }
}

TEST(PinPadLogin, ThePinIsChangedOnTheReaderWhereItCan) {
  CHECK_EQUAL(CKR_ARGUMENTS_BAD, C_SetPIN(session, nullptr, 0, nullptr, 0));
  give_pad("123456");
  module.readers->pad->fresh = "654321";
  CHECK_EQUAL(CKR_FUNCTION_NOT_SUPPORTED, C_SetPIN(session, nullptr, 0, nullptr, 0));
  module.readers->pad->can_change = true;
  CHECK_EQUAL(CKR_OK, C_SetPIN(session, nullptr, 0, nullptr, 0));
  STRCMP_EQUAL("654321", module.card->pin.c_str());
  CHECK_EQUAL(CKR_PIN_INCORRECT, C_SetPIN(session, nullptr, 0, nullptr, 0));
  give_pad("");
  CHECK_EQUAL(CKR_FUNCTION_CANCELED, C_SetPIN(session, nullptr, 0, nullptr, 0));
  CK_BYTE pin[]{'6', '5', '4', '3', '2', '1'};
  CHECK_EQUAL(CKR_ARGUMENTS_BAD, C_SetPIN(session, pin, 6, nullptr, 0));
}

TEST_GROUP(KeptPin){};

TEST(KeptPin, ALogInThatAnotherProgramEndedIsMadeAgainWhereThePinIsKept) {
  FakeModule module(keeping_pins());
  const CK_SESSION_HANDLE session = module.open();
  CHECK_EQUAL(CKR_OK, module.log_in(session));
  forget_elsewhere(module);
  CHECK_EQUAL(CKR_OK, sign_with(module, session, kOnce));
  CHECK_EQUAL(CKS_RW_USER_FUNCTIONS, state_of(session));
}

TEST(KeptPin, ALogInThatAResetEndedIsMadeAgainWhereThePinIsKept) {
  FakeModule module(keeping_pins());
  const CK_SESSION_HANDLE session = module.open();
  CHECK_EQUAL(CKR_OK, module.log_in(session));
  module.card->reset();
  CHECK_EQUAL(CKR_OK, sign_with(module, session, kOnce));
}

TEST(KeptPin, WithoutItTheLostLogInIsReported) {
  FakeModule module;
  const CK_SESSION_HANDLE session = module.open();
  CHECK_EQUAL(CKR_OK, module.log_in(session));
  module.card->reset();
  CHECK_EQUAL(CKR_USER_NOT_LOGGED_IN, sign_with(module, session, kOnce));
  CHECK_EQUAL(CKS_RW_PUBLIC_SESSION, state_of(session));
}

TEST(KeptPin, AKeyThatWantsThePinEachTimeNeverGetsTheKeptOne) {
  FakeModule module(keeping_pins());
  const CK_SESSION_HANDLE session = module.open();
  CHECK_EQUAL(CKR_OK, module.log_in(session));
  forget_elsewhere(module);
  CHECK_EQUAL(CKR_USER_NOT_LOGGED_IN, sign_with(module, session, kAlways));
}

TEST(KeptPin, OneThatTheCardRefusesIsTriedOnceAndForgotten) {
  FakeModule module(keeping_pins());
  const CK_SESSION_HANDLE session = module.open();
  CHECK_EQUAL(CKR_OK, module.log_in(session));
  module.card->pin = "777777";  // another program changed it
  forget_elsewhere(module);
  CHECK_EQUAL(CKR_USER_NOT_LOGGED_IN, sign_with(module, session, kOnce));
  CHECK_EQUAL(2, module.card->tries);
  CHECK_EQUAL(CKS_RW_PUBLIC_SESSION, state_of(session));
  CHECK(sign_with(module, session, kOnce) != CKR_OK);
  CHECK_EQUAL(2, module.card->tries);
}

TEST(KeptPin, LoggingOutAndClosingForgetIt) {
  FakeModule module(keeping_pins());
  CK_SESSION_HANDLE session = module.open();
  CHECK_EQUAL(CKR_OK, module.log_in(session));
  CHECK_EQUAL(CKR_OK, C_Logout(session));
  CHECK(sign_with(module, session, kOnce) != CKR_OK);
  CHECK_EQUAL(CKR_OK, module.log_in(session));
  CHECK_EQUAL(CKR_OK, C_CloseSession(session));
  session = module.open();
  forget_elsewhere(module);
  CHECK(sign_with(module, session, kOnce) != CKR_OK);
}

TEST(KeptPin, ANewPinTakesItsPlace) {
  FakeModule module(keeping_pins());
  const CK_SESSION_HANDLE session = module.open();
  CHECK_EQUAL(CKR_OK, module.log_in(session));
  CK_BYTE before[]{'1', '2', '3', '4', '5', '6'};
  CK_BYTE after[]{'6', '5', '4', '3', '2', '1'};
  CHECK_EQUAL(CKR_OK, C_SetPIN(session, before, 6, after, 6));
  forget_elsewhere(module);
  CHECK_EQUAL(CKR_OK, sign_with(module, session, kOnce));
  CHECK_EQUAL(3, module.card->tries);
}

TEST(KeptPin, LiesInMemoryThatAChildDoesNotGet) {
  pkcs11::PinKeeper keeper;
  keeper.keep(Secret(as_bytes("123456")));
  CHECK(keeper.kept().has_value() && keeper.kept()->equals(as_bytes("123456")));
  const pid_t child = fork();
  if (child == 0) _exit(keeper.kept() ? 1 : 0);
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status));
  CHECK_EQUAL(0, WEXITSTATUS(status));
  CHECK(keeper.kept().has_value());
  keeper.forget();
  CHECK_FALSE(keeper.kept().has_value());
}

TEST_GROUP(LogOut){};

TEST(LogOut, TakesThePinAwayFromTheCardToo) {
  FakeModule module;
  const CK_SESSION_HANDLE session = module.open();
  CHECK_EQUAL(CKR_OK, module.log_in(session));
  CHECK_EQUAL(CKR_OK, sign_with(module, session, kOnce));
  CHECK_EQUAL(CKR_OK, C_Logout(session));
  // What another program is told when it asks whether the PIN is verified.
  CHECK(module.card->transmit(Bytes{0, 0x20, 0, 0x80}).value() == Bytes({0x63, 0xC3}));
}

TEST(LogOut, ACardThatKeepsThePinAllTheSameIsTold) {
  FakeModule module;
  const CK_SESSION_HANDLE session = module.open();
  module.card->forgets_pins = false;
  CHECK_EQUAL(CKR_OK, module.log_in(session));
  CHECK_EQUAL(CKR_DEVICE_ERROR, C_Logout(session));
  CHECK_EQUAL(CKS_RW_PUBLIC_SESSION, state_of(session));
}

TEST(LogOut, OfTheOfficerTakesTheManagementKeyAway) {
  FakeModule module;
  const CK_SESSION_HANDLE session = module.open();
  CHECK_EQUAL(CKR_OK, module.log_in_as_officer(session));
  const Bytes generate{0, 0x47, 0, 0x9D, 5, 0xAC, 3, 0x80, 1, 0x11};
  CHECK_EQUAL(CKR_OK, C_Logout(session));
  CHECK(module.card->transmit(generate).value() == Bytes({0x69, 0x82}));
}
