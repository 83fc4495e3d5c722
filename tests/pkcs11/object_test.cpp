// What a token shows, and how it answers for it.
#include <CppUTest/TestHarness.h>

#include <algorithm>
#include <set>

#include "fake_readers.h"

using namespace sceau;
using namespace sceau::test;

namespace {

std::size_t count_of(const FakeModule& module, std::uint8_t instruction) {
  return static_cast<std::size_t>(
      std::count(module.card->seen.begin(), module.card->seen.end(), instruction));
}

}  // namespace

TEST_GROUP(Objects){};

TEST(Objects, PrivateKeysShowAfterLogInAndTheOneWithoutPinBefore) {
  FakeModule module;
  const CK_SESSION_HANDLE session = module.open();
  CK_OBJECT_CLASS private_key = CKO_PRIVATE_KEY;
  const CK_ATTRIBUTE wanted{CKA_CLASS, &private_key, sizeof private_key};
  CHECK_EQUAL(1, module.find(session, {wanted}).size());  // 9E
  CHECK_EQUAL(CKR_OK, module.log_in(session));
  CHECK_EQUAL(3, module.find(session, {wanted}).size());
  CHECK_EQUAL(CKR_OK, C_Logout(session));
  CHECK_EQUAL(1, module.find(session, {wanted}).size());
}

TEST(Objects, AKeyWithoutCertificateShows) {
  FakeModule module;
  const CK_SESSION_HANDLE session = module.open();
  CHECK(module.find_one(session, CKO_PUBLIC_KEY, 4) != CK_INVALID_HANDLE);
  CHECK_EQUAL(CK_INVALID_HANDLE, module.find_one(session, CKO_CERTIFICATE, 4));
}

TEST(Objects, SearchByIdentifierAsksForOneSlotOnly) {
  FakeModule module;
  const CK_SESSION_HANDLE session = module.open();
  CHECK_EQUAL(CKR_OK, module.log_in(session));
  CHECK(module.find_one(session, CKO_PRIVATE_KEY, 1) != CK_INVALID_HANDLE);
  CHECK_EQUAL(5, module.card->seen.size());  // SELECT, VERIFY, serial number, CHUID, metadata
}

TEST(Objects, ColdListTakesTwelveCommandsAtMost) {
  FakeModule module;
  const CK_SESSION_HANDLE session = module.open();
  CHECK(module.find(session, {}).size() > 8);
  CHECK(module.card->seen.size() <= 12);
  const std::size_t seen = module.card->seen.size();
  CHECK(module.find(session, {}).size() > 8);
  CHECK_EQUAL(seen, module.card->seen.size());
}

TEST(Objects, AttributesAnswerSizeThenTooSmallThenRight) {
  FakeModule module;
  const CK_SESSION_HANDLE session = module.open();
  const CK_OBJECT_HANDLE key = module.find_one(session, CKO_PUBLIC_KEY, 1);
  Bytes value(200);
  CK_ATTRIBUTE asked{CKA_EC_POINT, nullptr, 0};
  CHECK_EQUAL(CKR_OK, C_GetAttributeValue(session, key, &asked, 1));
  CHECK_EQUAL(67, asked.ulValueLen);
  asked = {CKA_EC_POINT, value.data(), 66};
  CHECK_EQUAL(CKR_BUFFER_TOO_SMALL, C_GetAttributeValue(session, key, &asked, 1));
  CHECK_EQUAL(CK_UNAVAILABLE_INFORMATION, asked.ulValueLen);
  CHECK_EQUAL(0, value[0]);
  asked = {CKA_EC_POINT, value.data(), 200};
  CHECK_EQUAL(CKR_OK, C_GetAttributeValue(session, key, &asked, 1));
  CHECK_EQUAL(67, asked.ulValueLen);
  CHECK_EQUAL(0x04, value[0]);
}

TEST(Objects, OneBadAttributeDoesNotKeepTheOthersBack) {
  FakeModule module;
  const CK_SESSION_HANDLE session = module.open();
  CHECK_EQUAL(CKR_OK, module.log_in(session));
  const CK_OBJECT_HANDLE key = module.find_one(session, CKO_PRIVATE_KEY, 1);
  CK_ULONG type = 0;
  CK_ATTRIBUTE asked[]{
      {CKA_VALUE, nullptr, 0}, {CKA_MODULUS, nullptr, 0}, {CKA_KEY_TYPE, &type, sizeof type}};
  CHECK_EQUAL(CKR_ATTRIBUTE_SENSITIVE, C_GetAttributeValue(session, key, asked, 3));
  CHECK_EQUAL(CK_UNAVAILABLE_INFORMATION, asked[0].ulValueLen);
  CHECK_EQUAL(CK_UNAVAILABLE_INFORMATION, asked[1].ulValueLen);
  CHECK_EQUAL(CKK_EC, type);
}

