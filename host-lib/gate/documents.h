// What documents of the ledger and views of requests have in common.
#pragma once

#include "state.h"

namespace sceau::gate {

// An entry with its proof, and the blobs that checking it takes. `whole`: a sealed statement as well, for
// whoever sent it or may read it. Fails as the ledger does.
Result<statement::Object> receipt_object(const Gate::State& state, std::uint64_t index, bool whole);

// Whether the caller may read the request's statement. Whom parameters mean is for her who asks and for those
// who may decide.
bool may_read(const registry::Registry& registry, const registry::Request& request, const Caller& caller,
              Time now);

}  // namespace sceau::gate
