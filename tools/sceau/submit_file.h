// `sceau submit FILE…`: sends a statement that was signed elsewhere, or earlier, just as it is.
#pragma once

#include <string>
#include <vector>

#include "workplace.h"

namespace sceau::tool {

struct SubmitOptions {
  std::string statement;                // request.json
  std::vector<std::string> signatures;  // request.p7s, the first signer's first; none: sent unsigned
  std::vector<std::string> blobs;
};
Status submit_files(Workplace& place, const SubmitOptions& options);

struct SignOptions {
  std::string statement, signature, token;
};
// `sceau sign FILE.json`: one more person's signature over a prepared statement, shown first.
Status sign_file(Workplace& place, const SignOptions& options);

}  // namespace sceau::tool
