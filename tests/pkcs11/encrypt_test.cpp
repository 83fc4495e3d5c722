// Encrypting to RSA public keys; OpenSSL's private key says whether it was right.
#include <CppUTest/TestHarness.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "fake_readers.h"
#include "openssl.h"

using namespace sceau;
using namespace sceau::test;

namespace {

// One key for all tests: making one takes a while.
EVP_PKEY* private_key() {
  static const pkcs11::KeyOwner key(EVP_RSA_gen(2048));
  return key.get();
}

Bytes number(const char* name) {
  BIGNUM* raw = nullptr;
  CHECK_EQUAL(1, EVP_PKEY_get_bn_param(private_key(), name, &raw));
  const pkcs11::NumberOwner owner(raw);
  Bytes bytes(static_cast<std::size_t>(BN_num_bytes(raw)));
  BN_bn2bin(raw, bytes.data());
  return bytes;
}

Bytes decrypted(ByteView from, int padding, const EVP_MD* hash = nullptr) {
  const pkcs11::KeyContextOwner context(EVP_PKEY_CTX_new(private_key(), nullptr));
  Bytes out(256);
  std::size_t size = out.size();
  CHECK_EQUAL(1, EVP_PKEY_decrypt_init(context.get()));
  CHECK_EQUAL(1, EVP_PKEY_CTX_set_rsa_padding(context.get(), padding));
  if (hash != nullptr) CHECK_EQUAL(1, EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), hash));
  CHECK_EQUAL(1, EVP_PKEY_decrypt(context.get(), out.data(), &size, from.data(), from.size()));
  out.resize(size);
  return out;
}

}  // namespace

TEST_GROUP(Encryption) {
  FakeModule module;
  CK_SESSION_HANDLE session = module.open();
  CK_OBJECT_HANDLE key = make_key();
  Bytes plain = Bytes(20, 0x42);
  Bytes encrypted = Bytes(256);
  CK_ULONG size = 256;

  CK_OBJECT_HANDLE make_key() {
    CK_OBJECT_CLASS object_class = CKO_PUBLIC_KEY;
    CK_KEY_TYPE type = CKK_RSA;
    Bytes modulus = number("n");
    Bytes exponent = number("e");
    CK_ATTRIBUTE wanted[]{{CKA_CLASS, &object_class, sizeof object_class},
                          {CKA_KEY_TYPE, &type, sizeof type},
                          {CKA_MODULUS, modulus.data(), modulus.size()},
                          {CKA_PUBLIC_EXPONENT, exponent.data(), exponent.size()}};
    CK_OBJECT_HANDLE made = CK_INVALID_HANDLE;
    CHECK_EQUAL(CKR_OK, C_CreateObject(session, wanted, 4, &made));
    return made;
  }
  CK_RV start(CK_MECHANISM_TYPE type) {
    CK_MECHANISM mechanism{type, nullptr, 0};
    return C_EncryptInit(session, &mechanism, key);
  }
  CK_RV finish() {
    size = encrypted.size();
    return C_Encrypt(session, plain.data(), plain.size(), encrypted.data(), &size);
  }
};

TEST(Encryption, WhatIsEncryptedIsReadByThePrivateKey) {
  CHECK_EQUAL(CKR_OK, start(CKM_RSA_PKCS));
  CHECK_EQUAL(CKR_OK, finish());
  CHECK(decrypted(encrypted, RSA_PKCS1_PADDING) == plain);
  CK_RSA_PKCS_OAEP_PARAMS parameters{CKM_SHA256, CKG_MGF1_SHA256, CKZ_DATA_SPECIFIED, nullptr, 0};
  CK_MECHANISM mechanism{CKM_RSA_PKCS_OAEP, &parameters, sizeof parameters};
  CHECK_EQUAL(CKR_OK, C_EncryptInit(session, &mechanism, key));
  CHECK_EQUAL(CKR_OK, finish());
  CHECK(decrypted(encrypted, RSA_PKCS1_OAEP_PADDING, EVP_sha256()) == plain);
  CHECK_EQUAL(CKR_OK, start(CKM_RSA_X_509));
  CHECK_EQUAL(CKR_OK, finish());
  Bytes block(256 - plain.size(), 0);
  append(block, plain);
  CHECK(decrypted(encrypted, RSA_NO_PADDING) == block);
}

TEST(Encryption, SizeThenTooSmallThenRightIsOneOperation) {
  CHECK_EQUAL(CKR_OK, start(CKM_RSA_PKCS));
  CHECK_EQUAL(CKR_OK, C_Encrypt(session, plain.data(), plain.size(), nullptr, &size));
  CHECK_EQUAL(256, size);
  size = 255;
  CHECK_EQUAL(CKR_BUFFER_TOO_SMALL, C_Encrypt(session, plain.data(), plain.size(), encrypted.data(), &size));
  CHECK_EQUAL(CKR_OK, finish());
  CHECK_EQUAL(CKR_OPERATION_NOT_INITIALIZED, finish());
}

TEST(Encryption, TooMuchIsRefusedAndEndsTheOperation) {
  plain.resize(246);
  CHECK_EQUAL(CKR_OK, start(CKM_RSA_PKCS));
  CHECK_EQUAL(CKR_DATA_LEN_RANGE, finish());
  plain.pop_back();
  CHECK_EQUAL(CKR_OPERATION_NOT_INITIALIZED, finish());
  CHECK_EQUAL(CKR_OK, start(CKM_RSA_PKCS));
  CHECK_EQUAL(CKR_OK, finish());
  plain.assign(256, 0xFF);  // above the modulus
  CHECK_EQUAL(CKR_OK, start(CKM_RSA_X_509));
  CHECK_EQUAL(CKR_DATA_INVALID, finish());
}

TEST(Encryption, OtherKeysAndMechanismsAreNamed) {
  CHECK_EQUAL(CKR_MECHANISM_INVALID, start(CKM_RSA_PKCS_PSS));
  key = module.find_one(session, CKO_PUBLIC_KEY, 1);  // of a curve
  CHECK_EQUAL(CKR_KEY_TYPE_INCONSISTENT, start(CKM_RSA_PKCS));
  CHECK_EQUAL(CKR_OK, module.log_in(session));
  key = module.find_one(session, CKO_PRIVATE_KEY, 1);
  CHECK_EQUAL(CKR_KEY_HANDLE_INVALID, start(CKM_RSA_PKCS));
  CHECK_EQUAL(CKR_OPERATION_NOT_INITIALIZED, finish());
}

TEST(Encryption, InPartsIsNotForRsa) {
  CHECK_EQUAL(CKR_OK, start(CKM_RSA_PKCS));
  CHECK_EQUAL(CKR_FUNCTION_NOT_SUPPORTED,
              C_EncryptUpdate(session, plain.data(), plain.size(), encrypted.data(), &size));
  CHECK_EQUAL(CKR_OK, C_SessionCancel(session, CKF_ENCRYPT));
  CHECK_EQUAL(CKR_OPERATION_NOT_INITIALIZED, finish());
}
