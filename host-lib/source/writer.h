// Writes a resolved tree as SQL and collects what it reads: the text of query.h's print(), in SQLite's words.
// What another database says otherwise is overridden, expression by expression.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sceau/source/query.h"
#include "sceau/source/work.h"

namespace sceau::source {

class Writer {
 public:
  Writer() = default;
  virtual ~Writer() = default;
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  std::string select(const Select& select, bool top);
  virtual std::string expression(const Expression& expression);
  std::set<ColumnRead> reads;
  std::set<std::string> tables;
  std::set<std::string> workspace;  // tables of it

 protected:
  using Kind = Expression::Kind;
  std::string list(const std::vector<Expression>& values, std::string_view between, std::size_t from = 0);
  std::string column(const Expression& column);
  std::string condition(const Expression& expression);
  // What a result column is made of.
  virtual std::string output(const Select& select, const Expression& value, bool top);
  // What a relation of one of the SELECTs around is called.
  virtual std::string alias(int relation);
  virtual std::string combined(const Select& select, bool top);
  virtual std::string aggregate(const Expression& expression);
  std::string gathered(const Expression& expression);
  virtual std::string gathered_text(const Expression& text);
  std::string from(const From& from, const Select& select);
  // One constant of VALUES, in a column of that type.
  virtual std::string constant(const Expression& value, Type type);
  // How a table is named.
  virtual std::string table(const Table& table);
  std::vector<const Select*> around_;  // the innermost last

 private:
  std::string relation(const Relation& relation);
  std::string ordering(const Select& select, bool combined);
  std::string cases(const Expression& expression);
  std::string rows(const Select& select);
  std::string window(const Expression& expression);
  std::string plain(const Select& select, bool top);
  std::vector<int> numbered_;  // relations in the order in which the text names them
};

// What stands before IN (SELECT …): in parentheses when it is more than one.
std::string before_select(const std::string& values, std::size_t count);

// A text in single quotes, for servers that take backslashes as they are.
std::string literal(std::string_view text);

// A number as a workspace keeps it: 100 digits behind the point at most, so that an index has room for any.
std::string bounded_number(const std::string& number);

// A text as a workspace keeps it: of so many bytes at most, as its columns are known to have, whatever the
// database holds. `longest`: bytes.
std::string bounded_text(const std::string& text, std::size_t longest);

// A name in double quotes.
std::string identifier(std::string_view name);

// In the words of PostgreSQL 14 and later (writer_postgresql.cpp).
std::string write_postgresql(const Select& select);
// Of a SELECT of one table: a DELETE of the rows that its WHERE means.
std::string write_postgresql_delete(const Select& select);
// The same with new values of columns of that table: an UPDATE.
std::string write_postgresql_update(const Select& select, const std::vector<int>& into);

}  // namespace sceau::source
