// What may be asked and how: POLICY, as a new home has it and as people change it.
#pragma once

#include <string>
#include <vector>

#include "sceau/base/bytes.h"
#include "sceau/base/clock.h"
#include "sceau/base/result.h"
#include "sceau/statement/value.h"

namespace sceau::tool {

statement::Value default_policy(int recovery_k);

// What policy names by digest and is sent along with it: certificates, FIDO metadata.
struct PolicyFiles {
  std::string metadata_root;  // a file: the certificates that the FIDO Metadata Service's must lead to
  Time now = 0;
  std::vector<Bytes> blobs{};
};

// `policy` with "name=value" for each change; retention_days as "retention_days.access=365", and
// "hardware_authorities=FILE,DIGEST" with certificates' files or digests, empty for none, "rp_id=NAME",
// "origins=https://HOST:PORT,…", "counter_step_back=alarm" or "refuse"; "attestation_roots=FILE,DIGEST" as
// authorities are, "fido_metadata=FILE" the service's file, which is checked and cut down; both add to
// `files`; "FILE.toml" is a policy's file (sceau/registry/policy_file.h). invalid: no such name, or not a
// whole number; else as reading the files does.
Result<statement::Value> changed_policy(statement::Value policy, const std::vector<std::string>& changes,
                                        PolicyFiles& files);

// One line each.
std::string policy_text(const statement::Value& policy);

}  // namespace sceau::tool
