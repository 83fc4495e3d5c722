// The system catalogue as one agent sees it: an SQLite database in memory, filled from the gate's list of
// tables, that answers what clients ask by themselves. Nothing of a question leaves this process.
#pragma once

#include <atomic>
#include <memory>

#include "catalogue_functions.h"
#include "rows.h"
#include "sentence.h"
#include "tables.h"

namespace sceau::connect {

class Catalogue {
 public:
  static Result<std::unique_ptr<Catalogue>> make(const Tables& tables, Facts facts);
  ~Catalogue();
  Catalogue(const Catalogue&) = delete;
  Catalogue& operator=(const Catalogue&) = delete;

  // Names and types of a question's results. not_found, refused: as translate(); invalid: a name that is not
  // there.
  Result<std::vector<Column>> describe(const Sentence& question);
  // Its answer, whole: these tables are small. unavailable: `stopped` became true, or it ran too long.
  Result<std::unique_ptr<Rows>> ask(const Sentence& question, const std::atomic<bool>* stopped = nullptr);

 private:
  struct State;
  explicit Catalogue(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sceau::connect
