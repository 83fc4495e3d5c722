// One statement of SQL as a client sends it: what sort it is, and what it reads. By libpg_query's tree, never
// by patterns.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sceau/base/result.h"
#include "wire.h"

// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the parser's own names
struct PgQuery__ParseResult;
struct PgQuery__Node;
// NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)

namespace sceau::connect {

inline constexpr std::size_t kLongestSql = 64U << 10U;

struct Sentence {
  enum class Kind {
    query,        // SELECT, VALUES, TABLE: data, the catalogue, or neither
    work,         // makes, fills or drops tables of the agent's own workspace
    transaction,  // BEGIN, COMMIT, ROLLBACK, SAVEPOINT, …
    set,
    show,
    discard,
    prepare,
    execute,
    deallocate,
    declare,  // a cursor
    fetch,    // FETCH, MOVE
    close,
    copy,
    nothing,      // LISTEN and what else asks for nothing
    unsupported,  // all else: `command` says what
  };
  enum class Reads { nothing, catalogue, data, both };

  Kind kind = Kind::unsupported;
  Reads reads = Reads::nothing;
  bool sure_to_be_empty = false;  // WHERE (0 = 1), LIMIT 0: a client asks for the columns alone
  std::string command;            // the tag that its end is told with: "SELECT", "CREATE TABLE"
  std::string text;               // as it came, without what is around it
  int parameters = 0;             // the highest $n
  const PgQuery__Node* node = nullptr;
  std::shared_ptr<const PgQuery__ParseResult> tree;  // holds the node
};

// All statements of a text, in order; none for an empty one. invalid: not SQL, with PostgreSQL's own words.
Result<std::vector<Sentence>> read_sentences(const std::string& sql);

// The part of the text that a node of DECLARE, PREPARE, COPY or EXPLAIN holds: a query of its own. invalid
// when it is none that could stand alone.
Result<Sentence> inner_query(const Sentence& outer, const PgQuery__Node* query);

// The text with each $n replaced: values[n - 1] is a literal already. invalid: a $n without value.
Result<std::string> with_values(const std::string& sql, const std::vector<std::string>& literals);

// Without the schema `public` before tables: clients that were told of it write it, and the gate knows none.
std::string without_public(const std::string& sql);

}  // namespace sceau::connect
