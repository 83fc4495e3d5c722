// A custodian's key whose one holder has the private key 1, so that what she does with her share needs no
// other library: the policy to make it with, and her share on its way into another slot.
#pragma once

#include "card.h"
#include "clearsign/share_form.h"

namespace sceau::firmware::test {

// The generator of P-256: the public key of the private key 1.
inline Bytes generator() {
  return hex(
      "04 6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296"
      "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5");
}

// PIN once, touch always, 900 seconds, derive alone; cloned to alice alone.
inline Bytes one_holder_policy() {
  return hex("30 6A 020101 020102 020102 02020384 30 08 0C 06 646572697665"
             "A2 51 020101 30 4C 30 4A 0C 05 616C696365 04 41") +
         generator();
}

// What the private key 1 agrees with a point: its X coordinate.
inline KeyOutput agreed_with(ByteView point) {
  KeyOutput agreed;
  static_cast<void>(agreed.assign(point.subspan(1, 32)));
  return agreed;
}

// The share that a slot of a token gave to her (an element 80), sealed to a point that another slot gave.
// Empty where it is no such share.
inline Bytes passed_on(ByteView given, const clearsign::ShareContext& from, ByteView point,
                       const clearsign::ShareContext& to) {
  using namespace clearsign;  // NOLINT(google-build-using-namespace): what it rests on
  const Result<ByteView> found = find_tlv(given, 0x80);
  if (!found.ok() || found.value().size() != kSealedShare || point.size() != kHolderPoint) return {};
  const ByteView share = found.value();
  PackedMaster packed;
  if (open_share(agreed_with(share.subspan(4)), share.first(kShareHead), from, as_bytes("alice"),
                 share.subspan(kShareHead), packed) != Status::kOk)
    return {};
  const Bytes head = Bytes{kShareVersion, 1, 1, 1} + generator();
  Bytes text(kPackedMaster + kSealTag);
  // Ephemeral key and holder's key are both 1: the same agreement twice.
  KeyOutput agreed = agreed_with(point);
  copy(point.subspan(1, 32), ByteSpan(agreed.bytes).subspan(32));
  agreed.size = 64;
  const Status sealed = seal_share(agreed, head, to, as_bytes("restore"), packed, text);
  return sealed == Status::kOk ? head + text : Bytes();
}

}  // namespace sceau::firmware::test
