// CKM_SCEAU_WEBAUTHN: the FIDO application of a whole token in memory, through libfido2, as a slot of the
// module.
#include "sceau/evidence/fido_attestation.h"
#include "sceau/token/fido_key.h"
#include "sceau_pkcs11.h"
#include "token_module.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau;
using namespace sceau::test;

namespace {

constexpr const char* kParty = "gate.example";
const std::string kPin = "2468";

// A token whose FIDO2 half has a PIN and a credential for claire.
struct Enrolled {
  std::shared_ptr<TokenInMemory> token = std::make_shared<TokenInMemory>();
  Bytes credential, public_key;

  explicit Enrolled(const std::string& party = kParty) {
    token::FidoKey key(wire_to(token));
    const Secret pin{as_bytes(kPin)};
    CHECK(key.set_pin(pin).ok());
    const auto made = key.make({party, to_bytes("claire"), "claire", {}}, &pin);
    CHECK(made.ok());
    credential = made->id;
    const auto data = evidence::read_authenticator_data(made->authenticator_data);
    CHECK(data.ok() && data->attested.has_value());
    public_key = data->attested->public_key;
  }
};

// A part of {1: {"id": …, "type": …}, 2: data, 3: signature}: `at` is where its byte string begins.
Bytes byte_string(ByteView cbor, std::size_t& at) {
  CHECK(cbor[at] == 0x58);
  const std::size_t size = cbor[at + 1];
  at += 2 + size;
  return to_bytes(cbor.subspan(at - size, size));
}

}  // namespace

TEST_GROUP(FidoSlot) {
  Enrolled enrolled;
  TokenModule over{enrolled.token, {"other.example", kParty}};
  FakeModule& module = over.module;
  CK_SESSION_HANDLE session = over.session;
  Bytes assertion = Bytes(1024);
  CK_ULONG size = 0;

  CK_SLOT_ID slot() {
    CK_SESSION_INFO info{};
    CHECK_EQUAL(CKR_OK, C_GetSessionInfo(session, &info));
    return info.slotID;
  }
  std::vector<CK_OBJECT_HANDLE> keys(CK_OBJECT_CLASS object_class = CKO_PRIVATE_KEY) {
    return module.find(session, {{CKA_CLASS, &object_class, sizeof object_class}});
  }
  CK_OBJECT_HANDLE key() {
    const auto found = keys();
    CHECK_EQUAL(1, found.size());
    return found.empty() ? CK_OBJECT_HANDLE{CK_INVALID_HANDLE} : found[0];
  }
  CK_RV start(CK_MECHANISM_TYPE type = CKM_SCEAU_WEBAUTHN) {
    CK_MECHANISM mechanism{type, nullptr, 0};
    return C_SignInit(session, &mechanism, key());
  }
  // Ready for C_Sign.
  void begin() {
    CHECK_EQUAL(CKR_OK, module.log_in(session, kPin));
    begin_again();
  }
  void begin_again() {
    CHECK_EQUAL(CKR_OK, start());
    CHECK_EQUAL(CKR_OK, module.log_in(session, kPin, CKU_CONTEXT_SPECIFIC));
  }
  CK_RV sign(Bytes hash) {
    size = assertion.size();
    return C_Sign(session, hash.data(), hash.size(), assertion.data(), &size);
  }
  CK_FLAGS flags() {
    CK_TOKEN_INFO info{};
    CHECK_EQUAL(CKR_OK, C_GetTokenInfo(slot(), &info));
    return info.flags;
  }
  int touches() { return enrolled.token->times_pressed(); }
};

TEST(FidoSlot, ShowsItsCredentialsToItsUserAndOneMechanism) {
  CHECK(keys().empty());
  CHECK(keys(CKO_PUBLIC_KEY).empty());
  CK_MECHANISM_TYPE type = 0;
  CK_ULONG count = 1;
  CHECK_EQUAL(CKR_OK, C_GetMechanismList(slot(), &type, &count));
  CHECK_EQUAL(1, count);
  CHECK_EQUAL(CKM_SCEAU_WEBAUTHN, type);
  CHECK_EQUAL(CKR_OK, module.log_in(session, kPin));
  CHECK(module.attribute(session, key(), CKA_ID) == enrolled.credential);
  CHECK(to_text(module.attribute(session, key(), CKA_SCEAU_RELYING_PARTY)) == kParty);
  CHECK(to_text(module.attribute(session, key(), CKA_SCEAU_USER_HANDLE)) == "claire");
  CHECK(to_text(module.attribute(session, key(), CKA_LABEL)) ==
        "FIDO2 key of " + evidence::fido_serial(enrolled.credential));
  CHECK(module.attribute(session, key(), CKA_ALWAYS_AUTHENTICATE) == Bytes{CK_TRUE});
  const auto open = keys(CKO_PUBLIC_KEY);
  CHECK_EQUAL(1, open.size());
  CHECK(module.attribute(session, open[0], CKA_PUBLIC_KEY_INFO) == enrolled.public_key);
  CHECK_EQUAL(CKR_OK, C_Logout(session));
  CHECK(keys().empty());
  CHECK(keys(CKO_PUBLIC_KEY).empty());
}

