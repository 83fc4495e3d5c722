// What makes a key a custodian's: a master secret beside it, from which the keys of projects are derived, and
// the holders among whom the master is cloned when it is made. Part of the key's policy, and so of its
// attestation:
//
//   Custodian ::= SEQUENCE { threshold INTEGER, holders SEQUENCE SIZE(1..8) OF
//                            SEQUENCE { id UTF8String, key OCTET STRING } }
//
// `id` is a registry id, and they are in strict order; `key` is an uncompressed point on P-256, the key
// agreement key of the holder's own card (its slot 9D).
#pragma once

#include "core/bytes.h"
#include "core/status.h"
#include "core/tlv.h"
#include "crypto/hash.h"
#include "statement/statement.h"

namespace sceau::firmware::clearsign {

inline constexpr std::size_t kMaxHolders = 8;
inline constexpr std::size_t kHolderPoint = 65;
inline constexpr std::size_t kMasterSize = 32;
using Master = SecretArray<kMasterSize>;

struct Holder {
  ByteView id;
  ByteView point;
};

// Views point into the bytes that were read.
struct Custodian {
  std::uint8_t threshold = 0;
  std::uint8_t count = 0;
  std::array<Holder, kMaxHolders> holders{};

  std::span<const Holder> all() const { return std::span(holders).first(count); }
};

// From the content of the SEQUENCE. kInvalid: not of this form. Whether it is DER, and whether the points are
// on their curve, is for the caller to check.
Result<Custodian> read_custodian(ByteView content);
void write_custodian(const Custodian& custodian, std::uint32_t tag, TlvWriter& tlv);

// The key that a `derive` statement asks for: HMAC-SHA-256(master, input). The input is "sceau derive v1";
// realm, label, project and extraction (empty where there is none), each as it stands between its quotes and
// behind its length (u16); then the epoch (u16). kInvalid: another statement; kHardware.
Result<DerivedKey> derive_project_key(const Master& master, const statement::Statement& statement);

}  // namespace sceau::firmware::clearsign
