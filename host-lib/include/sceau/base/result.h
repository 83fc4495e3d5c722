// A value or the reason why there is none.
//
// Failure is a value in libsceau: nothing throws across a room's door. An Error carries a kind that
// programs decide on and one line that a person can act on: what was being done, what was wrong, what
// to do next. Taking value() of a failure, or error() of a success, is a defect and ends the process.
#pragma once

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace sceau {

enum class ErrorKind {
  invalid,         // the input breaks a format or a rule: sending it again cannot help
  refused,         // understood, and not allowed: policy, roles, revocation, replay
  not_found,       // what was named does not exist here
  authentication,  // a PIN, key or session was wrong or missing
  unavailable,     // a reader, gate, disk or database did not answer: it may later
  corrupt,         // stored data contradicts itself
  internal,        // a defect, or a library that failed where it must not
};

struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string message;

  // The same error, said from further out: "context: message".
  [[nodiscard]] Error within(const std::string& context) const { return {kind, context + ": " + message}; }
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value)
      : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Result(Error error)
      : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  explicit operator bool() const { return state_.index() == 0; }
  [[nodiscard]] bool ok() const { return state_.index() == 0; }

  T& value() & { return require_value(), std::get<0>(state_); }
  const T& value() const& { return require_value(), std::get<0>(state_); }
  T&& value() && { return require_value(), std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  [[nodiscard]] const Error& error() const {
    if (ok()) std::abort();
    return std::get<1>(state_);
  }

 private:
  void require_value() const {
    if (!ok()) std::abort();
  }
  std::variant<T, Error> state_;
};

// Success without a value.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  explicit operator bool() const { return !error_.has_value(); }
  [[nodiscard]] bool ok() const { return !error_.has_value(); }
  [[nodiscard]] const Error& error() const {
    if (!error_) std::abort();
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace sceau