TEST(FidoSlot, AHashBecomesAnAssertionThatTheKeySigned) {
  begin();
  const int before = touches();
  Bytes client_data = evidence::client_data(evidence::Ceremony::get, sha256(as_bytes("statement")),
                                            "https://" + std::string(kParty));
  CHECK_EQUAL(CKR_OK, sign(to_bytes(sha256(client_data))));
  CHECK_EQUAL(before + 1, touches());
  const ByteView answer = ByteView(assertion).first(size);
  CHECK_EQUAL(0xA3, answer[0]);
  std::size_t at = 6;  // A3 01 A2 62 "id"
  evidence::Assertion whole;
  whole.credential = byte_string(answer, at);
  at += 17;  // 64 "type" 6A "public-key" 02, one less
  whole.authenticator_data = byte_string(answer, at);
  CHECK_EQUAL(3, answer[at]);
  ++at;
  whole.signature = byte_string(answer, at);
  CHECK_EQUAL(size, at);
  CHECK(whole.credential == enrolled.credential);
  whole.client_data = client_data;
  const auto checked = evidence::verify_assertion(whole, sha256(as_bytes("statement")), enrolled.public_key,
                                                  {kParty, {"https://" + std::string(kParty)}});
  CHECK(checked.ok() && checked->user_present && checked->user_verified);
}

TEST(FidoSlot, TheSizeAsksNobodyAndTooLittleRoomAsksOnce) {
  begin();
  const int before = touches();
  Bytes hash(32, 7);
  CK_ULONG enough = 0;
  CHECK_EQUAL(CKR_OK, C_Sign(session, hash.data(), hash.size(), nullptr, &enough));
  CHECK_EQUAL(before, touches());
  size = 1;
  CHECK_EQUAL(CKR_BUFFER_TOO_SMALL, C_Sign(session, hash.data(), hash.size(), assertion.data(), &size));
  CHECK(size <= enough);
  CHECK_EQUAL(before + 1, touches());
  CHECK_EQUAL(CKR_OK, C_Sign(session, hash.data(), hash.size(), nullptr, &size));
  CHECK_EQUAL(CKR_OK, C_Sign(session, hash.data(), hash.size(), assertion.data(), &size));
  CHECK_EQUAL(before + 1, touches());
  CHECK_EQUAL(CKR_OPERATION_NOT_INITIALIZED, sign(hash));
}

TEST(FidoSlot, WhatIsKeptIsForThatHashAlone) {
  begin();
  Bytes hash(32, 7);
  size = 1;
  CHECK_EQUAL(CKR_BUFFER_TOO_SMALL, C_Sign(session, hash.data(), hash.size(), assertion.data(), &size));
  CHECK_EQUAL(CKR_DATA_INVALID, sign(Bytes(32, 8)));
}

TEST(FidoSlot, NothingElseIsDone) {
  CHECK_EQUAL(CKR_OK, module.log_in(session, kPin));
  for (const CK_MECHANISM_TYPE type :
       {CKM_ECDSA, CKM_ECDSA_SHA256, CKM_RSA_PKCS, static_cast<CK_MECHANISM_TYPE>(CKM_SCEAU_STATEMENT)})
    CHECK_EQUAL(CKR_MECHANISM_INVALID, start(type));
  CK_MECHANISM own{CKM_SCEAU_WEBAUTHN, nullptr, 0};
  CK_MECHANISM derive{CKM_ECDH1_DERIVE, nullptr, 0};
  CK_MECHANISM digest{CKM_SHA256, nullptr, 0};
  CK_OBJECT_HANDLE derived = 0;
  CHECK_EQUAL(CKR_MECHANISM_INVALID, C_DecryptInit(session, &own, key()));
  CHECK_EQUAL(CKR_MECHANISM_INVALID, C_VerifyInit(session, &own, keys(CKO_PUBLIC_KEY).at(0)));
  CHECK_EQUAL(CKR_MECHANISM_INVALID, C_DeriveKey(session, &derive, key(), nullptr, 0, &derived));
  CHECK_EQUAL(CKR_MECHANISM_INVALID, C_DigestInit(session, &digest));
  CK_BYTE random = 0;
  CHECK_EQUAL(CKR_RANDOM_NO_RNG, C_GenerateRandom(session, &random, 1));
  CHECK_EQUAL(CKR_ACTION_PROHIBITED, C_DestroyObject(session, key()));
  begin_again();
  CHECK_EQUAL(CKR_DATA_LEN_RANGE, sign(Bytes(31, 7)));
  begin_again();
  CHECK_EQUAL(CKR_DATA_LEN_RANGE, sign(Bytes(33, 7)));
}

