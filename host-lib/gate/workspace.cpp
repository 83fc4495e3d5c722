#include "workspace.h"

#include <algorithm>
#include <array>

namespace sceau::gate {
namespace {

using source::Column;
using source::Label;
using source::Sums;
using source::Table;
using source::Type;
using statement::Array;
using statement::Object;
using statement::Value;

constexpr std::size_t kStatedSql = 5000;  // bytes in all

Error unreadable(const std::string& what) {
  return {ErrorKind::corrupt,
          "reading the workspace: " + what + " is not as results write it: run 'sceau audit'"};
}

std::string_view about_of(const Table& table) {
  if (!table.untied.empty()) return "untied";
  if (!table.person.empty()) return "people";
  if (!table.belongs_to.empty()) return "records";
  return table.empty ? "nothing" : "nobody";
}

// `told`: with what it tells of potential identifiers, which a plain copy says by itself.
Value column_value(const Column& column, bool told) {
  Object value{{"name", column.name},
               {"type", source::to_string(column.type)},
               {"label", source::to_string(column.label)}};
  if (column.sums != Sums::copied) value["sums"] = column.sums == Sums::alone ? "alone" : "never";
  if (column.type == Type::text && column.longest != source::assumed_text)
    value["longest"] = static_cast<std::int64_t>(column.longest);
  if (column.room) value["room"] = static_cast<std::int64_t>(*column.room);
  if (column.otherwise) value["default"] = *column.otherwise;
  if (column.copied) {
    value["from"] = column.copied->table + "." + column.copied->column;
    value["row"] = column.copied->row;
    if (column.type == Type::integer && !column.narrow) value["wide"] = true;
  }
  if (!told) return value;
  const bool copy = column.made_of.size() == 1 && column.copied &&
                    column.made_of[0] == column.copied->table + "." + column.copied->column;
  if (!column.made_of.empty() && !copy) value["made_of"] = statement::texts(column.made_of);
  if (!column.compared.empty()) value["compared"] = statement::texts(column.compared);
  return value;
}

template <typename Enum, std::size_t count>
bool choose(const Value& object, std::string_view key, const std::array<Enum, count>& all, Enum& into) {
  const auto text = statement::text_field(object, key);
  if (!text) return false;
  for (const Enum one : all) {
    if (source::to_string(one) != *text) continue;
    into = one;
    return true;
  }
  return false;
}

std::vector<std::string> names(const Value& object, std::string_view key) {
  auto found = statement::texts_field(object, key);
  return found ? std::move(*found) : std::vector<std::string>();
}

Result<Column> read_column(const Value& value) {
  constexpr std::array types{Type::integer, Type::real, Type::text};
  constexpr std::array labels{Label::person_key, Label::direct_identifier,    Label::professional_identifier,
                              Label::record_key, Label::potential_identifier, Label::measure};
  Column column;
  const auto name = statement::text_field(value, "name");
  if (!name || !choose(value, "type", types, column.type) || !choose(value, "label", labels, column.label))
    return unreadable("a column");
  column.name = *name;
  if (const auto sums = statement::text_field(value, "sums"))
    column.sums = *sums == "alone" ? Sums::alone : Sums::never;
  if (const auto longest = statement::int_field(value, "longest"))
    column.longest = static_cast<std::size_t>(*longest);
  if (const auto room = statement::int_field(value, "room")) column.room = static_cast<std::size_t>(*room);
  if (auto otherwise = statement::text_field(value, "default")) column.otherwise = std::move(*otherwise);
  column.made_of = names(value, "made_of");
  column.compared = names(value, "compared");
  const auto from = statement::text_field(value, "from");
  const auto row = statement::int_field(value, "row");
  if (!from || !row) return column;
  const std::size_t point = from->find('.');
  if (point == std::string::npos) return unreadable("a column's origin");
  column.copied = source::CopiedFrom{from->substr(0, point), from->substr(point + 1), static_cast<int>(*row)};
  const auto wide = statement::bool_field(value, "wide");
  column.narrow = column.type == Type::integer && !(wide && *wide);
  return column;
}

Result<Table> read_table(const Value& value, const std::string& schema) {
  const auto name = statement::text_field(value, "name");
  const auto about = statement::text_field(value, "about");
  const auto columns = statement::array_field(value, "columns");
  if (!name || !about || !columns) return unreadable("a table");
  Table table;
  table.name = *name;
  if (const auto entry = statement::int_field(value, "entry"))
    table.version = static_cast<std::uint64_t>(*entry);
  table.schema = schema;
  const auto text = [&](std::string_view key) {
    auto found = statement::text_field(value, key);
    return found ? std::move(*found) : std::string();
  };
  table.view = text("view");
  table.person = *about == "people" ? text("person") : "";
  table.belongs_to = *about == "records" ? text("belongs_to") : "";
  if (*about == "records") table.joined_on = names(value, "joined_on");
  table.chosen = names(value, "chosen");
  table.left_out = names(value, "left_out");
  table.empty = *about == "nothing";
  table.reference = table.empty || *about == "nobody";
  for (const Value& one : (*columns)->as_array()) {
    auto column = read_column(one);
    if (!column) return column.error();
    table.columns.push_back(std::move(*column));
  }
  // Whatever else is said: what is not tied in one of the known ways is not tied.
  const bool tied =
      table.reference || (!table.person.empty() && table.find(table.person) >= 0) || !table.joined_on.empty();
  if (!tied) table.untied = text("why").empty() ? "it cannot be tied to people" : text("why");
  return table;
}

}  // namespace

std::string workspace_schema(const registry::WorkspaceKey& key) {
  std::string name = "sceau workspace v1";
  for (const std::string& part : key) name.append(1, '\0').append(part);
  return "sceau_work_" + to_hex(sha256(as_bytes(name))).substr(0, 32);
}

Result<release::Workspace> read_workspace(const registry::WorkTables* tables,
                                          const registry::WorkspaceKey& key, const KnownWorkspace& before) {
  release::Workspace workspace{before.read ? before.read->schema : workspace_schema(key), {}};
  if (tables == nullptr) return workspace;
  workspace.tables.reserve(tables->size());
  // Both come in the order of their names; what was read has one table for each that it was read from.
  std::size_t known = 0;
  auto old = before.from ? before.from->begin() : tables->end();
  const auto end = before.from ? before.from->end() : tables->end();
  for (const auto& [name, value] : *tables) {
    for (; old != end && old->first < name; ++old) ++known;
    if (old != end && old->second == value) {
      workspace.tables.push_back(before.read->tables[known]);
      continue;
    }
    auto table = read_table(*value, workspace.schema);
    if (!table) return table.error();
    workspace.tables.push_back(std::make_shared<const Table>(std::move(*table)));
  }
  return workspace;
}

Status check_as_approved(const release::Plan& plan, const Result<release::Plan>& asked,
                         const registry::Request& request, const registry::WorkTables* tables) {
  const auto version = [](const registry::WorkTables* held, const std::string& name) {
    const auto found = held == nullptr ? registry::WorkTables::const_iterator{} : held->find(name);
    return held == nullptr || found == held->end() ? Value() : *found->second;
  };
  const bool alike =
      asked && asked->sql_run == plan.sql_run && std::ranges::all_of(plan.own, [&](const std::string& name) {
        return version(tables, name) == version(request.asked_over.get(), name);
      });
  if (alike) return {};
  return Error{ErrorKind::refused,
               "running the request: what it reads of the workspace was changed after it was asked, and "
               "whoever approved it saw something else: ask again"};
}

Value work_table_value(const Table& table) {
  Array columns;
  // Nothing leaves from what is not tied; and a view's SELECT tells all anew.
  const bool told = table.untied.empty() && table.view.empty();
  for (const Column& column : table.columns) columns.push_back(column_value(column, told));
  Object value{{"name", table.name}, {"about", about_of(table)}, {"columns", std::move(columns)}};
  if (told && !table.chosen.empty()) value["chosen"] = statement::texts(table.chosen);
  if (told && !table.left_out.empty()) value["left_out"] = statement::texts(table.left_out);
  if (!table.view.empty()) value["view"] = table.view;
  if (!table.untied.empty()) {
    value["why"] = table.untied;
    return value;
  }
  if (!table.person.empty()) value["person"] = table.person;
  if (table.belongs_to.empty()) return value;
  value["belongs_to"] = table.belongs_to;
  value["joined_on"] = statement::texts(table.joined_on);
  return value;
}

Object change_object(const release::WorkspaceChange& change) {
  Object object;
  if (!change.dropped.empty()) object["dropped"] = statement::texts(change.dropped);
  if (change.made.empty()) return object;
  Array made;
  for (const Table& table : change.made) made.push_back(work_table_value(table));
  object["made"] = std::move(made);
  return object;
}

std::vector<std::string> stated_sql(const release::Plan& plan) {
  std::size_t size = 0;
  for (const std::string& sql : plan.sql_run) size += sql.size();
  if (plan.kind != release::Kind::work || size <= kStatedSql) return plan.sql_run;
  std::vector<std::string> digests;
  digests.reserve(plan.sql_run.size());
  for (const std::string& sql : plan.sql_run) digests.push_back("sha256:" + to_hex(sha256(as_bytes(sql))));
  return digests;
}

}  // namespace sceau::gate