TEST(Objects, KeyAttributesAreTrueToTheCard) {
  FakeModule module;
  const CK_SESSION_HANDLE session = module.open();
  CHECK_EQUAL(CKR_OK, module.log_in(session));
  const auto flag = [&](CK_BYTE id, CK_ATTRIBUTE_TYPE type) {
    return module.attribute(session, module.find_one(session, CKO_PRIVATE_KEY, id), type) == Bytes{1};
  };
  CHECK(!flag(1, CKA_ALWAYS_AUTHENTICATE));
  CHECK(flag(2, CKA_ALWAYS_AUTHENTICATE));
  CHECK(flag(1, CKA_PRIVATE));
  CHECK(!flag(4, CKA_PRIVATE));
  CHECK(flag(1, CKA_LOCAL));
  CHECK(flag(1, CKA_NEVER_EXTRACTABLE));
  CHECK(!flag(1, CKA_EXTRACTABLE));
}

TEST(Objects, AttestationIsReadWhenAskedFor) {
  FakeModule module;
  const CK_SESSION_HANDLE session = module.open();
  CK_BYTE id[]{1, 0xF9};
  const auto found = module.find(session, {{CKA_ID, id, 2}});
  CHECK_EQUAL(1, found.size());
  CHECK_EQUAL(0, count_of(module, 0xF9));
  CHECK(module.attribute(session, found[0], CKA_VALUE).size() > 100);
  CHECK_EQUAL(1, count_of(module, 0xF9));
}

TEST(Objects, OwnObjectsLiveAsLongAsTheirSession) {
  FakeModule module;
  const CK_SESSION_HANDLE session = module.open();
  const CK_SESSION_HANDLE other = module.open();
  CK_OBJECT_CLASS data = CKO_DATA;
  CK_BYTE value[]{1, 2, 3};
  CK_ATTRIBUTE wanted[]{{CKA_CLASS, &data, sizeof data}, {CKA_VALUE, value, 3}};
  CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
  CHECK_EQUAL(CKR_OK, C_CreateObject(session, wanted, 2, &object));
  CHECK(module.attribute(session, object, CKA_VALUE) == Bytes({1, 2, 3}));
  CHECK_EQUAL(1, module.find(session, {wanted[1]}).size());
  CK_ULONG size = 0;
  CHECK_EQUAL(CKR_OBJECT_HANDLE_INVALID, C_GetObjectSize(other, object, &size));
  CHECK_EQUAL(CKR_OK, C_DestroyObject(session, object));
  CHECK_EQUAL(CKR_OBJECT_HANDLE_INVALID, C_GetObjectSize(session, object, &size));
}

TEST(Objects, EachHasAnIdentifierOfItsOwnThatStaysTheSame) {
  const auto card = FakeModule::make_card();
  const auto identifiers = [&] {
    FakeModule module(false);
    module.card = card;
    CHECK_EQUAL(CKR_OK, C_Initialize(nullptr));
    const CK_SESSION_HANDLE session = module.open();
    CHECK_EQUAL(CKR_OK, module.log_in(session));
    std::set<Bytes> unique;
    const auto objects = module.find(session, {});
    for (const CK_OBJECT_HANDLE object : objects)
      unique.insert(module.attribute(session, object, CKA_UNIQUE_ID));
    CHECK_EQUAL(objects.size(), unique.size());
    return unique;
  };
  const auto first = identifiers();
  CHECK(first.size() > 6);
  CHECK(identifiers() == first);
}

TEST(Objects, NobodyChoosesTheIdentifierOfAnObject) {
  FakeModule module;
  const CK_SESSION_HANDLE session = module.open();
  CK_OBJECT_CLASS data = CKO_DATA;
  CK_BYTE chosen[]{'1'};
  CK_ATTRIBUTE wanted[]{{CKA_CLASS, &data, sizeof data}, {CKA_UNIQUE_ID, chosen, 1}};
  CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
  CHECK_EQUAL(CKR_ATTRIBUTE_READ_ONLY, C_CreateObject(session, wanted, 2, &object));
  CK_OBJECT_HANDLE other = CK_INVALID_HANDLE;
  CHECK_EQUAL(CKR_OK, C_CreateObject(session, wanted, 1, &object));
  CHECK_EQUAL(CKR_OK, C_CreateObject(session, wanted, 1, &other));
  CHECK(module.attribute(session, object, CKA_UNIQUE_ID) != module.attribute(session, other, CKA_UNIQUE_ID));
}

