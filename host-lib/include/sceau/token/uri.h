// PKCS#11 URIs (RFC 7512), as people name a token that a module reaches:
//
//   pkcs11:token=CPS;serial=1234?module-path=/usr/lib/libcps3_pkcs11.so
//
// Taken: token, serial, manufacturer, model, slot-description, object, id and type; module-path and
// module-name. A PIN never stands in a URI: pin-value and pin-source are refused, as is what is not known
// here (the RFC asks for that: an attribute that is not understood matches nothing).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sceau/base/bytes.h"

namespace sceau::token {

struct TokenUri {
  std::optional<std::string> token, serial, manufacturer, model, slot_description;
  std::optional<std::string> object;  // CKA_LABEL
  std::optional<Bytes> id;            // CKA_ID
  std::string module_path;            // empty: any module
  std::string module_name;            // without path, "lib" in front and ending; empty: any
};

// Whether a text is meant as such a URI.
bool is_token_uri(std::string_view text);
// invalid: what is wrong with it.
Result<TokenUri> read_token_uri(std::string_view text);
// The URI that names one token of one module.
std::string write_token_uri(const TokenUri& uri);

}  // namespace sceau::token
