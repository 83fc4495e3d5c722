// Requests' parameters name people, so their statements are kept encrypted: to the gate's own key, with which
// it folds its registry and shows approvers what they decide on, and to the auditors' certificates of the
// home.
#pragma once

#include <vector>

#include "sceau/gate/home.h"
#include "sceau/pki/sealed.h"
#include "sceau/statement/value.h"

namespace sceau::gate {

// Whether a statement of this type and body is kept sealed: a request with parameters.
bool is_sealed(std::string_view type, const statement::Value& body);

class Sealing {
 public:
  // Reads auditors/*.pem of the home; `master` is the home's secret, which the gate's own key comes from.
  // invalid, naming the file: no certificate, or none that anything can be encrypted to.
  static Result<Sealing> read(const Home& home, const Secret& master);

  // What is kept instead of the statement. refused: no auditor could read it.
  [[nodiscard]] Result<Bytes> seal(ByteView statement) const;
  // For ledger::LedgerOptions. corrupt: it was sealed by another gate, or changed.
  [[nodiscard]] Result<Bytes> unseal(ByteView envelope) const;

 private:
  Sealing(std::vector<pki::Certificate> auditors, Secret own)
      : auditors_(std::move(auditors)), own_(std::move(own)) {}
  std::vector<pki::Certificate> auditors_;
  Secret own_;
};

}  // namespace sceau::gate
