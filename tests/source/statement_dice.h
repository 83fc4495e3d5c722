// Statements made by chance, from a seed: SELECTs over a catalogue's tables, of every kind that the gate
// follows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sceau/source/catalogue.h"

namespace test {

class StatementDice {
 public:
  StatementDice(const sceau::source::Catalogue& catalogue, std::uint64_t seed)
      : catalogue_(catalogue), state_(seed) {}
  // One SELECT. Not every one is admitted: whether it is, is the reader's to say.
  std::string select();
  // One statement of kind work, about the first of the workspace's tables, which has columns N and V.
  std::string work();

 private:
  struct Column {
    std::string text;  // as an expression names it
    sceau::source::Type type;
  };
  using Scope = std::vector<Column>;

  std::uint64_t below(std::uint64_t bound);
  bool chance(unsigned percent) { return below(100) < percent; }
  std::string name();
  static std::string output(std::size_t position);
  const sceau::source::Table& table() { return catalogue_.tables()[below(catalogue_.tables().size())]; }
  sceau::source::Type type();
  std::string constant(sceau::source::Type type);
  std::string value(sceau::source::Type type, const Scope& scope, int depth);
  std::string number(sceau::source::Type type, const Scope& scope, int depth);
  std::string text(const Scope& scope, int depth);
  std::string condition(const Scope& scope, int depth);
  std::string inner_condition(const Scope& scope, int depth);
  std::string scalar(sceau::source::Type type, const Scope& scope);
  std::string lateral(Scope& scope);
  std::string item(Scope& scope, int depth);
  std::string from(Scope& scope, int depth);
  std::string plain(const std::vector<sceau::source::Type>& types, int depth);
  std::string grouped(const std::vector<sceau::source::Type>& types, int depth);
  std::string aggregate(sceau::source::Type type, const Scope& scope);
  std::string windowed(const Scope& scope);
  std::string query(const std::vector<sceau::source::Type>& types, int depth);

  // statement_dice_wider.cpp
  std::string date(const Scope& scope);
  std::string further_text(const Scope& scope, int depth);
  std::string further_number(sceau::source::Type type, const Scope& scope);
  std::string further_condition(const Scope& scope, int depth);
  std::string other_item(Scope& scope);
  std::string merged(Scope& scope);
  std::string gathered(const Scope& scope);
  std::string over_groups(const Scope& scope);

  const sceau::source::Catalogue& catalogue_;
  std::uint64_t state_;
  int names_ = 0;
};

}  // namespace test
