// The auditors' certificates of a home, in files auditors/*.pem: what requests with parameters are sealed to.
//
// One that cannot be read or sealed to keeps the gate from starting. Dates are nobody's business here: an
// auditor opens what was sealed to her as long as she has the key ('sceau doctor' says when one has ended).
#pragma once

#include <filesystem>
#include <vector>

#include "sceau/gate/home.h"
#include "sceau/pki/certificate.h"

namespace sceau::gate {

// In the order of their names; none where there is no such folder. unavailable: it cannot be listed.
Result<std::vector<std::filesystem::path>> auditor_files(const Home& home);

// invalid: it is no certificate, or none that anything can be encrypted to; else as read_file().
Result<pki::Certificate> read_auditor(const std::filesystem::path& file);

}  // namespace sceau::gate
