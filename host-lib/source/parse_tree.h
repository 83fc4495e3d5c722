// libpg_query's parse tree, owned, and the check that a node uses only fields that its reader knows.
#pragma once

#include <pg_query/pg_query.pb-c.h>

#include <initializer_list>
#include <memory>
#include <memory_resource>
#include <string>
#include <string_view>

#include "sceau/base/result.h"

namespace sceau::source {

using Node = PgQuery__Node;

// All nodes of a tree lie in one arena and are freed with it.
class ParseTree {
 public:
  // Nothing in it when the bytes are no tree.
  explicit ParseTree(std::string_view packed);
  explicit operator bool() const { return tree_ != nullptr; }
  const PgQuery__ParseResult& operator*() const { return *tree_; }
  const PgQuery__ParseResult* operator->() const { return tree_.get(); }

 private:
  struct InArena {
    void operator()(const PgQuery__ParseResult*) const {}
  };
  std::unique_ptr<std::pmr::monotonic_buffer_resource> arena_;
  std::unique_ptr<const PgQuery__ParseResult, InArena> tree_;
};

// Parses text of at most longest_sql bytes and most_tokens tokens. Fails with invalid.
Result<ParseTree> parse(const std::string& sql);

// That text of the gate's own is one statement to the parser, whose tree nobody needs. Fails as parse(), or
// with internal.
Status check_statement(const std::string& sql);

// The name of the first field that is set and not in `known`; empty when there is none. Positions in the
// text are always known.
std::string unknown_field(const ProtobufCMessage& message, std::initializer_list<std::string_view> known);

// The parser's name of the node's type: "column_ref".
std::string_view node_name(const Node& node);

}  // namespace sceau::source
