// What a clear-sign key may sign: fixed when the key is made, kept with it, and named in its attestation.
//
//   KeyPolicy ::= SEQUENCE { version INTEGER (1), pin INTEGER { once(2), always(3) },
//                            touch INTEGER { never(1), always(2) }, window INTEGER,
//                            types SEQUENCE SIZE(1..MAX) OF UTF8String,
//                            kinds [0] IMPLICIT SEQUENCE OF UTF8String OPTIONAL,
//                            sources [1] IMPLICIT SEQUENCE OF UTF8String OPTIONAL,
//                            custodian [2] IMPLICIT Custodian OPTIONAL }
// in DER. `window` bounds a statement's `until` less `at`, in seconds. `types` are acts of the table of
// statement types, in its order. `kinds` and `sources` bound extraction.request, signed or decided on;
// absent, they bound nothing. A `custodian` (custodian.h) signs `derive` alone, with the button.
#pragma once

#include "clearsign/custodian.h"
#include "core/bytes.h"
#include "core/status.h"
#include "statement/statement.h"

namespace sceau::firmware::clearsign {

inline constexpr std::size_t kMaxPolicy = 1024;
inline constexpr std::uint8_t kPinOnce = 2;
inline constexpr std::uint8_t kPinAlways = 3;
inline constexpr std::uint8_t kTouchNever = 1;
inline constexpr std::uint8_t kTouchAlways = 2;

// Views point into the bytes that were read.
struct KeyPolicy {
  std::uint8_t pin = kPinAlways;
  std::uint8_t touch = kTouchAlways;
  std::uint32_t window = 0;
  ByteView types;  // UTF8Strings, one after the other
  bool bounds_kinds = false;
  ByteView kinds;
  bool bounds_sources = false;
  ByteView sources;
  bool is_custodian = false;
  Custodian custodian;

  // Whether it allows to sign `statement`, or to decide on it.
  bool allows_type(std::string_view type) const;
  bool allows_content(const statement::Statement& statement) const;
  bool allows_window(const statement::Statement& statement) const;
};

// kInvalid: not DER, not of this form, a type nobody defined, a list out of order.
Result<KeyPolicy> read_policy(ByteView der);

}  // namespace sceau::firmware::clearsign
