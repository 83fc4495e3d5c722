// A value, or the CK_RV that PKCS#11 names for why there is none.
//
// As sceau::Result, with PKCS#11's code in the place of our ErrorKind: every function of this room that can
// fail returns one, and entry.cpp alone turns it into the CK_RV that a caller sees.
#pragma once

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "cryptoki.h"
#include "sceau/base/result.h"

namespace sceau::pkcs11 {

struct Failure {
  CK_RV code = CKR_GENERAL_ERROR;
  std::string message{};  // for a person who reads a trace; may be empty
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value)
      : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Result(Failure failure)
      : state_(std::in_place_index<1>, std::move(failure)) {}  // NOLINT(google-explicit-constructor)

  explicit operator bool() const { return state_.index() == 0; }
  T& operator*() { return require_value(), std::get<0>(state_); }
  const T& operator*() const { return require_value(), std::get<0>(state_); }
  T* operator->() { return &**this; }
  const T* operator->() const { return &**this; }
  [[nodiscard]] const Failure& failure() const {
    if (*this) std::abort();
    return std::get<1>(state_);
  }

 private:
  void require_value() const {
    if (!*this) std::abort();
  }
  std::variant<T, Failure> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Failure failure) : failure_(std::move(failure)) {}  // NOLINT(google-explicit-constructor)
  explicit operator bool() const { return !failure_.has_value(); }
  [[nodiscard]] const Failure& failure() const {
    if (!failure_) std::abort();
    return *failure_;
  }

 private:
  std::optional<Failure> failure_;
};

using Status = Result<void>;

// CKR_OK is success.
inline Status from_code(CK_RV code) {
  if (code == CKR_OK) return {};
  return Failure{code};
}

}  // namespace sceau::pkcs11
