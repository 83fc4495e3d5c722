// What groups of tests about scripts of kind work share.
#pragma once

#include "work_session.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

namespace test {

// The base of such a group.
struct WorkGroup : Utest {
  static void runs(WorkSession& session, const std::string& sql) {
    STRCMP_EQUAL("", session.run(sql).c_str());
  }
  static void refused(WorkSession& session, const std::string& sql, const char* why) {
    STRCMP_CONTAINS(why, session.run(sql).c_str());
  }
};

}  // namespace test
