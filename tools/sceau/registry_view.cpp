#include "registry_view.h"

namespace sceau::tool {

using statement::Value;

namespace {

constexpr Time kYear = 365 * Time{86400};

std::string item_text(const Value& item) {
  if (item.is_text()) return item.as_text();
  if (item.is_int()) return std::to_string(item.as_int());
  if (item.is_bool()) return item.as_bool() ? "yes" : "no";
  if (item.is_object()) {
    // A role, an assignment or a key, inside a list.
    for (const char* name : {"role", "person", "slot"}) {
      if (const Value* text = item.find(name); text != nullptr && text->is_text()) return text->as_text();
    }
  }
  return {};
}

}  // namespace

Result<statement::Array> registry_list(Workplace& place, const std::string& kind) {
  auto connection = place.connect();
  if (!connection) return connection.error();
  auto document = (*connection)->gate->get("/registry/" + kind);
  if (!document) return document.error();
  auto items = statement::array_field(*document, kind);
  if (!items) return Error{ErrorKind::corrupt, "the gate's list of " + kind + ": " + items.error().message};
  return (*items)->as_array();
}

Result<Value> registry_entry(Workplace& place, const std::string& kind, const std::string& field,
                             const std::string& value) {
  auto items = registry_list(place, kind);
  if (!items) return items.error();
  // The newest of a name is the one that counts.
  for (auto item = items->rbegin(); item != items->rend(); ++item) {
    if (field_text(*item, field) == value) return *item;
  }
  return Error{ErrorKind::not_found, "the registry has no " + field + " '" + value + "' among its " + kind +
                                         ": list them, or add it"};
}

std::string field_text(const Value& object, const std::string& field) {
  const Value* value = object.find(field);
  if (value == nullptr) return {};
  if (!value->is_array()) return item_text(*value);
  std::string text;
  for (const auto& item : value->as_array()) text += (text.empty() ? "" : ",") + item_text(item);
  return text;
}

Result<Value> policy_now(Workplace& place) {
  auto connection = place.connect();
  if (!connection) return connection.error();
  auto policy = statement::object_field((*connection)->state.all, "policy");
  if (!policy) return policy.error();
  return **policy;
}

const statement::Array& list_field(const Value& object, const std::string& field) {
  static const statement::Array none;
  const Value* found = object.find(field);
  return found != nullptr && found->is_array() ? found->as_array() : none;
}

Status print_list(Workplace& place, const std::string& token, const std::string& kind,
                  const std::vector<Column>& columns) {
  auto holder = open_logged_in(place, token);
  if (!holder) return holder.error();
  auto items = registry_list(place, kind);
  if (!items) return items.error();
  std::vector<std::vector<std::string>> rows(1);
  for (const auto& column : columns) rows.front().push_back(column.heading);
  for (const auto& item : *items) {
    auto& row = rows.emplace_back();
    for (const auto& column : columns) row.push_back(shown(field_text(item, column.field)));
  }
  place.output.result(statement::Object{{kind, *items}}, table(rows));
  return {};
}

Result<Time> read_date(const std::string& text, bool start) {
  const bool day = text.size() == 10;
  auto time = from_rfc3339(day ? text + (start ? "T00:00:00Z" : "T23:59:59Z") : text);
  if (!time) {
    return Error{ErrorKind::invalid, "'" + text + "' is no date: write 2027-12-31, or 2027-12-31T18:00:00Z"};
  }
  return time;
}

Result<std::string> date_or_year(const Workplace& place, const std::string& text) {
  if (text.empty()) return to_rfc3339(place.clock.now() + kYear);
  auto time = read_date(text);
  if (!time) return time.error();
  return to_rfc3339(*time);
}

}  // namespace sceau::tool
