// What can go wrong inside the token, and a value that may be missing because of it.
//
// The firmware has no exceptions: every function that can fail returns Status or Result<T>, and both are
// [[nodiscard]]. The comment at each function lists the statuses it can return, and why.
#pragma once

#include <cstdint>

namespace sceau::firmware {

enum class Status : std::uint8_t {
  kOk,
  kInvalid,   // the caller's bytes break the format named in the function's comment
  kTooLong,   // the answer does not fit the caller's buffer
  kNotFound,  // no such object
  kFull,      // flash has no room; nothing was changed
  kCorrupt,   // stored bytes do not authenticate
  kHardware,  // the board failed: flash, random, or power
};

// A value, or the reason why there is none. T must be default-constructible: no heap, no placement tricks.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(const T& value) : value_(value) {}     // NOLINT: implicit by intent, `return value;`
  Result(Status failure) : status_(failure) {}  // NOLINT: implicit by intent, `return Status::kFull;`

  bool ok() const { return status_ == Status::kOk; }
  Status status() const { return status_; }
  // Meaningful only when ok().
  const T& value() const { return value_; }
  T& value() { return value_; }

 private:
  T value_{};
  Status status_ = Status::kOk;
};

}  // namespace sceau::firmware
