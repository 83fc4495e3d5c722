// The enrolment file: what `sceau token init` writes and `sceau token enrol` submits. It holds no secret:
// keys are public, escrow shares are sealed to the recovery people.
//
// Canonical JSON {blobs, escrow, person, sceau, token}; TOKEN and ESCROW as in a token.enrol statement, blobs
// the certificates and attestations that it names by digest (base64, DER).
#pragma once

#include <string>
#include <vector>

#include "sceau/base/bytes.h"
#include "sceau/statement/value.h"

namespace sceau::client {

struct Enrolment {
  std::string person;
  statement::Value token;
  statement::Value escrow;
  std::vector<Bytes> blobs;
};

Bytes write_enrolment(const Enrolment& enrolment);

// invalid: not such a file, or a digest that the token names has no blob.
Result<Enrolment> read_enrolment(ByteView bytes);

}  // namespace sceau::client
