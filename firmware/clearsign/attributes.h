// The signed attributes of a CAdES-BES signature, as the token builds them itself (RFC 5652, section 11;
// RFC 5035, section 3; host-lib/FORMATS.md, "Evidence"), with its token statement among them:
//
//   TokenStatement ::= SEQUENCE { version INTEGER (1), serial OCTET STRING, firmware OCTET STRING,
//                                 counter INTEGER, presence BOOLEAN, verified BOOLEAN, shown OCTET STRING,
//                                 journal OCTET STRING, covers [0] IMPLICIT OCTET STRING OPTIONAL }
#pragma once

#include "core/bytes.h"
#include "core/status.h"
#include "crypto/hash.h"

namespace sceau::firmware::clearsign {

struct TokenStatement {
  std::uint32_t serial = 0;
  ByteView firmware;  // digest of the firmware; empty where the board does not know it
  std::uint32_t counter = 0;
  bool presence = false;  // the button was pressed for this
  bool verified = false;  // the PIN was
  Hash shown{};           // digest of the lines shown
  Hash journal{};         // head of the journal, this signature's entry included
  bool decides = false;
  Hash covers{};  // of a decision: digest of the request's evidence
};

inline constexpr std::size_t kMaxAttributes = 512;

// Appends the DER SET OF. `signing_time` is RFC 3339, UTC, whole seconds, checked. kTooLong.
Status write_attributes(const Hash& statement, const Hash& certificate, ByteView signing_time,
                        const TokenStatement& token, Writer& out);

}  // namespace sceau::firmware::clearsign