TEST(FidoSlot, ThePinIsGivenForEachSignatureAndTriedOnce) {
  CHECK_EQUAL(0, flags() & (CKF_LOGIN_REQUIRED | CKF_TOKEN_INITIALIZED));  // nobody has asked it
  CHECK_EQUAL(CKR_PIN_INCORRECT, module.log_in(session, "0000"));
  CHECK_EQUAL(CKR_PIN_INCORRECT, module.log_in(session, "123"));  // no PIN at all: not sent
  CHECK_EQUAL(CKR_ARGUMENTS_BAD, module.log_in_on_pad(session));
  CHECK_EQUAL(CKR_USER_TYPE_INVALID, module.log_in_as_officer(session));
  {
    token::FidoKey key(wire_to(enrolled.token));
    CHECK_EQUAL(7, key.information()->tries_left.value_or(0));
  }
  CHECK_EQUAL(CKR_OK, module.log_in(session, kPin));
  const CK_FLAGS known = CKF_TOKEN_INITIALIZED | CKF_USER_PIN_INITIALIZED;
  CHECK_EQUAL(known, flags() & (known | CKF_LOGIN_REQUIRED | CKF_RNG | CKF_USER_PIN_COUNT_LOW));
  CHECK_EQUAL(CKR_OK, start());
  const int before = touches();
  CHECK_EQUAL(CKR_USER_NOT_LOGGED_IN, sign(Bytes(32, 7)));
  CHECK_EQUAL(CKR_OK, start());
  CHECK_EQUAL(CKR_PIN_INCORRECT, module.log_in(session, "0000", CKU_CONTEXT_SPECIFIC));
  CHECK_EQUAL(CKR_USER_NOT_LOGGED_IN, sign(Bytes(32, 7)));
  CHECK_EQUAL(before, touches());
}

TEST(FidoSlot, ThreeWrongPinsLockItUntilItIsTakenOut) {
  for (const CK_RV expected : {CKR_PIN_INCORRECT, CKR_PIN_INCORRECT, CKR_PIN_LOCKED, CKR_PIN_LOCKED})
    CHECK_EQUAL(expected, module.log_in(session, "0000"));
  CHECK_EQUAL(CKR_PIN_LOCKED, module.log_in(session, kPin));
}

TEST(FidoSlot, ThePinIsChangedByWhoKnowsIt) {
  const auto change = [&](std::string before, std::string after) {
    return C_SetPIN(session, reinterpret_cast<CK_BYTE*>(before.data()), before.size(),
                    reinterpret_cast<CK_BYTE*>(after.data()), after.size());
  };
  CHECK_EQUAL(CKR_PIN_LEN_RANGE, change(kPin, "123"));
  CHECK_EQUAL(CKR_PIN_INCORRECT, change("0000", "97531"));
  CHECK_EQUAL(CKR_OK, change(kPin, "97531"));
  CHECK_EQUAL(CKR_OK, module.log_in(session, "97531"));
}

TEST(FidoSlot, NobodyTouchesAndNothingIsSigned) {
  begin();
  enrolled.token->press_button(false);
  CHECK_EQUAL(CKR_FUNCTION_CANCELED, sign(Bytes(32, 7)));
  CHECK_EQUAL(CKR_OPERATION_NOT_INITIALIZED, sign(Bytes(32, 7)));
}

TEST(FidoSlot, APulledKeyIsTold) {
  begin();
  enrolled.token->leaves_at = enrolled.token->seen.size();
  CHECK_EQUAL(CKR_DEVICE_REMOVED, sign(Bytes(32, 7)));
  CK_OBJECT_CLASS private_key = CKO_PRIVATE_KEY;
  CK_ATTRIBUTE wanted{CKA_CLASS, &private_key, sizeof private_key};
  CHECK_EQUAL(CKR_DEVICE_REMOVED, C_FindObjectsInit(session, &wanted, 1));
}

TEST(FidoSlot, OnACardNothingIsSentBeforeTheLogIn) {
  const std::size_t before = enrolled.token->seen.size();
  static_cast<void>(flags());
  CHECK(keys().empty());
  CHECK_EQUAL(before, enrolled.token->seen.size());
}

TEST_GROUP(FreshFidoSlot){};

TEST(FreshFidoSlot, WithoutAPinNobodyLogsIn) {
  TokenModule over(std::make_shared<TokenInMemory>(), {kParty});
  CHECK_EQUAL(CKR_USER_PIN_NOT_INITIALIZED, over.module.log_in(over.session, kPin));
}
