#include "sceau/base/result.h"

#include <memory>

#include <CppUTest/TestHarness.h>

using namespace sceau;

TEST_GROUP(ResultOf){};

TEST(ResultOf, HoldsAValueOrTheReasonWhyThereIsNone) {
  const Result<int> good(5);
  CHECK_TRUE(good.ok());
  CHECK_EQUAL(5, *good);
  const Result<int> bad(Error{ErrorKind::not_found, "no such card"});
  CHECK_FALSE(bad.ok());
  CHECK_TRUE(bad.error().kind == ErrorKind::not_found);
}

TEST(ResultOf, GivesItsValueAway) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(7));
  const std::unique_ptr<int> taken = std::move(result).value();
  CHECK_EQUAL(7, *taken);
}

TEST(ResultOf, AnErrorSaidFromFurtherOutKeepsItsKind) {
  const Error error = Error{ErrorKind::refused, "not an approver"}.within("cannot approve");
  CHECK_TRUE(error.kind == ErrorKind::refused);
  CHECK_EQUAL(std::string("cannot approve: not an approver"), error.message);
}

TEST(ResultOf, AStatusIsSuccessUntilItIsAnError) {
  CHECK_TRUE(Status().ok());
  CHECK_FALSE(Status(Error{ErrorKind::invalid, "x"}).ok());
}
