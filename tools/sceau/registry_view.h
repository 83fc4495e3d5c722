// What the gate's registry says, for those who have a session.
#pragma once

#include <optional>
#include <string>

#include "act.h"

namespace sceau::tool {

// One list of the registry (organisations, people, tokens, roles, projects, sources). The connection must
// have a session: see log_in().
Result<statement::Array> registry_list(Workplace& place, const std::string& kind);

// The entry whose `field` is `value`; not_found says what kind of thing is missing.
Result<statement::Value> registry_entry(Workplace& place, const std::string& kind, const std::string& field,
                                        const std::string& value);

// Opens a session with the token, fetches the list and prints it: as JSON, or as a table of `columns`, each a
// heading and the field that fills it.
struct Column {
  std::string heading, field;
};
Status print_list(Workplace& place, const std::string& token, const std::string& kind,
                  const std::vector<Column>& columns);

// A field as a person reads it: text as it is, lists with commas, numbers in decimal; empty when absent.
std::string field_text(const statement::Value& object, const std::string& field);

// A list's items; none when it is absent.
const statement::Array& list_field(const statement::Value& object, const std::string& field);

// POLICY as it is in force.
Result<statement::Value> policy_now(Workplace& place);

// "2027-12-31" (its last second, or its first with `start`) or an RFC 3339 time.
Result<Time> read_date(const std::string& text, bool start = false);
// The same, as statements carry it; empty text is a year from now: rights are reviewed yearly.
Result<std::string> date_or_year(const Workplace& place, const std::string& text);

}  // namespace sceau::tool
