// Log-in, signing, and what is told when the card leaves or forgets.
#include <CppUTest/TestHarness.h>

#include <atomic>
#include <thread>

#include "fake_readers.h"

using namespace sceau;
using namespace sceau::test;

namespace {

CK_MECHANISM ecdsa() { return {CKM_ECDSA, nullptr, 0}; }

struct Signer {
  FakeModule module;
  CK_SESSION_HANDLE session = module.open();
  Bytes data = Bytes(32, 7);
  Bytes signature = Bytes(64);
  CK_ULONG size = 64;

  CK_RV start(CK_BYTE id) {
    CK_MECHANISM mechanism = ecdsa();
    return C_SignInit(session, &mechanism, module.find_one(session, CKO_PRIVATE_KEY, id));
  }
  CK_RV sign() {
    size = signature.size();
    return C_Sign(session, data.data(), data.size(), signature.data(), &size);
  }
  CK_RV verify(CK_BYTE id) {
    CK_MECHANISM mechanism = ecdsa();
    CHECK_EQUAL(CKR_OK, C_VerifyInit(session, &mechanism, module.find_one(session, CKO_PUBLIC_KEY, id)));
    return C_Verify(session, data.data(), data.size(), signature.data(), signature.size());
  }
};

}  // namespace

TEST_GROUP(Signing){};

TEST(Signing, ASignatureVerifiesAndAnotherDoesNot) {
  Signer signer;
  CHECK_EQUAL(CKR_OK, signer.module.log_in(signer.session));
  CHECK_EQUAL(CKR_OK, signer.start(1));
  CHECK_EQUAL(CKR_OK, signer.sign());
  CHECK_EQUAL(CKR_OK, signer.verify(1));
  signer.signature[5] ^= 1;
  CHECK_EQUAL(CKR_SIGNATURE_INVALID, signer.verify(1));
  signer.signature.pop_back();
  CHECK_EQUAL(CKR_SIGNATURE_LEN_RANGE, signer.verify(1));
}

TEST(Signing, TheSignatureMayComeFirst) {
  Signer signer;
  CHECK_EQUAL(CKR_OK, signer.module.log_in(signer.session));
  CHECK_EQUAL(CKR_OK, signer.start(1));
  CHECK_EQUAL(CKR_OK, signer.sign());
  CK_MECHANISM mechanism = ecdsa();
  const CK_OBJECT_HANDLE key = signer.module.find_one(signer.session, CKO_PUBLIC_KEY, 1);
  const auto start = [&] {
    return C_VerifySignatureInit(signer.session, &mechanism, key, signer.signature.data(), 64);
  };
  CHECK_EQUAL(CKR_OK, start());
  CHECK_EQUAL(CKR_OPERATION_NOT_INITIALIZED,
              C_Verify(signer.session, signer.data.data(), 32, signer.signature.data(), 64));
  CHECK_EQUAL(CKR_OK, C_VerifySignature(signer.session, signer.data.data(), 32));
  CHECK_EQUAL(CKR_OPERATION_NOT_INITIALIZED, C_VerifySignature(signer.session, signer.data.data(), 32));
  CHECK_EQUAL(CKR_OK, start());
  CHECK_EQUAL(CKR_OK, C_VerifySignatureUpdate(signer.session, signer.data.data(), 20));
  CHECK_EQUAL(CKR_OK, C_VerifySignatureUpdate(signer.session, signer.data.data() + 20, 12));
  CHECK_EQUAL(CKR_OK, C_VerifySignatureFinal(signer.session));
  signer.signature[5] ^= 1;
  CHECK_EQUAL(CKR_OK, start());
  CHECK_EQUAL(CKR_SIGNATURE_INVALID, C_VerifySignature(signer.session, signer.data.data(), 32));
  CK_FLAGS flags = 1;
  CHECK_EQUAL(CKR_OK, C_GetSessionValidationFlags(signer.session, CKS_LAST_VALIDATION_OK, &flags));
  CHECK_EQUAL(0, flags);
}

