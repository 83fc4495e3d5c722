#include "sceau/client/u2f_mapping.h"

#include <CppUTest/TestHarness.h>

using namespace sceau;
using namespace sceau::client;

namespace {

// As Debian 12's pamu2fcfg writes it.
const std::string kPoint = to_base64(Bytes(64, 0x11));
const std::string kHandle = to_base64(Bytes(96, 0x22));
const std::string kOne = kHandle + "," + kPoint + ",es256,+presence";

void malformed(const std::string& text) { CHECK_TEXT(!read_u2f_mapping(text).ok(), text.c_str()); }

}  // namespace

TEST_GROUP(U2fMapping){};

TEST(U2fMapping, EveryCredentialOfEveryUserIsRead) {
  const auto read = read_u2f_mapping("# ours\ncroux:" + kOne + ":" + kOne + "+pin\r\n\neblanc:" + kOne);
  CHECK(read.ok());
  CHECK_EQUAL(3, read->size());
  STRCMP_EQUAL("croux", read->at(1).user.c_str());
  STRCMP_EQUAL("eblanc", read->at(2).user.c_str());
  CHECK(read->at(2).id == Bytes(96, 0x22));
  CHECK_EQUAL(91, read->at(2).public_key.size());
  CHECK(read->at(2).why_not.empty());
}

TEST(U2fMapping, WhatCannotServeSaysWhy) {
  const auto read = read_u2f_mapping("u:*," + kPoint + ",es256,+presence:" + kHandle + "," + kPoint +
                                     ",eddsa,+presence:abc,04ff");
  CHECK(read.ok());
  CHECK_EQUAL(3, read->size());
  STRCMP_CONTAINS("pamu2fcfg -r", read->at(0).why_not.c_str());
  STRCMP_CONTAINS("eddsa", read->at(1).why_not.c_str());
  STRCMP_CONTAINS("older than 1.1.0", read->at(2).why_not.c_str());
}

TEST(U2fMapping, ALineThatBreaksTheFormIsRefused) {
  malformed("croux");
  malformed(":" + kOne);
  malformed("croux:" + kHandle + "," + kPoint + ",es256");
  malformed("croux:!," + kPoint + ",es256,+presence");
  malformed("croux:," + kPoint + ",es256,+presence");
  malformed("croux:" + kHandle + "," + to_base64(Bytes(63, 1)) + ",es256,+presence");
  malformed("croux:" + to_base64(Bytes(1024, 1)) + "," + kPoint + ",es256,+presence");
}
