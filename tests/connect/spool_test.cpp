#include "connect/spool.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau;
using namespace sceau::connect;

namespace {

std::unique_ptr<Spool> spool_of(const std::string& text, std::size_t in_memory = 1000) {
  auto spool = std::make_unique<Spool>("/tmp", in_memory);
  for (std::size_t at = 0; at < text.size(); at += 7) CHECK(spool->write(as_bytes(text.substr(at, 7))).ok());
  return spool;
}

std::string all_of(const std::string& csv, std::size_t columns, std::size_t in_memory = 1000) {
  auto rows = SpooledRows::open(spool_of(csv, in_memory), std::vector<Column>(columns));
  if (!rows) return "broken";
  std::string text;
  std::vector<Value> row;
  for (;;) {
    auto next = (*rows)->next(row);
    if (!next) return text + "broken";
    if (!*next) return text;
    for (const auto& field : row) text += "[" + field.value_or("NULL") + "]";
    text += ";";
  }
}

}  // namespace

TEST_GROUP(Spool){};

TEST(Spool, RowsAreReadAsTheGateWritesThem) {
  const std::string csv = "a,b\r\n1,\"x, \"\"y\"\"\r\nz\"\r\n,\"\"\r\n";
  STRCMP_EQUAL("[1][x, \"y\"\r\nz];[NULL][];", all_of(csv, 2).c_str());
  STRCMP_EQUAL("[1][x, \"y\"\r\nz];[NULL][];", all_of(csv, 2, 3).c_str());  // through a file
}

TEST(Spool, WhatIsNoCsvOrOfOtherColumnsIsBroken) {
  STRCMP_EQUAL("broken", all_of("a,b\r\n", 3).c_str());
  STRCMP_EQUAL("broken", all_of("", 1).c_str());
  STRCMP_EQUAL("broken", all_of("a\r\n1,2\r\n", 1).c_str());
  STRCMP_EQUAL("broken", all_of("a\r\n\"1", 1).c_str());
  STRCMP_EQUAL("[1];broken", all_of("a\r\n1\r\n\"1\"x\r\n", 1).c_str());
  STRCMP_EQUAL("broken", all_of("a\r\n1", 1).c_str());
}

TEST(Spool, TellsTheDigestOfAllItGot) {
  CHECK(spool_of("some text", 3)->digest() == sha256(as_bytes("some text")));
}