TEST(Signing, SizeThenTooSmallThenRightIsOneOperation) {
  Signer signer;
  CHECK_EQUAL(CKR_OK, signer.module.log_in(signer.session));
  CHECK_EQUAL(CKR_OK, signer.start(1));
  CK_ULONG size = 0;
  CHECK_EQUAL(CKR_OK, C_Sign(signer.session, signer.data.data(), 32, nullptr, &size));
  CHECK_EQUAL(64, size);
  size = 63;
  CHECK_EQUAL(CKR_BUFFER_TOO_SMALL,
              C_Sign(signer.session, signer.data.data(), 32, signer.signature.data(), &size));
  CHECK_EQUAL(64, size);
  CHECK_EQUAL(CKR_OK, signer.sign());
  CHECK_EQUAL(CKR_OPERATION_NOT_INITIALIZED, signer.sign());
}

TEST(Signing, InPartsAndWholeGiveTheSameDigest) {
  Signer signer;
  CHECK_EQUAL(CKR_OK, signer.module.log_in(signer.session));
  CK_MECHANISM mechanism{CKM_ECDSA_SHA256, nullptr, 0};
  const CK_OBJECT_HANDLE key = signer.module.find_one(signer.session, CKO_PRIVATE_KEY, 1);
  CHECK_EQUAL(CKR_OK, C_SignInit(signer.session, &mechanism, key));
  CHECK_EQUAL(CKR_OK, C_SignUpdate(signer.session, signer.data.data(), 20));
  CHECK_EQUAL(CKR_OPERATION_ACTIVE, signer.sign());
  CHECK_EQUAL(CKR_OK, C_SignUpdate(signer.session, signer.data.data() + 20, 12));
  CHECK_EQUAL(CKR_OK, C_SignFinal(signer.session, signer.signature.data(), &signer.size));
  const CK_OBJECT_HANDLE public_key = signer.module.find_one(signer.session, CKO_PUBLIC_KEY, 1);
  CHECK_EQUAL(CKR_OK, C_VerifyInit(signer.session, &mechanism, public_key));
  CHECK_EQUAL(CKR_OK, C_Verify(signer.session, signer.data.data(), 32, signer.signature.data(), 64));
}

TEST(Signing, OneOperationAtATimeUntilItIsCancelled) {
  Signer signer;
  CHECK_EQUAL(CKR_OK, signer.module.log_in(signer.session));
  CHECK_EQUAL(CKR_OK, signer.start(1));
  CK_MECHANISM mechanism{CKM_SHA256, nullptr, 0};
  CHECK_EQUAL(CKR_OPERATION_ACTIVE, C_DigestInit(signer.session, &mechanism));
  CHECK_EQUAL(CKR_OK, C_SessionCancel(signer.session, CKF_DIGEST));
  CHECK_EQUAL(CKR_OPERATION_ACTIVE, C_DigestInit(signer.session, &mechanism));
  CHECK_EQUAL(CKR_OK, C_SessionCancel(signer.session, CKF_SIGN));
  CHECK_EQUAL(CKR_OK, C_DigestInit(signer.session, &mechanism));
}

TEST(Signing, WrongKeysAndMechanismsAreNamed) {
  Signer signer;
  CHECK_EQUAL(CKR_OK, signer.module.log_in(signer.session));
  CK_MECHANISM mechanism{0x80001234, nullptr, 0};
  const CK_OBJECT_HANDLE key = signer.module.find_one(signer.session, CKO_PRIVATE_KEY, 1);
  CHECK_EQUAL(CKR_MECHANISM_INVALID, C_SignInit(signer.session, &mechanism, key));
  mechanism = {CKM_SHA256, nullptr, 0};
  CHECK_EQUAL(CKR_MECHANISM_INVALID, C_SignInit(signer.session, &mechanism, key));
  mechanism = {CKM_RSA_PKCS, nullptr, 0};
  CHECK_EQUAL(CKR_KEY_TYPE_INCONSISTENT, C_SignInit(signer.session, &mechanism, key));
  CK_BYTE parameter = 1;
  mechanism = {CKM_ECDSA, &parameter, 1};
  CHECK_EQUAL(CKR_MECHANISM_PARAM_INVALID, C_SignInit(signer.session, &mechanism, key));
  mechanism = ecdsa();
  CHECK_EQUAL(CKR_KEY_HANDLE_INVALID, C_SignInit(signer.session, &mechanism, key + 1));
  const CK_OBJECT_HANDLE public_key = signer.module.find_one(signer.session, CKO_PUBLIC_KEY, 1);
  CHECK_EQUAL(CKR_KEY_HANDLE_INVALID, C_SignInit(signer.session, &mechanism, public_key));
  CHECK_EQUAL(CKR_ARGUMENTS_BAD, C_SignInit(signer.session, nullptr, key));
  CHECK_EQUAL(CKR_OK, C_SignInit(signer.session, &mechanism, key));
}

