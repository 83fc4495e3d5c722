#include "sceau/ledger/opening.h"

namespace sceau::ledger {

Digest commitment(const Opening& opening) {
  return sha256({opening.salt, sha256(opening.statement), sha256(opening.evidence), sha256(opening.verdict)});
}

}  // namespace sceau::ledger
