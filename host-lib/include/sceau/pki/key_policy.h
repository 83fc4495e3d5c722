// The policy of a clear-sign key: what its token lets it sign, fixed when the key was made and named in its
// attestation (extension 2.25.147696762654192748190812530891524164905).
// Rule: firmware/clearsign/policy.h, where the DER is given.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sceau/base/bytes.h"

namespace sceau::pki {

// Who holds the shares of a custodian's master, and how many of them have it together.
struct Custodian {
  struct Holder {
    std::string id;  // registry id
    Bytes point;     // uncompressed, P-256: of the key in slot 9D of the holder's card
    bool operator==(const Holder&) const = default;
  };
  int threshold = 1;
  std::vector<Holder> holders;  // 1 to 8, in the order of their ids
  bool operator==(const Custodian&) const = default;
};

struct KeyPolicy {
  bool pin_always = true;    // PIN before each signature; else once
  bool touch_always = true;  // button for each signature; else never
  std::uint32_t window = 0;  // longest `until` less `at` of what it signs, seconds
  std::vector<std::string> types;
  std::optional<std::vector<std::string>> kinds;    // of extraction requests; absent: any
  std::optional<std::vector<std::string>> sources;  // likewise
  std::optional<Bytes> custodian{};  // content of the element, DER: a key that derives projects' keys
  bool operator==(const KeyPolicy&) const = default;
};

// DER. Lists are put into the order that DER wants of them.
Bytes write_key_policy(const KeyPolicy& policy);
// Fails with invalid: not this DER, or not its one spelling.
Result<KeyPolicy> read_key_policy(ByteView der);

// KeyPolicy's `custodian`. Rule: firmware/clearsign/custodian.h. invalid: not of this form.
Bytes write_custodian(const Custodian& custodian);
Result<Custodian> read_custodian(ByteView content);

}  // namespace sceau::pki
