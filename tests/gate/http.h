// What tests say to a gate over HTTP.
#pragma once

#include <string>
#include <vector>

#include "gate_home.h"
#include "https_client.h"
#include "sceau/statement/value.h"

namespace sceau::test {

// The body of POST /statements.
std::string envelope_of(const Signed& given, const std::vector<Bytes>& blobs = {});
// An answer's body, read; an empty object when it is no canonical JSON.
Value json_of(const HttpAnswer& answer);
// The text of a field; empty when there is none.
std::string field(const Value& object, std::string_view name);
// The tree that GET /state shows.
statement::After newest_tree(HttpsClient& client);
// A session's bearer for this person.
std::string log_in(GateHome& home, HttpsClient& client, const std::string& person);

}  // namespace sceau::test
