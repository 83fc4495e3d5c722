// The form of a share of a custodian's master, the same as that of the host's escrow of PUK and management
// key (host-lib/include/sceau/token/escrow.h), so that what opens, joins and seals those does it with these.
//
// Sealed: version (1) | threshold | count | index | ephemeral point (65) | ciphertext | tag (16).
// What is split is 20 | master | 00 | check (16 bytes), where check is the start of SHA-256 over what seals
// every share (its head and recipient left empty) and the bytes before it.
#pragma once

#include "clearsign/custodian.h"
#include "crypto/aes.h"
#include "crypto/hash.h"
#include "crypto/key_engine.h"

namespace sceau::firmware::clearsign {

inline constexpr std::uint8_t kShareVersion = 1;
inline constexpr std::size_t kShareCheck = 16;
inline constexpr std::size_t kPackedMaster = 1 + kMasterSize + 1 + kShareCheck;
inline constexpr std::size_t kShareHead = 4 + kHolderPoint;
inline constexpr std::size_t kSealedShare = kShareHead + kPackedMaster + kSealTag;
using PackedMaster = SecretArray<kPackedMaster>;

// What every share is bound to: a token's serial number, and "custodian" and a slot of it for a holder.
struct ShareContext {
  std::uint32_t serial = 0;
  std::uint8_t slot = 0;
};

// In GF(256) with the polynomial 11D, as libgfshare. Without tables and without branches, so that time tells
// nothing of either. There is no such code in mbedTLS.
std::uint8_t multiply(std::uint8_t a, std::uint8_t b);

// `packed` with its length bytes and check. kHardware.
Status pack_master(const Master& master, const ShareContext& context, PackedMaster& packed);
// kInvalid: a check that is not this context's; kHardware.
Result<Master> unpack_master(const PackedMaster& packed, const ShareContext& context);

// Encrypts one share for a recipient under what was agreed with her key, or the reverse. `head` is all before
// the ciphertext. kHardware; of open_share() kCorrupt: it is not sealed with this head, context and
// recipient.
Status seal_share(const KeyOutput& agreed, ByteView head, const ShareContext& context, ByteView recipient,
                  const PackedMaster& share, ByteSpan sealed);
Status open_share(const KeyOutput& agreed, ByteView head, const ShareContext& context, ByteView recipient,
                  ByteView sealed, PackedMaster& share);

}  // namespace sceau::firmware::clearsign
