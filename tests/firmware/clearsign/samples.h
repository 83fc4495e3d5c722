// A valid statement of every type, made from the host's table.
#pragma once

#include <string>
#include <vector>

#include "sceau/statement/schema.h"
#include "sceau/statement/statement.h"

namespace sceau::test {

// Canonical bytes, without what gates alone sign. `full`: with the optional fields, and lists of two items;
// else the shortest there is.
Bytes sample(const statement::TypeInfo& type, bool full);
// With this body.
Bytes sample_with(const std::string& type, statement::Value body);
// An approval or refusal (with a reason) of a request and its evidence.
Bytes decision_on(const Bytes& request, const Bytes& evidence, const std::string& type = "approval");
// Evidence whose first signature is said to be by `person`.
Bytes evidence_by(const std::string& person);

}  // namespace sceau::test
