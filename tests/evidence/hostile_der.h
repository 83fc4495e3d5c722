// Certificates, CRLs and certificate requests that are not DER, or not of their kind.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "vector_cast.h"

namespace sceau::test {

// What nobody may take for `whole`, a SEQUENCE of 256 to 65,535 bytes, each with its name.
std::vector<std::pair<std::string, Bytes>> spoilt(const Bytes& whole);

// Writes KIND-WHAT.der into `folder`; each must be refused by the reader of that kind. Aborts where it
// cannot.
void write_hostile_der(const VectorCast& cast, const std::filesystem::path& folder);

}  // namespace sceau::test
