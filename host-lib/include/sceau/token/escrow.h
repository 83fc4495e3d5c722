// A token's PUK and management key, split k of n among recovery people, each share sealed to one
// person's slot 9D key: nobody alone, and no administrator, can unblock another's token.
//
// Splitting: Shamir over GF(256) (libgfshare). The split text carries a check value, so that shares that
// do not belong together are found out. Sealing: ephemeral P-256 ECDH, HKDF-SHA256 (RFC 5869), AES-256-GCM;
// token, holder, recipient, index, threshold and count are bound to it: a share moved elsewhere does not
// open.
//
// Sealed form, before base64: version (1 byte, 1) | threshold | count | index | ephemeral point (65 bytes) |
// ciphertext | tag (16 bytes).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sceau/base/random.h"
#include "sceau/base/secret.h"
#include "sceau/token/initialise.h"

namespace sceau::token {

struct EscrowContext {
  std::string token_serial;
  std::string holder;  // registry id
};

struct Recipient {
  std::string id;    // registry id of the recovery person
  Bytes public_key;  // their 9D key: SubjectPublicKeyInfo, DER, P-256
};

struct SealedShare {
  std::string recipient;
  int index = 0;       // 1 to n
  std::string sealed;  // base64
};

struct OpenedShare {
  int index = 0;
  int threshold = 0;
  Secret share;
  int count = 0;  // of shares in all
};

// Key agreement by the recovery person's token: an uncompressed P-256 point in, the x coordinate out.
using KeyAgreement = std::function<Result<Secret>(ByteView peer_point)>;

// One share a recipient; `threshold` of them give the secrets back. invalid: threshold under 1 or over the
// number of recipients, more than 255, one recipient twice, a key that is not P-256.
Result<std::vector<SealedShare>> seal_shares(const TokenSecrets& secrets, int threshold,
                                             const std::vector<Recipient>& recipients,
                                             const EscrowContext& context, Random& random);

// `public_key`: the opener's own 9D key, SubjectPublicKeyInfo. invalid: not a share; authentication: not
// sealed to this key, for this token and holder, or changed; otherwise as `agree` fails.
Result<OpenedShare> open_share(const SealedShare& share, const EscrowContext& context, ByteView public_key,
                               const KeyAgreement& agree);

// The share sealed again, by its holder to a token that a master is restored into
// (firmware/clearsign/FORMATS.md), with whose key her own, `agree`, agrees as well: nobody else can have
// sealed it. The head keeps its threshold, count and index; `context` and recipient are new. invalid: the
// recipient's key is not P-256; otherwise as `agree` fails.
Result<SealedShare> pass_on_share(const OpenedShare& share, const Recipient& recipient,
                                  const EscrowContext& context, const KeyAgreement& agree);

// invalid: too few shares (says how many are missing), one twice, or shares that do not belong together.
Result<TokenSecrets> combine_shares(const std::vector<OpenedShare>& shares, const EscrowContext& context);

}  // namespace sceau::token
