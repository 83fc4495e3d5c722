// A token with a clear-sign key, in software: it states what a real one states, counts, and keeps a journal.
#pragma once

#include <string>
#include <vector>

#include "sceau/evidence/token_statement.h"
#include "world.h"

namespace sceau::test {

class ClearToken {
 public:
  // PIN and button always, 900 s; approvals, and requests of kind aggregate or individual.
  static pki::KeyPolicy usual_policy();

  // A second token of that person, whose signing key is a clear-sign key in slot C1. Enrolled by bea, and
  // by ada too for carl, who approves. Its card is among the world's, as "PERSON-clear".
  ClearToken(World& world, std::string person, std::string serial, pki::KeyPolicy policy = usual_policy());

  // What it states of this statement (of a decision: on that request), with this counter.
  [[nodiscard]] evidence::TokenStatement stated(const Bytes& statement, std::uint32_t counter,
                                                const Submitted* about = nullptr) const;
  // Evidence with one signature, stating that; by another card's 9C where one is given.
  [[nodiscard]] Bytes sign(const Bytes& statement, const evidence::TokenStatement& about,
                           const Card* other = nullptr) const;
  // Counts, writes its journal, and signs.
  Bytes use(const Bytes& statement, const Submitted* about = nullptr);

  // token.journal's body: the journal as it is, its head signed over the newest root. The blob is put.
  [[nodiscard]] Object journal(std::size_t first = 1) const;

  std::vector<Bytes> entries;  // of the journal
  std::uint32_t counter = 0;

 private:
  [[nodiscard]] Digest head_after(std::size_t entries) const;

  World& world_;
  std::string person_, serial_;
};

}  // namespace sceau::test
