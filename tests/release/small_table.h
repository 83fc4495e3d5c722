// People in a table of few rows and columns, made from a seed, and the same in a SQLite file for plan() and
// run().
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "sceau/release/history.h"
#include "sceau/source/catalogue.h"

namespace test {

class SmallTable {
 public:
  SmallTable(unsigned seed, int rows, int columns);
  ~SmallTable();
  SmallTable(const SmallTable&) = delete;
  SmallTable& operator=(const SmallTable&) = delete;

  [[nodiscard]] int rows() const { return static_cast<int>(counts_.size()); }
  [[nodiscard]] int columns() const { return static_cast<int>(counts_.front().size()); }
  // -1: all of them.
  [[nodiscard]] int people(int row, int column) const;
  [[nodiscard]] std::string text(int row, int column) const;
  // What one aggregate of a project shows: by row and column, -1 where it was not grouped by that.
  std::map<std::pair<int, int>, double> ask(sceau::release::History& history, bool by_row,
                                            bool by_column) const;

 private:
  std::vector<std::vector<int>> counts_;
  std::filesystem::path file_;
  sceau::source::Catalogue catalogue_;
};

}  // namespace test
