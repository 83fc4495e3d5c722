// What the ledger says ran, to be found in the log: which text, for which request, when, and how often.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sceau/reconcile/reconcile.h"

namespace sceau::reconcile {

class LedgerSide {
 public:
  LedgerSide(std::vector<Ran> ran, Time tolerance);

  // Takes one run of this statement at that time, if one is left; planning it takes none. True when it was
  // one. Otherwise `why` says what came nearest; empty when nothing has this text.
  bool take(const std::string& statement, std::int64_t at, std::string& why);

  // Whether a request that ran then has this text, in whatever form.
  [[nodiscard]] bool knows(const std::string& statement, std::int64_t at) const;

  // Of requests that began to run between these times: statements that nothing took.
  std::vector<Unlogged> missing(std::int64_t first, std::int64_t last, bool literals,
                                std::uint64_t& looked_for) const;

 private:
  struct Wanted {
    std::size_t request = 0;
    std::size_t runs = 0;   // left
    std::size_t first = 0;  // its place in the request's SQL
  };
  [[nodiscard]] bool runs_at(const Ran& ran, std::int64_t at) const;

  std::vector<Ran> ran_;
  Time tolerance_;
  std::map<Digest, std::vector<Wanted>> by_text_;
};

}  // namespace sceau::reconcile
