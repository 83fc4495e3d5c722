// CKM_SCEAU_STATEMENT: clear-sign keys of a whole token in memory, shown and used through the module.
#include <filesystem>

#include "../firmware/clearsign/samples.h"
#include "sceau/evidence/evidence.h"
#include "sceau/evidence/verifier.h"
#include "sceau_pkcs11.h"
#include "token_module.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau;
using namespace sceau::test;

namespace {

constexpr CK_BYTE kFirst = 0xC1;
constexpr CK_BYTE kUncertified = 0xC2;

Bytes request() { return sample(*statement::find_type("extraction.request"), true); }
Bytes login() { return sample(*statement::find_type("login"), true); }

CK_ULONG number(const Bytes& value) {
  CK_ULONG read = 0;
  CHECK_EQUAL(sizeof read, value.size());
  std::copy(value.begin(), value.end(), reinterpret_cast<std::uint8_t*>(&read));
  return read;
}

}  // namespace

TEST_GROUP(Statements) {
  TokenModule over;
  FakeModule& module = over.module;
  CK_SESSION_HANDLE session = over.session;
  Bytes evidence = Bytes(65'536);
  CK_ULONG size = 0;

  CK_OBJECT_HANDLE key(CK_BYTE id = kFirst) { return over.find(CKO_PRIVATE_KEY, id); }
  CK_RV start(CK_MECHANISM_TYPE type = CKM_SCEAU_STATEMENT, CK_BYTE id = kFirst) {
    CK_MECHANISM mechanism{type, nullptr, 0};
    return C_SignInit(session, &mechanism, key(id));
  }
  // Ready for C_Sign.
  void begin() {
    CHECK_EQUAL(CKR_OK, module.log_in(session));
    CHECK_EQUAL(CKR_OK, start());
    CHECK_EQUAL(CKR_OK, module.log_in(session, "123456", CKU_CONTEXT_SPECIFIC));
  }
  CK_RV sign(Bytes statement) {
    size = evidence.size();
    return C_Sign(session, statement.data(), statement.size(), evidence.data(), &size);
  }
  // Whose evidence it is; empty: it is none over that statement.
  std::string holder(const Bytes& statement) {
    const auto read = evidence::parse(ByteView(evidence).first(size));
    if (!read || read->signatures.size() != 1) return {};
    evidence::Verifier verifier;
    const auto checked = verifier.verify_signature_only(read->signatures[0], statement::digest(statement));
    return checked ? read->signatures[0].person : std::string();
  }
};

TEST(Statements, AKeyIsShownWithOneMechanismAlone) {
  CHECK_EQUAL(CK_INVALID_HANDLE, key());
  const CK_OBJECT_HANDLE open = over.find(CKO_PUBLIC_KEY, kFirst);
  CHECK_EQUAL(CKR_OK, module.log_in(session));
  for (const CK_OBJECT_HANDLE one : {key(), open}) {
    CHECK_EQUAL(CKM_SCEAU_STATEMENT, number(module.attribute(session, one, CKA_ALLOWED_MECHANISMS)));
    CHECK_EQUAL(CKK_EC, number(module.attribute(session, one, CKA_KEY_TYPE)));
    CHECK_FALSE(module.attribute(session, one, CKA_SCEAU_KEY_POLICY).empty());
  }
  const Bytes point = module.attribute(session, open, CKA_EC_POINT);
  CHECK(std::equal(point.begin() + 2, point.end(), over.token->point().begin()));
  CHECK(module.attribute(session, key(), CKA_SIGN) == Bytes{CK_TRUE});
  CHECK(module.attribute(session, key(), CKA_ALWAYS_AUTHENTICATE) == Bytes{CK_TRUE});
  CHECK(module.attribute(session, key(), CKA_DERIVE) == Bytes{CK_FALSE});
  CHECK(module.attribute(session, open, CKA_VERIFY) == Bytes{CK_FALSE});
  CHECK(over.find(CKO_CERTIFICATE, kFirst) != CK_INVALID_HANDLE);
  CHECK_EQUAL(CK_INVALID_HANDLE, over.find(CKO_CERTIFICATE, kUncertified));
  CHECK(module.attribute(session, key(kUncertified), CKA_SIGN) == Bytes{CK_FALSE});
  CK_MECHANISM_INFO info{};
  CHECK_EQUAL(CKR_OK, C_GetMechanismInfo(module.slot(), CKM_SCEAU_STATEMENT, &info));
  CHECK_EQUAL(CKF_SIGN | CKF_HW, info.flags);
}

TEST(Statements, ListingTheKeysKeepsPivsLogIn) {
  CHECK_EQUAL(CKR_OK, module.log_in(session));
  CHECK(key() != CK_INVALID_HANDLE);
  CHECK_EQUAL(CKR_OK, start(CKM_ECDSA, 1));
  CHECK_EQUAL(CKR_OK, sign(Bytes(32, 7)));
}

TEST(Statements, NoOtherMechanismAndNoOtherKeyWorks) {
  CHECK_EQUAL(CKR_OK, module.log_in(session));
  CHECK_EQUAL(CKR_KEY_FUNCTION_NOT_PERMITTED, start(CKM_ECDSA));
  CHECK_EQUAL(CKR_KEY_FUNCTION_NOT_PERMITTED, start(CKM_ECDSA_SHA256));
  CHECK_EQUAL(CKR_KEY_TYPE_INCONSISTENT, start(CKM_RSA_PKCS));
  CHECK_EQUAL(CKR_KEY_FUNCTION_NOT_PERMITTED, start(CKM_SCEAU_STATEMENT, 1));
  CHECK_EQUAL(CKR_KEY_FUNCTION_NOT_PERMITTED, start(CKM_SCEAU_STATEMENT, kUncertified));
  CK_MECHANISM ecdsa{CKM_ECDSA, nullptr, 0};
  CK_MECHANISM own{CKM_SCEAU_STATEMENT, nullptr, 0};
  const CK_OBJECT_HANDLE open = over.find(CKO_PUBLIC_KEY, kFirst);
  CHECK_EQUAL(CKR_KEY_FUNCTION_NOT_PERMITTED, C_VerifyInit(session, &ecdsa, open));
  CHECK_EQUAL(CKR_MECHANISM_INVALID, C_VerifyInit(session, &own, open));
  CHECK_EQUAL(CKR_MECHANISM_INVALID, C_DecryptInit(session, &own, key()));
  CHECK_EQUAL(CKR_ACTION_PROHIBITED, C_DestroyObject(session, key()));
  CHECK_EQUAL(0, over.token->counter());
}

TEST(Statements, AStatementBecomesEvidence) {
  begin();
  CHECK_EQUAL(CKR_OK, sign(request()));
  STRCMP_EQUAL("alice", holder(request()).c_str());
  STRCMP_EQUAL("", holder(login()).c_str());
  CHECK_EQUAL(1, over.token->counter());
  CHECK_EQUAL(CKR_OPERATION_NOT_INITIALIZED, sign(request()));
}

TEST(Statements, InPartsItIsTheSame) {
  begin();
  Bytes statement = request();
  const std::size_t half = statement.size() / 2;
  CHECK_EQUAL(CKR_OK, C_SignUpdate(session, statement.data(), half));
  CHECK_EQUAL(CKR_OPERATION_ACTIVE, sign(statement));
  CHECK_EQUAL(CKR_OK, C_SignUpdate(session, statement.data() + half, statement.size() - half));
  size = 0;
  CHECK_EQUAL(CKR_OK, C_SignFinal(session, nullptr, &size));
  CHECK_EQUAL(CKR_OK, C_SignFinal(session, evidence.data(), &size));
  STRCMP_EQUAL("alice", holder(statement).c_str());
}

TEST(Statements, TheSizeAsksNobodyAndTooLittleRoomAsksOnce) {
  begin();
  Bytes statement = login();
  const int before = over.token->times_pressed();
  CK_ULONG enough = 0;
  CHECK_EQUAL(CKR_OK, C_Sign(session, statement.data(), statement.size(), nullptr, &enough));
  CHECK_EQUAL(before, over.token->times_pressed());
  size = 100;
  CHECK_EQUAL(CKR_BUFFER_TOO_SMALL,
              C_Sign(session, statement.data(), statement.size(), evidence.data(), &size));
  const CK_ULONG exact = size;
  CHECK_TEXT(exact <= enough && enough < exact + 768,
             (std::to_string(exact) + " of " + std::to_string(enough)).c_str());
  const int pressed = over.token->times_pressed();
  CHECK(pressed > before);
  CHECK_EQUAL(CKR_OK, C_Sign(session, statement.data(), statement.size(), nullptr, &size));
  CHECK_EQUAL(exact, size);
  CHECK_EQUAL(CKR_OPERATION_ACTIVE, C_SignUpdate(session, statement.data(), 1));
  CHECK_EQUAL(CKR_OK, sign(statement));
  CHECK_EQUAL(exact, size);
  STRCMP_EQUAL("alice", holder(statement).c_str());
  CHECK_EQUAL(pressed, over.token->times_pressed());
  CHECK_EQUAL(1, over.token->counter());
}

TEST(Statements, WhatIsKeptIsForThatStatementAlone) {
  begin();
  Bytes statement = login();
  size = 1;
  CHECK_EQUAL(CKR_BUFFER_TOO_SMALL,
              C_Sign(session, statement.data(), statement.size(), evidence.data(), &size));
  CHECK_EQUAL(CKR_DATA_INVALID, sign(request()));
  CHECK_EQUAL(CKR_OPERATION_NOT_INITIALIZED, sign(statement));
  CHECK_EQUAL(1, over.token->counter());
}

TEST(Statements, ThePinIsGivenForEachSignature) {
  CHECK_EQUAL(CKR_OK, module.log_in(session));
  CHECK_EQUAL(CKR_OK, start());
  CHECK_EQUAL(CKR_USER_NOT_LOGGED_IN, sign(login()));
  CHECK_EQUAL(CKR_OPERATION_NOT_INITIALIZED, module.log_in(session, "123456", CKU_CONTEXT_SPECIFIC));
  CHECK_EQUAL(CKR_OK, start());
  CHECK_EQUAL(CKR_PIN_INCORRECT, module.log_in(session, "654321", CKU_CONTEXT_SPECIFIC));
  CHECK_EQUAL(CKR_ARGUMENTS_BAD, module.log_in_on_pad(session, CKU_CONTEXT_SPECIFIC));
  CHECK_EQUAL(CKR_OK, module.log_in(session, "123456", CKU_CONTEXT_SPECIFIC));
  over.token->select_piv();  // another program comes between
  CHECK_EQUAL(CKR_USER_NOT_LOGGED_IN, sign(login()));
  CHECK_EQUAL(0, over.token->counter());
}

TEST(Statements, WhatTheTokenRefusesHasACodeOfItsOwn) {
  begin();
  CHECK_EQUAL(CKR_DATA_INVALID, sign(Bytes(32, 7)));
  const auto again = [&] {
    CHECK_EQUAL(CKR_OK, start());
    CHECK_EQUAL(CKR_OK, module.log_in(session, "123456", CKU_CONTEXT_SPECIFIC));
  };
  again();
  CHECK_EQUAL(CKR_FUNCTION_REJECTED, sign(sample(*statement::find_type("policy.set"), true)));
  again();
  CHECK_EQUAL(CKR_DATA_INVALID, sign(decision_on(request(), evidence_by("alice"))));
  again();
  CHECK_EQUAL(CKR_DATA_LEN_RANGE, sign(Bytes(60'000, ' ')));
  again();
  over.token->press_button(false);
  CHECK_EQUAL(CKR_FUNCTION_CANCELED, sign(login()));
  over.token->press_button(true);
  over.clock->advance(3600);
  again();
  CHECK_EQUAL(CKR_FUNCTION_REJECTED, sign(login()));
  CHECK_EQUAL(0, over.token->counter());
}

TEST(Statements, ADecisionComesWithItsRequest) {
  Bytes about = request();
  Bytes first = evidence_by("alice");
  const Bytes approval = decision_on(about, first);
  CHECK_EQUAL(CKR_OK, module.log_in(session));
  CK_SCEAU_STATEMENT_PARAMS params{about.data(), about.size(), first.data(), first.size()};
  CK_MECHANISM mechanism{CKM_SCEAU_STATEMENT, &params, sizeof params};
  mechanism.ulParameterLen = 1;
  CHECK_EQUAL(CKR_MECHANISM_PARAM_INVALID, C_SignInit(session, &mechanism, key()));
  mechanism.ulParameterLen = sizeof params;
  params.ulEvidenceLen = 0;
  CHECK_EQUAL(CKR_MECHANISM_PARAM_INVALID, C_SignInit(session, &mechanism, key()));
  params.ulEvidenceLen = first.size();
  CHECK_EQUAL(CKR_OK, C_SignInit(session, &mechanism, key()));
  std::fill(about.begin(), about.end(), std::uint8_t{0});  // it was only borrowed
  CHECK_EQUAL(CKR_OK, module.log_in(session, "123456", CKU_CONTEXT_SPECIFIC));
  CHECK_EQUAL(CKR_OK, sign(approval));
  STRCMP_EQUAL("alice", holder(approval).c_str());
}

TEST(Statements, SigningEndsPivsLogInAndSaysSo) {
  begin();
  CHECK_EQUAL(CKR_OK, sign(login()));
  CHECK_EQUAL(CKR_OK, start(CKM_ECDSA, 1));
  CHECK_EQUAL(CKR_USER_NOT_LOGGED_IN, sign(Bytes(32, 7)));
  CHECK_EQUAL(CKR_OK, module.log_in(session));
  CHECK_EQUAL(CKR_OK, start(CKM_ECDSA, 1));
  CHECK_EQUAL(CKR_OK, sign(Bytes(32, 7)));
}

TEST_GROUP(PulledToken){};

TEST(PulledToken, AtEachCommandOfAStatementItIsToldAndTheNextInsertionWorks) {
  const auto token = std::make_shared<TokenInMemory>();
  Bytes statement = login();
  CK_RV code = CKR_GENERAL_ERROR;
  std::size_t commands = 0;
  for (; code != CKR_OK; ++commands) {
    token->leaves_at.reset();
    TokenModule over(token);
    CHECK_EQUAL(CKR_OK, over.module.log_in(over.session));
    CK_MECHANISM mechanism{CKM_SCEAU_STATEMENT, nullptr, 0};
    const CK_OBJECT_HANDLE key = over.find(CKO_PRIVATE_KEY, kFirst);
    CHECK_EQUAL(CKR_OK, C_SignInit(over.session, &mechanism, key));
    token->leaves_at = token->seen.size() + commands;
    code = over.module.log_in(over.session, "123456", CKU_CONTEXT_SPECIFIC);
    Bytes evidence(65'536);
    CK_ULONG size = evidence.size();
    if (code == CKR_OK)
      code = C_Sign(over.session, statement.data(), statement.size(), evidence.data(), &size);
    if (code != CKR_OK) CHECK_EQUAL(CKR_DEVICE_REMOVED, code);
  }
  CHECK(commands > 8);
}

TEST_GROUP(StatementCosts) {
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("statements-" + std::to_string(::getpid()));
  void teardown() override { std::filesystem::remove_all(folder); }
};

// In a process that knows nothing, and in the next.
TEST(StatementCosts, AKeyCostsOneCommandOnce) {
  const auto token = std::make_shared<TokenInMemory>();
  const auto cost = [&] {
    TokenModule over(token, std::make_shared<pkcs11::Cache>(folder));
    const std::size_t before = token->seen.size();
    CHECK(over.find(CKO_PUBLIC_KEY, kFirst) != CK_INVALID_HANDLE);
    return token->seen.size() - before;
  };
  CHECK_EQUAL(4, cost());  // serial number, directory, two keys
  CHECK_EQUAL(2, cost());
}
