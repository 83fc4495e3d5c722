#include "tables.h"

#include <algorithm>
#include <exception>

#include "sceau/source/query.h"

namespace sceau::connect {
namespace {

Error unreadable(const std::string& what) {
  return {ErrorKind::corrupt, "the gate's catalogue has " + what + ": is the gate of this version?"};
}

std::uint32_t type_for(const std::string& type) {
  if (type == "integer") return kInt8;
  return type == "real" ? kFloat8 : kText;
}

Result<Table> read_table(const statement::Value& value) {
  auto name = statement::text_field(value, "name");
  auto workspace = statement::bool_field(value, "workspace");
  auto columns = statement::array_field(value, "columns");
  if (!name || !workspace || !columns) return unreadable("a table without name, workspace or columns");
  Table table{*name, *workspace, {}};
  table.columns.reserve((*columns)->as_array().size());
  for (const auto& column : (*columns)->as_array()) {
    auto called = statement::text_field(column, "name");
    auto type = statement::text_field(column, "type");
    if (!called || !type) return unreadable("a column without name or type in table " + *name);
    // A person's key leaves as a pseudonym, which is a text.
    const auto label = statement::text_field(column, "label");
    table.columns.push_back({*called, type_for(label && *label == "person_key" ? "text" : *type)});
  }
  return table;
}

// The labels matter to the gate alone: here, all that a query's reader needs is names and types.
source::Catalogue names_of(const std::vector<Table>& tables) {
  std::vector<std::shared_ptr<const source::Table>> known;
  known.reserve(tables.size());
  for (const auto& table : tables) {
    source::Table made;
    made.name = table.name;
    made.reference = true;
    made.columns.reserve(table.columns.size());
    for (const auto& column : table.columns) {
      made.columns.push_back({column.name, source::Label::measure,
                              column.type == kInt8     ? source::Type::integer
                              : column.type == kFloat8 ? source::Type::real
                                                       : source::Type::text});
    }
    known.push_back(std::make_shared<const source::Table>(std::move(made)));
  }
  return source::Catalogue().with(known);
}

// A defect that a client's SQL finds ends its question, and not everybody's sessions.
Result<source::Select> read_select(const std::string& sql, const source::Catalogue& names) {
  try {
    return source::read_select(sql, names);
  } catch (const std::exception& defect) {
    return Error{ErrorKind::internal,
                 "reading the SQL: this program has a defect with it: " + std::string(defect.what())};
  }
}

}  // namespace

Error no_project() { return {ErrorKind::refused, "no project is chosen: SET sceau.project = 'p-1'"}; }

Result<Tables> Tables::read(const statement::Value& document) {
  Tables tables;
  auto project = statement::text_field(document, "project");
  auto list = statement::array_field(document, "tables");
  if (!project || !list) return unreadable("no project or no tables");
  tables.project_ = std::move(*project);
  tables.tables_.reserve((*list)->as_array().size());
  for (const auto& item : (*list)->as_array()) {
    auto table = read_table(item);
    if (!table) return table.error();
    tables.tables_.push_back(std::move(*table));
  }
  tables.names_ = std::make_shared<const source::Catalogue>(names_of(tables.tables_));
  return tables;
}

const Table* Tables::find(std::string_view name) const {
  const auto found = std::find_if(tables_.begin(), tables_.end(),
                                  [&](const Table& table) { return source::same_name(table.name, name); });
  return found == tables_.end() ? nullptr : &*found;
}

Result<std::vector<Column>> Tables::describe(const std::string& sql) const {
  if (!names_) return no_project();
  auto select = read_select(sql, *names_);
  if (!select) {
    const bool missing =
        select.error().message.find("is not in the catalogue: only its tables") != std::string::npos;
    return missing ? Error{ErrorKind::not_found, select.error().message} : select.error();
  }
  std::vector<Column> columns;
  columns.reserve(select->outputs.size());
  for (const auto& output : select->outputs) {
    const auto type = output.value.type;
    columns.push_back({output.name, type == source::Type::integer ? kInt8
                                    : type == source::Type::real  ? kFloat8
                                                                  : static_cast<std::uint32_t>(kText)});
  }
  return columns;
}

}  // namespace sceau::connect