// How fast is measured by tests/bench/p11_thousand: a test's clock would only tell how busy the machine is.
TEST(Objects, AThousandObjectsAreListedWithoutTheCard) {
  FakeModule module;
  const CK_SESSION_HANDLE session = module.open();
  CK_OBJECT_CLASS data = CKO_DATA;
  for (CK_ULONG i = 0; i < 1000; ++i) {
    CK_ATTRIBUTE wanted[]{{CKA_CLASS, &data, sizeof data}, {CKA_VALUE, &i, sizeof i}};
    CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
    CHECK_EQUAL(CKR_OK, C_CreateObject(session, wanted, 2, &object));
  }
  module.find(session, {});
  const std::size_t seen = module.card->seen.size();
  const auto found = module.find(session, {});
  CHECK(found.size() >= 1000);
  CHECK_EQUAL(found.size(), std::set<CK_OBJECT_HANDLE>(found.begin(), found.end()).size());
  CHECK_EQUAL(seen, module.card->seen.size());
}

TEST(Objects, OnlyAnAdministratorChangesTheCard) {
  FakeModule module;
  const CK_SESSION_HANDLE session = module.open();
  CK_OBJECT_CLASS certificate = CKO_CERTIFICATE;
  CK_BYTE id = 1;
  CK_BBOOL on_card = CK_TRUE;
  Bytes value = make_certificate(module.card->keys[0x9A].spki(), 40);
  CK_ATTRIBUTE wanted[]{{CKA_CLASS, &certificate, sizeof certificate},
                        {CKA_TOKEN, &on_card, 1},
                        {CKA_ID, &id, 1},
                        {CKA_VALUE, value.data(), value.size()}};
  CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
  CHECK_EQUAL(CKR_USER_NOT_LOGGED_IN, C_CreateObject(session, wanted, 4, &object));
  CHECK_EQUAL(CKR_USER_NOT_LOGGED_IN, C_DestroyObject(session, module.find_one(session, CKO_CERTIFICATE, 1)));
  CHECK_EQUAL(CKR_OK, module.log_in_as_officer(session));
  CHECK_EQUAL(CKR_OK, C_CreateObject(session, wanted, 4, &object));
  CHECK(module.attribute(session, object, CKA_VALUE) == value);
  CHECK_EQUAL(CKR_TEMPLATE_INCOMPLETE, C_CreateObject(session, wanted, 2, &object));
  CHECK_EQUAL(CKR_OK, C_DestroyObject(session, object));
  CHECK_EQUAL(CK_INVALID_HANDLE, module.find_one(session, CKO_CERTIFICATE, 1));
}

TEST(Objects, AnAdministratorGeneratesKeysInTheSlotThatTheIdentifierNames) {
  FakeModule module;
  const CK_SESSION_HANDLE session = module.open();
  CK_BYTE id = 3;
  Bytes curve{0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07};
  CK_ATTRIBUTE of_public{CKA_EC_PARAMS, curve.data(), curve.size()};
  CK_ATTRIBUTE of_private{CKA_ID, &id, 1};
  CK_MECHANISM mechanism{CKM_EC_KEY_PAIR_GEN, nullptr, 0};
  CK_OBJECT_HANDLE keys[2]{};
  const auto generate = [&] {
    return C_GenerateKeyPair(session, &mechanism, &of_public, 1, &of_private, 1, &keys[0], &keys[1]);
  };
  CHECK_EQUAL(CKR_USER_NOT_LOGGED_IN, generate());
  CHECK_EQUAL(CKR_OK, module.log_in_as_officer(session));
  CHECK_EQUAL(CKR_OK, generate());
  CHECK(module.card->keys.contains(0x9D));
  CHECK_EQUAL(keys[0], module.find_one(session, CKO_PUBLIC_KEY, 3));
  id = 77;
  CHECK_EQUAL(CKR_ATTRIBUTE_VALUE_INVALID, generate());
  curve[9] = 1;
  CHECK_EQUAL(CKR_CURVE_NOT_SUPPORTED, generate());
}
