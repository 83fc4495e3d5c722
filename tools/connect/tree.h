// libpg_query's tree for this room: owning it, and walking all of it.
#pragma once

#include <pg_query/pg_query.pb-c.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "sceau/base/result.h"

namespace sceau::connect {

using Node = PgQuery__Node;
using Tree = std::shared_ptr<const PgQuery__ParseResult>;

// invalid: not SQL, or longer than kLongestSql; what libpg_query says about it.
Result<Tree> parse(const std::string& sql);

// Calls `visit` for a message and all below it, by their descriptors. `visit` says whether to go further
// down.
void walk(const ProtobufCMessage& message, const std::function<bool(const ProtobufCMessage&)>& visit);

// The text of a String node; empty for any other.
std::string_view string_of(const Node* node);

// The last of dotted names, and all of them with dots.
std::string last_name(std::size_t count, Node* const* names);
std::string dotted_name(std::size_t count, Node* const* names);

// A constant's text: number, string or boolean. Nothing for any other node, and for NULL.
std::optional<std::string> constant_text(const Node* node);

}  // namespace sceau::connect
