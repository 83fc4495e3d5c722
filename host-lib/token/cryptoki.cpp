#include "cryptoki.h"

#include <array>

namespace sceau::token::cryptoki {
namespace {

struct Code {
  CK_RV code;
  const char* name;
  ErrorKind kind;
  const char* advice;
};

constexpr const char* kTryAgain = "try again";
constexpr const char* kInsert = "the token is gone: insert it and try again";

constexpr std::array kCodes{
    Code{CKR_HOST_MEMORY, "CKR_HOST_MEMORY", ErrorKind::unavailable, kTryAgain},
    Code{CKR_SLOT_ID_INVALID, "CKR_SLOT_ID_INVALID", ErrorKind::unavailable, kInsert},
    Code{CKR_GENERAL_ERROR, "CKR_GENERAL_ERROR", ErrorKind::unavailable, kTryAgain},
    Code{CKR_FUNCTION_FAILED, "CKR_FUNCTION_FAILED", ErrorKind::unavailable, kTryAgain},
    Code{CKR_ARGUMENTS_BAD, "CKR_ARGUMENTS_BAD", ErrorKind::internal, "tell the module's maker"},
    Code{CKR_DEVICE_ERROR, "CKR_DEVICE_ERROR", ErrorKind::unavailable, "insert the token again"},
    Code{CKR_DEVICE_MEMORY, "CKR_DEVICE_MEMORY", ErrorKind::unavailable, "the token is full"},
    Code{CKR_DEVICE_REMOVED, "CKR_DEVICE_REMOVED", ErrorKind::unavailable, kInsert},
    Code{CKR_TOKEN_NOT_PRESENT, "CKR_TOKEN_NOT_PRESENT", ErrorKind::unavailable, kInsert},
    Code{CKR_TOKEN_NOT_RECOGNIZED, "CKR_TOKEN_NOT_RECOGNIZED", ErrorKind::not_found,
         "the module does not know this card"},
    Code{CKR_SESSION_HANDLE_INVALID, "CKR_SESSION_HANDLE_INVALID", ErrorKind::unavailable, kInsert},
    Code{CKR_SESSION_CLOSED, "CKR_SESSION_CLOSED", ErrorKind::unavailable, kInsert},
    Code{CKR_SESSION_COUNT, "CKR_SESSION_COUNT", ErrorKind::unavailable,
         "close another program that uses it"},
    Code{CKR_FUNCTION_CANCELED, "CKR_FUNCTION_CANCELED", ErrorKind::refused,
         "it was cancelled at the reader"},
    Code{CKR_FUNCTION_REJECTED, "CKR_FUNCTION_REJECTED", ErrorKind::refused, "it was rejected at the reader"},
    Code{CKR_FUNCTION_NOT_SUPPORTED, "CKR_FUNCTION_NOT_SUPPORTED", ErrorKind::unavailable,
         "the module lacks this function: use another module"},
    Code{CKR_KEY_FUNCTION_NOT_PERMITTED, "CKR_KEY_FUNCTION_NOT_PERMITTED", ErrorKind::unavailable,
         "its key does not sign: use another token"},
    Code{CKR_KEY_TYPE_INCONSISTENT, "CKR_KEY_TYPE_INCONSISTENT", ErrorKind::unavailable,
         "its key does no mechanism that fits: use another token"},
    Code{CKR_MECHANISM_INVALID, "CKR_MECHANISM_INVALID", ErrorKind::unavailable,
         "it does no mechanism that fits its key: use another token, or another module"},
    Code{CKR_MECHANISM_PARAM_INVALID, "CKR_MECHANISM_PARAM_INVALID", ErrorKind::unavailable,
         "it does no mechanism that fits its key: use another token, or another module"},
    Code{CKR_PIN_INCORRECT, "CKR_PIN_INCORRECT", ErrorKind::authentication, "wrong PIN"},
    Code{CKR_PIN_INVALID, "CKR_PIN_INVALID", ErrorKind::authentication, "wrong PIN"},
    Code{CKR_PIN_LEN_RANGE, "CKR_PIN_LEN_RANGE", ErrorKind::authentication, "the PIN's length does not fit"},
    Code{CKR_PIN_EXPIRED, "CKR_PIN_EXPIRED", ErrorKind::authentication,
         "its PIN must be changed first, with its maker's program"},
    Code{CKR_PIN_LOCKED, "CKR_PIN_LOCKED", ErrorKind::authentication,
         "its PIN is blocked: have it unblocked by who issued it"},
    Code{CKR_USER_PIN_NOT_INITIALIZED, "CKR_USER_PIN_NOT_INITIALIZED", ErrorKind::authentication,
         "it has no PIN yet: initialise it with its maker's program"},
    Code{CKR_USER_NOT_LOGGED_IN, "CKR_USER_NOT_LOGGED_IN", ErrorKind::authentication,
         "another program took the log-in away: try again"},
    Code{CKR_USER_ANOTHER_ALREADY_LOGGED_IN, "CKR_USER_ANOTHER_ALREADY_LOGGED_IN", ErrorKind::unavailable,
         "its administrator is logged in: close that program"},
    Code{CKR_CRYPTOKI_NOT_INITIALIZED, "CKR_CRYPTOKI_NOT_INITIALIZED", ErrorKind::unavailable, kTryAgain},
};

const Code* find(CK_RV code) {
  for (const Code& known : kCodes)
    if (known.code == code) return &known;
  return nullptr;
}

}  // namespace

std::string code_text(CK_RV code) {
  if (const Code* known = find(code)) return known->name;
  constexpr const char* digits = "0123456789abcdef";
  std::string hex;
  for (CK_RV rest = code; rest != 0 || hex.empty(); rest >>= 4U) hex.insert(hex.begin(), digits[rest & 15U]);
  return "code 0x" + hex;
}

Error failure(const std::string& doing, CK_RV code) {
  const Code* known = find(code);
  const ErrorKind kind = known == nullptr ? ErrorKind::unavailable : known->kind;
  const std::string advice = known == nullptr ? kTryAgain : known->advice;
  return {kind, doing + ": " + advice + " (" + code_text(code) + ")"};
}

}  // namespace sceau::token::cryptoki
