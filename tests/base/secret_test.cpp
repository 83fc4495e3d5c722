#include "sceau/base/secret.h"

#include <sstream>
#include <type_traits>

#include <CppUTest/TestHarness.h>

using namespace sceau;

namespace {

template <typename T>
concept Printable = requires(std::ostream& out, const T& value) {
  out << value;
};

}  // namespace

// What a Secret must not be able to do is told by the compiler.
static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(std::is_nothrow_move_constructible_v<Secret> && std::is_nothrow_move_assignable_v<Secret>);
static_assert(!std::is_convertible_v<Secret, Bytes> && !std::is_convertible_v<Secret, std::string>);
static_assert(!Printable<Secret>);

TEST_GROUP(SecretBytes){};

TEST(SecretBytes, AreComparedWhole) {
  const Secret pin(as_bytes("123456"));
  CHECK_TRUE(pin.equals(as_bytes("123456")));
  CHECK_FALSE(pin.equals(as_bytes("123457")));
  CHECK_FALSE(pin.equals(as_bytes("12345")));
  CHECK_FALSE(pin.equals({}));
}

TEST(SecretBytes, AreGoneFromWhereTheyWereMovedFrom) {
  Secret first(as_bytes("123456"));
  Secret second = std::move(first);
  CHECK_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): what a move leaves is what is tested
  CHECK_TRUE(second.equals(as_bytes("123456")));
  Secret third(as_bytes("old"));
  third = std::move(second);
  CHECK_TRUE(second.empty());  // NOLINT(bugprone-use-after-move)
  CHECK_TRUE(third.equals(as_bytes("123456")));
  third = third.clone();
  CHECK_EQUAL(6U, third.size());
}

TEST(SecretBytes, AreWipedInPlace) {
  Bytes bytes = to_bytes("123456");
  wipe(bytes);
  CHECK_TRUE(bytes == Bytes(6));
  Secret secret(as_bytes("123456"));
  secret.wipe();
  CHECK_TRUE(secret.empty());
}

TEST(SecretBytes, CanBeFilledWhereTheyLie) {
  Secret key = Secret::sized(4);
  key.writable()[2] = 9;
  CHECK_TRUE(key.equals(Bytes{0, 0, 9, 0}));
}
