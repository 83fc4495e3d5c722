#include "signed_time.h"

#include <algorithm>
#include <string>

namespace sceau::evidence {

namespace {
constexpr Time year_1950 = -631152000;
constexpr Time year_2050 = 2524608000;
}  // namespace

Bytes write_signing_time(Time time) {
  std::string digits = to_rfc3339(time);  // 2026-11-22T09:30:00Z
  std::erase_if(digits, [](char c) { return c == '-' || c == ':' || c == 'T'; });
  const bool utc_time = time >= year_1950 && time < year_2050;
  if (utc_time) digits.erase(0, 2);
  return pki::der(utc_time ? pki::der_utc_time : pki::der_generalized_time, as_bytes(digits));
}

std::optional<Time> read_signing_time(const pki::DerElement& element) {
  std::string digits = to_text(element.value);
  if (element.tag == pki::der_utc_time && digits.size() == 13) {
    digits.insert(0, digits[0] >= '5' ? "19" : "20");
  } else if (element.tag != pki::der_generalized_time) {
    return std::nullopt;
  }
  if (digits.size() != 15) return std::nullopt;
  const auto part = [&digits](std::size_t at, std::size_t count) { return digits.substr(at, count); };
  const auto time = from_rfc3339(part(0, 4) + "-" + part(4, 2) + "-" + part(6, 2) + "T" + part(8, 2) + ":" +
                                 part(10, 2) + ":" + part(12, 3));
  if (!time) return std::nullopt;
  const Bytes again = write_signing_time(*time);
  if (!std::equal(again.begin(), again.end(), element.whole.begin(), element.whole.end()))
    return std::nullopt;
  return *time;
}

}  // namespace sceau::evidence
