// The status codes of CTAP 2.1 (section 8.2), by the specification's names, and a value that may be missing
// because of one. Each function's comment lists those that it can give.
#pragma once

#include <cstdint>

#include "core/status.h"

namespace sceau::firmware::fido {

enum class CtapStatus : std::uint8_t {
  kSuccess = 0x00,
  kInvalidCommand = 0x01,
  kInvalidParameter = 0x02,
  kInvalidLength = 0x03,
  kInvalidSequence = 0x04,
  kTimeout = 0x05,
  kChannelBusy = 0x06,
  kLockRequired = 0x0A,
  kInvalidChannel = 0x0B,
  kCborUnexpectedType = 0x11,
  kInvalidCbor = 0x12,
  kMissingParameter = 0x14,
  kLimitExceeded = 0x15,
  kLargeBlobStorageFull = 0x18,
  kCredentialExcluded = 0x19,
  kUnsupportedAlgorithm = 0x26,
  kOperationDenied = 0x27,
  kKeyStoreFull = 0x28,
  kUnsupportedOption = 0x2B,
  kInvalidOption = 0x2C,
  kKeepaliveCancel = 0x2D,
  kNoCredentials = 0x2E,
  kUserActionTimeout = 0x2F,
  kNotAllowed = 0x30,
  kPinInvalid = 0x31,
  kPinBlocked = 0x32,
  kPinAuthInvalid = 0x33,
  kPinAuthBlocked = 0x34,
  kPinNotSet = 0x35,
  kPuatRequired = 0x36,
  kPinPolicyViolation = 0x37,
  kRequestTooLarge = 0x39,
  kIntegrityFailure = 0x3D,
  kInvalidSubcommand = 0x3E,
  kUnauthorizedPermission = 0x40,
  kOther = 0x7F,
};

// What a failure of store, crypto or board becomes.
constexpr CtapStatus ctap_status(Status status) {
  switch (status) {
    case Status::kOk:
      return CtapStatus::kSuccess;
    case Status::kFull:
      return CtapStatus::kKeyStoreFull;
    default:
      return CtapStatus::kOther;
  }
}

template <typename T>
class [[nodiscard]] CtapResult {
 public:
  CtapResult(const T& value) : value_(value) {}         // NOLINT: implicit by intent
  CtapResult(CtapStatus failure) : status_(failure) {}  // NOLINT: implicit by intent

  bool ok() const { return status_ == CtapStatus::kSuccess; }
  CtapStatus status() const { return status_; }
  // Meaningful only when ok().
  const T& value() const { return value_; }

 private:
  T value_{};
  CtapStatus status_ = CtapStatus::kSuccess;
};

}  // namespace sceau::firmware::fido