TEST(Signing, WrongPinCostsATryAndTheLastOneLocks) {
  Signer signer;
  CK_TOKEN_INFO info;
  const CK_SLOT_ID slot = signer.module.slot();
  CHECK_EQUAL(CKR_PIN_INCORRECT, signer.module.log_in(signer.session, "12345"));
  CHECK_EQUAL(3, signer.module.card->tries);
  CHECK_EQUAL(CKR_PIN_INCORRECT, signer.module.log_in(signer.session, "000000"));
  CHECK_EQUAL(CKR_OK, C_GetTokenInfo(slot, &info));
  CHECK_EQUAL(CKF_USER_PIN_COUNT_LOW, info.flags & (CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY));
  CHECK_EQUAL(CKR_PIN_INCORRECT, signer.module.log_in(signer.session, "000000"));
  CHECK_EQUAL(CKR_OK, C_GetTokenInfo(slot, &info));
  CHECK((info.flags & CKF_USER_PIN_FINAL_TRY) != 0);
  CHECK_EQUAL(CKR_PIN_LOCKED, signer.module.log_in(signer.session, "000000"));
  CHECK_EQUAL(CKR_PIN_LOCKED, signer.module.log_in(signer.session));
  CHECK_EQUAL(CKR_OK, C_GetTokenInfo(slot, &info));
  CHECK((info.flags & CKF_USER_PIN_LOCKED) != 0);
}

TEST(Signing, LogInStatesFollowTheSpecification) {
  Signer signer;
  const CK_SESSION_HANDLE reader = signer.module.open(0);
  CHECK_EQUAL(CKR_USER_TYPE_INVALID, signer.module.log_in(signer.session, "123456", 9));
  CHECK_EQUAL(CKR_SESSION_READ_ONLY_EXISTS, signer.module.log_in_as_officer(signer.session));
  CHECK_EQUAL(CKR_OPERATION_NOT_INITIALIZED,
              signer.module.log_in(signer.session, "123456", CKU_CONTEXT_SPECIFIC));
  CHECK_EQUAL(CKR_OK, signer.module.log_in(signer.session));
  CHECK_EQUAL(CKR_USER_ALREADY_LOGGED_IN, signer.module.log_in(reader));
  CHECK_EQUAL(CKR_USER_ANOTHER_ALREADY_LOGGED_IN, signer.module.log_in_as_officer(signer.session));
  CK_SESSION_INFO info;
  CHECK_EQUAL(CKR_OK, C_GetSessionInfo(reader, &info));
  CHECK_EQUAL(CKS_RO_USER_FUNCTIONS, info.state);
  CHECK_EQUAL(CKR_OK, C_Logout(reader));
  CHECK_EQUAL(CKR_USER_NOT_LOGGED_IN, C_Logout(signer.session));
  CHECK_EQUAL(CKR_OK, C_CloseSession(reader));
  CHECK_EQUAL(CKR_PIN_INCORRECT, signer.module.log_in(signer.session, std::string(48, '0'), CKU_SO));
  CHECK_EQUAL(CKR_OK, signer.module.log_in_as_officer(signer.session));
  CK_SESSION_HANDLE refused = 0;
  CHECK_EQUAL(CKR_SESSION_READ_WRITE_SO_EXISTS,
              C_OpenSession(signer.module.slot(), CKF_SERIAL_SESSION, nullptr, nullptr, &refused));
}

