// The walk behind linking.h.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "build.h"
#include "linking.h"

namespace sceau::release {

using source::From;
using source::Relation;
using source::Select;
using source::Table;
using ExpressionKind = source::Expression::Kind;

// Columns that are equal in every row: a union-find over (relation, column).
class Equalities {
 public:
  using Column = std::pair<int, int>;
  static Column of(const source::Expression& e) { return {e.relation, e.column}; }

  Column find(Column column) const {
    auto up = parent_.find(column);
    while (up != parent_.end() && up->second != column) {
      column = up->second;
      up = parent_.find(column);
    }
    return column;
  }
  void unite(Column a, Column b) {
    a = find(a);
    b = find(b);
    parent_[a] = b;
    parent_.emplace(b, b);
  }
  [[nodiscard]] bool equal(Column a, Column b) const { return find(a) == find(b); }

 private:
  std::map<Column, Column> parent_;
};

// The columns of one row of a table, wherever they are found in a relation.
struct RowOf {
  const Table* table = nullptr;
  int relation = 0;
  std::vector<int> position;  // by the table's column: the relation's column, or -1
};

// What is known about one SELECT's FROM and WHERE.
struct Joined {
  Equalities equal;
  std::vector<People> relations;  // as Select::relations
  People people;
};

class Linker {
 public:
  explicit Linker(const source::Catalogue& catalogue) : catalogue_(catalogue) {}

  // Of a whole request: its groups are the answer's.
  People top(Select& select);
  // Of what is put into a workspace's table (linking_tie.cpp).
  TiedRows tie(Select& select);
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  void refuse(const std::string& what) {
    if (!error_) error_ = Error{ErrorKind::refused, "checking whom the SQL is about: " + what};
  }
  TiedRows tie_union(Select& select);
  void check_windows(const Select& select, const Joined& joined);
  void check_window(const source::Expression& e, const Joined& joined);
  // A column of the row that holds the person's key whatever joins found no partner.
  [[nodiscard]] static bool is_person(const source::Expression& e, const Select& select,
                                      const Joined& joined);
  Joined join(Select& select);
  People inner(Select& select);
  People inner_union(Select& select);
  People grouped(const Select& select, const Joined& joined);
  People of_relation(Relation& relation);
  People expose(Relation& relation, const People& people);
  void equalities(const source::Expression& condition, const std::set<int>* naming, Equalities& into);
  void equalities(const From& from, Equalities& into);
  std::vector<RowOf> rows_of(const Relation& relation) const;
  void link_keys(const Select& select, Joined& joined);
  void link_records(const Select& select, const Joined& joined, bool any_people);
  source::Expression presence(const Relation& relation) const;
  bool linked(const RowOf& record, const RowOf& other, const Equalities& equal) const;
  void check_conditions(const Select& select, const Joined& joined);
  void check_condition(const source::Expression& e, const Joined& joined);
  void check_in_select(const source::Expression& e, const Joined& joined);

  const source::Catalogue& catalogue_;
  std::optional<Error> error_;
};

}  // namespace sceau::release
