#include "sceau/base/result.h"

#include <memory>

#include "sceau/base/error_kind.h"

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

TEST(ResultOf, EveryKindOfErrorHasANameThatIsReadBack) {
  for (const auto kind :
       {ErrorKind::invalid, ErrorKind::refused, ErrorKind::not_found, ErrorKind::authentication,
        ErrorKind::unavailable, ErrorKind::corrupt, ErrorKind::internal}) {
    CHECK_TRUE(error_kind_from_text(error_kind_text(kind)) == kind);
  }
  CHECK_EQUAL(std::string("not_found"), std::string(error_kind_text(ErrorKind::not_found)));
  CHECK_FALSE(error_kind_from_text("").has_value());
  CHECK_FALSE(error_kind_from_text("Refused").has_value());
}