TEST(Signing, ClosingTheLastSessionLogsOut) {
  Signer signer;
  CHECK_EQUAL(CKR_OK, signer.module.log_in(signer.session));
  CHECK_EQUAL(CKR_OK, C_CloseAllSessions(signer.module.slot()));
  signer.session = signer.module.open();
  CK_SESSION_INFO info;
  CHECK_EQUAL(CKR_OK, C_GetSessionInfo(signer.session, &info));
  CHECK_EQUAL(CKS_RW_PUBLIC_SESSION, info.state);
}

TEST(Signing, AlwaysAuthenticateWantsThePinForEachSignature) {
  Signer signer;
  CHECK_EQUAL(CKR_OK, signer.module.log_in(signer.session));
  CHECK_EQUAL(CKR_OK, signer.start(2));
  CHECK_EQUAL(CKR_USER_NOT_LOGGED_IN, signer.sign());
  CHECK_EQUAL(CKR_OK, signer.start(2));
  CHECK_EQUAL(CKR_OK, signer.module.log_in(signer.session, "123456", CKU_CONTEXT_SPECIFIC));
  const std::size_t before = signer.module.card->seen.size();
  CHECK_EQUAL(CKR_OK, signer.sign());
  CHECK_EQUAL(before + 1, signer.module.card->seen.size());
  CHECK_EQUAL(CKR_OK, signer.verify(2));
  CHECK_EQUAL(CKR_OK, signer.start(2));
  CHECK_EQUAL(CKR_USER_NOT_LOGGED_IN, signer.sign());
}

TEST(Signing, LostLogInIsReportedAndTheNextOneWorks) {
  Signer signer;
  CHECK_EQUAL(CKR_OK, signer.module.log_in(signer.session));
  CHECK_EQUAL(CKR_OK, signer.start(1));
  // Another program: a wrong PIN takes the card's log-in away, as a reset does.
  static_cast<void>(
      signer.module.card->transmit(Bytes{0, 0x20, 0, 0x80, 8, '9', '9', '9', '9', '9', '9', 0xFF, 0xFF}));
  CHECK_EQUAL(CKR_USER_NOT_LOGGED_IN, signer.sign());
  CK_SESSION_INFO info;
  CHECK_EQUAL(CKR_OK, C_GetSessionInfo(signer.session, &info));
  CHECK_EQUAL(CKS_RW_PUBLIC_SESSION, info.state);
  CHECK_EQUAL(CKR_OK, signer.module.log_in(signer.session));
  CHECK_EQUAL(CKR_OK, signer.start(1));
  CHECK_EQUAL(CKR_OK, signer.sign());
}

TEST(Signing, ATouchThatDoesNotComeKeepsTheLogIn) {
  Signer signer;
  CHECK_EQUAL(CKR_OK, signer.module.log_in(signer.session));
  CHECK_EQUAL(CKR_OK, signer.start(1));
  signer.module.card->refuses_touch = true;
  CHECK_EQUAL(CKR_FUNCTION_CANCELED, signer.sign());
  CK_SESSION_INFO info;
  CHECK_EQUAL(CKR_OK, C_GetSessionInfo(signer.session, &info));
  CHECK_EQUAL(CKS_RW_USER_FUNCTIONS, info.state);
}

TEST(Signing, CardPulledAtEachCommandIsToldAndTheNextInsertionWorks) {
  for (std::size_t leaves_at = 0; leaves_at < 8; ++leaves_at) {
    FakeModule module;
    module.card->leaves_at = leaves_at;
    const auto attempt = [&]() -> CK_RV {
      CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
      const CK_SLOT_ID slot = [] {
        CK_SLOT_ID id = 0;
        CK_ULONG count = 1;
        C_GetSlotList(CK_FALSE, &id, &count);
        return id;
      }();
      CK_RV code = C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr, nullptr, &session);
      if (code != CKR_OK) return code;
      if (code = module.log_in(session); code != CKR_OK) return code;
      CK_BYTE id = 1;
      CK_OBJECT_CLASS object_class = CKO_PRIVATE_KEY;
      CK_ATTRIBUTE wanted[]{{CKA_ID, &id, 1}, {CKA_CLASS, &object_class, sizeof object_class}};
      CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
      CK_ULONG count = 0;
      if (code = C_FindObjectsInit(session, wanted, 2); code != CKR_OK) return code;
      C_FindObjects(session, &key, 1, &count);
      C_FindObjectsFinal(session);
      CK_MECHANISM mechanism = ecdsa();
      if (code = C_SignInit(session, &mechanism, key); code != CKR_OK) return code;
      Bytes data(32), signature(64);
      CK_ULONG size = 64;
      return C_Sign(session, data.data(), 32, signature.data(), &size);
    };
    const CK_RV code = attempt();
    if (leaves_at < 6) CHECK(code == CKR_DEVICE_REMOVED || code == CKR_TOKEN_NOT_PRESENT);
    module.card = FakeModule::make_card();
    module.readers->insert("Fake", module.card);
    CHECK_EQUAL(CKR_OK, attempt());
  }
}

