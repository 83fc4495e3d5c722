// What a clear-sign token states of itself in a signature: the signed
// attribute 2.25.147696762654192748190812530891524164904. Rule: firmware/clearsign/attributes.h and
// FORMATS.md, "Evidence".
#pragma once

#include <optional>

#include "sceau/base/digest.h"
#include "sceau/base/result.h"

namespace sceau::evidence {

struct TokenStatement {
  std::uint32_t serial = 0;
  Bytes firmware;                // SHA-256 of the firmware; empty where the token cannot tell
  std::uint32_t counter = 0;     // of the key, from 1; counted before the signature was made
  bool presence = false;         // the button was pressed for this signature
  bool verified = false;         // the PIN was given
  Digest shown{};                // of the lines shown
  Digest journal{};              // head of the token's journal, this signature's entry included
  std::optional<Digest> covers;  // of a decision: digest of the request's evidence
  bool operator==(const TokenStatement&) const = default;
};

// `der` is CadesView::token_statement. Fails with invalid.
Result<TokenStatement> read_token_statement(ByteView der);

}  // namespace sceau::evidence
