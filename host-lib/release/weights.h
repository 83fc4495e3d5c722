// How much each row contributes to an aggregate, part by part.
//
// sum(CASE WHEN … THEN x ELSE 1000 END), sum(x + 1000) and their like hide one person's value among
// constants. So what is summed is split into parts: the terms of sums and differences, the branches of
// CASE; each part must be a product of columns and numbers, and the people behind each are counted by
// themselves, over the rows where the part is neither NULL nor zero. What cannot be split is refused.
#pragma once

#include <optional>
#include <vector>

#include "sceau/source/query.h"

namespace sceau::release {

class Weights {
 public:
  // `select` is what the columns of the expressions are read from.
  explicit Weights(const source::Select& select) : select_(select) {}

  // The parts of what is summed; their size is what a row contributes. Nothing when it cannot be split.
  [[nodiscard]] std::optional<std::vector<source::Expression>> split(const source::Expression& summed) const;

  // The size of the numbers that a part is multiplied with; 1 where that cannot be said. Without them it is
  // held against other answers: what is multiplied or divided tells no less.
  [[nodiscard]] double factor(const source::Expression& part) const;

  // True for a column of a table, or one that a SELECT in FROM passes through unchanged.
  [[nodiscard]] bool is_plain(const source::Expression& column) const;

 private:
  using Expression = source::Expression;
  using Kind = source::Expression::Kind;
  static bool is_plain(const source::Select& select, std::size_t index);
  bool split(const Expression& e, std::vector<Expression>& into) const;
  bool split_cases(const Expression& e, std::vector<Expression>& into) const;
  bool split_coalesce(const Expression& e, std::vector<Expression>& into) const;
  [[nodiscard]] bool is_product(const Expression& e) const;
  [[nodiscard]] double factor_of(const Expression& e) const;
  [[nodiscard]] double factor_behind(const Expression& column) const;
  [[nodiscard]] bool is_single(const Expression& e) const;
  [[nodiscard]] bool is_single_column(const Expression& column) const;

  const source::Select& select_;
};

}  // namespace sceau::release