TEST(Signing, ClosingDuringASignatureLetsItEnd) {
  Signer signer;
  CHECK_EQUAL(CKR_OK, signer.module.log_in(signer.session));
  for (int round = 0; round < 20; ++round) {
    const CK_SESSION_HANDLE session = signer.module.open();
    const CK_OBJECT_HANDLE key = signer.module.find_one(session, CKO_PRIVATE_KEY, 1);
    CK_MECHANISM mechanism = ecdsa();
    CHECK_EQUAL(CKR_OK, C_SignInit(session, &mechanism, key));
    CK_RV code = CKR_GENERAL_ERROR;
    std::thread signing([&] {
      Bytes data(32), signature(64);
      CK_ULONG size = 64;
      code = C_Sign(session, data.data(), 32, signature.data(), &size);
    });
    CHECK_EQUAL(CKR_OK, C_CloseSession(session));
    signing.join();
    CHECK(code == CKR_OK || code == CKR_SESSION_HANDLE_INVALID);
  }
}

TEST(Signing, DigestsAnswerAsTheSpecificationSays) {
  Signer signer;
  CK_MECHANISM mechanism{CKM_SHA256, nullptr, 0};
  Bytes digest(32);
  CK_ULONG size = 31;
  CHECK_EQUAL(CKR_OK, C_DigestInit(signer.session, &mechanism));
  CHECK_EQUAL(CKR_BUFFER_TOO_SMALL, C_Digest(signer.session, signer.data.data(), 3, digest.data(), &size));
  CHECK_EQUAL(32, size);
  CHECK_EQUAL(CKR_OK, C_Digest(signer.session, signer.data.data(), 3, digest.data(), &size));
  CHECK_EQUAL(CKR_OK, C_DigestInit(signer.session, &mechanism));
  CHECK_EQUAL(CKR_OK, C_DigestUpdate(signer.session, signer.data.data(), 2));
  CHECK_EQUAL(CKR_OK, C_DigestUpdate(signer.session, signer.data.data(), 1));
  Bytes in_parts(32);
  CHECK_EQUAL(CKR_OK, C_DigestFinal(signer.session, in_parts.data(), &size));
  CHECK(digest == in_parts);
}

TEST(Signing, AgreesOnAKeyAndRefusesPointsOffTheCurve) {
  Signer signer;
  CHECK_EQUAL(CKR_OK, signer.module.log_in(signer.session));
  const SoftwareKey other;
  Bytes point = other.point();
  CK_ECDH1_DERIVE_PARAMS parameters{CKD_NULL, 0, nullptr, point.size(), point.data()};
  CK_MECHANISM mechanism{CKM_ECDH1_DERIVE, &parameters, sizeof parameters};
  const CK_OBJECT_HANDLE key = signer.module.find_one(signer.session, CKO_PRIVATE_KEY, 1);
  CK_OBJECT_HANDLE secret = CK_INVALID_HANDLE;
  CHECK_EQUAL(CKR_OK, C_DeriveKey(signer.session, &mechanism, key, nullptr, 0, &secret));
  const Bytes own = signer.module.card->keys[0x9A].point();
  CHECK(signer.module.attribute(signer.session, secret, CKA_VALUE) == other.agree(own));
  point[40] ^= 1;
  CHECK_EQUAL(CKR_MECHANISM_PARAM_INVALID, C_DeriveKey(signer.session, &mechanism, key, nullptr, 0, &secret));
}
