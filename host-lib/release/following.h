// Follows the columns labelled potential_identifier through a SELECT: which of them its results are made of,
// and which its rows are known to hold at one value.
//
// A workspace's table says both of itself: of each column what it is made of, and of its rows what they were
// chosen by. What cannot be followed to a table counts by its result's name.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "sceau/source/query.h"

namespace sceau::release {

// As "TABLE.COLUMN".
using ColumnNames = std::set<std::string>;

// What is known of a condition, or of being among a SELECT's rows: that it holds, that it does not, or that
// one of both is.
enum class Known : std::uint8_t { holds, fails, either };

class Following {
 public:
  // The SELECT's results, and its rows.
  void results(const source::Select& select, Known known = Known::holds);
  // What is known of the rows that are in it, or that are not. The relation `but` is not looked at.
  void rows(const source::Select& select, Known known, int but = 0);
  // What the SELECT's n-th result is made of.
  void result(const source::Select& select, std::size_t at);
  // What the computing of its n-th result compares with one value: an order of results tells of it, too.
  void compared(const source::Select& select, std::size_t at);

  ColumnNames take() { return std::move(columns_); }

 private:
  using Expression = source::Expression;
  using Select = source::Select;

  bool is_new(const void* node, int what, std::size_t at = 0) { return seen_.emplace(node, what, at).second; }
  void expression(const Expression& e, const std::string& name);
  void column(const Expression& e, const std::string& name);
  void made_of(const source::Table& table, std::size_t at);
  void result_of(const Select& select, std::size_t at, const std::string& name);
  void compared_in(const Expression& column);
  void joined(const source::From& from, Known known);
  void condition(const Expression& e, Known known);
  void pairs(const Expression& e);
  void beside_written(const Expression& e);
  void translated(const Select& select, const source::Relation& relation);
  [[nodiscard]] bool is_public(const Expression& e) const;
  [[nodiscard]] bool is_written(const Expression& e) const;
  // And the SELECT that reads it.
  [[nodiscard]] std::pair<const source::Relation*, const Select*> relation_of(const Expression& column) const;

  std::vector<const Select*> around_;
  std::set<std::tuple<const void*, int, std::size_t>> seen_;
  ColumnNames columns_;
};

}  // namespace sceau::release
