// What registry tests assert.
#pragma once

#include <string>

#include "CppUTest/TestHarness.h"
#include "world.h"

namespace sceau::test {

// Why it was refused; empty when it was not.
inline std::string why(const registry::Judgement& judgement) {
  return judgement.error ? judgement.error->message : std::string();
}

}  // namespace sceau::test

#define CHECK_ACCEPTED(judgement) STRCMP_EQUAL("", sceau::test::why(judgement).c_str())
#define CHECK_REFUSED(reason, judgement) STRCMP_CONTAINS(reason, sceau::test::why(judgement).c_str())
