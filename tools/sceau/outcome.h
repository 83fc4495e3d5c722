// The gate's signed word on what became of a request.
#pragma once

#include "evidence_folder.h"
#include "requests.h"

namespace sceau::tool {

struct Outcome {
  SignedResult signed_result;
  statement::Statement statement;
  std::int64_t index = -1;
};

// The result comes right after the last row; a moment is given to it. Its signature is verified to be that of
// the key that this gate is enrolled with. corrupt: it is another's, or about another request.
Result<Outcome> await_outcome(Workplace& place, const Digest& request);

// refused, with the gate's reason: anything but `delivered`.
Status refuse_unless_delivered(const Outcome& outcome);

}  // namespace sceau::tool
