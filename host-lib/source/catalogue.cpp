#include "sceau/source/catalogue.h"

#include "sceau/base/toml.h"

#include <algorithm>
#include <array>
#include <optional>

#include "characters.h"

namespace sceau::source {
namespace {

constexpr std::array<std::string_view, 6> label_names = {
    "person_key", "direct_identifier",    "professional_identifier",
    "record_key", "potential_identifier", "measure"};
constexpr std::array<std::string_view, 3> type_names = {"integer", "real", "text"};

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

std::string lowered(std::string_view name) {
  std::string out(name);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return lower(c); });
  return out;
}

// A name that needs no thought in any SQL: letters, digits, underscores, at most 63.
bool is_plain_name(std::string_view name) {
  if (name.empty() || name.size() > 63 || (name[0] >= '0' && name[0] <= '9')) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

// Reads the tables; keeps the first error, after which nothing it returned is used.
class CatalogueReader {
 public:
  std::vector<Table> read(const toml::table& document);
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  struct Entry {
    std::string_view key;
    const toml::node* node;
  };

  void fail(const toml::node& node, const std::string& what) {
    if (error_) return;
    error_ = Error{ErrorKind::invalid,
                   "reading the catalogue, line " + std::to_string(node.source().begin.line) + ": " + what};
  }
  // The entries in the order of the text: toml++ keeps them in the order of their names.
  static std::vector<Entry> in_order(const toml::table& table);
  Table read_table(std::string_view name, const toml::node& node);
  void read_columns(Table& table, const toml::node& node);
  Column read_column(std::string_view name, const toml::node& node);
  std::string read_text(const toml::node& node, std::string_view what);
  void check_table(const Table& table, const toml::node& node);
  void check_belongs(const std::vector<Table>& tables, const Table& table, const toml::node& node);

  std::optional<Error> error_;
};

std::vector<CatalogueReader::Entry> CatalogueReader::in_order(const toml::table& table) {
  std::vector<Entry> entries;
  for (const auto& [key, node] : table) entries.push_back({key.str(), &node});
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    const auto& first = a.node->source().begin;
    const auto& second = b.node->source().begin;
    return first.line != second.line ? first.line < second.line : first.column < second.column;
  });
  return entries;
}

std::string CatalogueReader::read_text(const toml::node& node, std::string_view what) {
  if (const auto* text = node.as_string()) return text->get();
  fail(node, std::string(what) + " must be a quoted text");
  return {};
}

Column CatalogueReader::read_column(std::string_view name, const toml::node& node) {
  Column column{std::string(name), Label::direct_identifier, Type::text};
  const auto* table = node.as_table();
  if (!is_plain_name(name)) fail(node, "column " + quoted(name) + " is not letters, digits and underscores");
  if (table == nullptr) {
    fail(node, "column " + quoted(name) + " must be { type = …, label = … }");
    return column;
  }
  bool typed = false;
  bool labelled = false;
  for (const auto& [key, value] : *table) {
    const std::string text = read_text(value, key.str());
    if (key == "type") {
      const auto* const found = std::find(type_names.begin(), type_names.end(), text);
      if (found == type_names.end()) {
        fail(value, "type " + quoted(text) + " is unknown: use integer, real or text");
        return column;
      }
      column.type = static_cast<Type>(found - type_names.begin());
      typed = true;
    } else if (key == "label") {
      const auto* const found = std::find(label_names.begin(), label_names.end(), text);
      if (found == label_names.end()) {
        fail(value, "label " + quoted(text) +
                        " is unknown: use person_key, direct_identifier, professional_identifier, "
                        "record_key, potential_identifier or measure");
        return column;
      }
      column.label = static_cast<Label>(found - label_names.begin());
      labelled = true;
    } else {
      fail(value, "key " + quoted(key.str()) + " is unknown: a column has a type and a label");
    }
  }
  if (!typed || !labelled) fail(node, "column " + quoted(name) + " needs both a type and a label");
  return column;
}

void CatalogueReader::read_columns(Table& table, const toml::node& node) {
  const auto* columns = node.as_table();
  if (columns == nullptr) return fail(node, "columns must be a table");
  for (const Entry& entry : in_order(*columns)) {
    if (table.find(entry.key) >= 0) {
      fail(*entry.node, "column " + quoted(entry.key) + " is there twice: case does not tell names apart");
    }
    table.columns.push_back(read_column(entry.key, *entry.node));
  }
}

Table CatalogueReader::read_table(std::string_view name, const toml::node& node) {
  Table table;
  table.name = name;
  const auto* entries = node.as_table();
  if (!is_plain_name(name) || same_name(name.substr(0, 7), "sqlite_") ||
      same_name(name.substr(0, 3), "pg_")) {
    fail(node, "table " + quoted(name) + " is not a name that a catalogue may use");
  }
  if (entries == nullptr) {
    fail(node, quoted(name) + " must be a table");
    return table;
  }
  for (const auto& [key, value] : *entries) {
    if (key == "person") {
      table.person = read_text(value, "person");
    } else if (key == "belongs_to") {
      table.belongs_to = read_text(value, "belongs_to");
    } else if (key == "joined_on" && value.is_array()) {
      for (const auto& item : *value.as_array()) table.joined_on.push_back(read_text(item, "joined_on"));
    } else if (key == "reference" && value.is_boolean()) {
      table.reference = value.as_boolean()->get();
    } else if (key == "columns") {
      read_columns(table, value);
    } else {
      fail(value, "key " + quoted(key.str()) + " is unknown or not of its kind in table " + quoted(name));
    }
  }
  check_table(table, node);
  return table;
}

void CatalogueReader::check_table(const Table& table, const toml::node& node) {
  const std::string name = "table " + quoted(table.name);
  const int said = int{!table.person.empty()} + int{!table.belongs_to.empty()} + int{table.reference};
  if (said != 1) {
    fail(node, name + " must say exactly one of person, belongs_to and reference = true");
  }
  if (table.columns.empty()) fail(node, name + " has no columns");
  if (table.belongs_to.empty() != table.joined_on.empty()) {
    fail(node, name + " needs belongs_to and joined_on together");
  }
  if (!table.person.empty()) {
    const int person = table.find(table.person);
    if (person < 0 || table.columns[static_cast<std::size_t>(person)].label != Label::person_key) {
      fail(node,
           name + ": its person column " + quoted(table.person) + " is not a column labelled person_key");
    }
  }
  for (const Column& column : table.columns) {
    if (table.reference && column.label == Label::person_key) {
      fail(node, name + " is a reference table and cannot have a person key");
    }
  }
}

void CatalogueReader::check_belongs(const std::vector<Table>& tables, const Table& table,
                                    const toml::node& node) {
  if (table.belongs_to.empty()) return;
  const auto owner = std::find_if(tables.begin(), tables.end(), [&](const Table& other) {
    return same_name(other.name, table.belongs_to);
  });
  if (owner == tables.end() || owner->person.empty()) {
    return fail(node, "table " + quoted(table.name) + " belongs to " + quoted(table.belongs_to) +
                          ", which is not a table about people");
  }
  for (const std::string& key : table.joined_on) {
    if (table.find(key) < 0 || owner->find(key) < 0) {
      fail(node, "joined_on column " + quoted(key) + " is not in both " + quoted(table.name) + " and " +
                     quoted(owner->name));
    }
  }
}

std::vector<Table> CatalogueReader::read(const toml::table& document) {
  std::vector<Table> tables;
  std::vector<const toml::node*> nodes;
  const auto* format = document.get("format");
  if (format == nullptr || !format->is_integer() || format->as_integer()->get() != 1)
    fail(document, "it must begin with format = 1");
  for (const auto& [key, value] : document) {
    if (key != "format" && key != "tables") fail(value, "key " + quoted(key.str()) + " is unknown");
  }
  const auto* list = document.get_as<toml::table>("tables");
  if (list == nullptr || list->empty()) {
    fail(document, "it has no tables: add [tables.NAME]");
    return tables;
  }
  for (const Entry& entry : in_order(*list)) {
    for (const Table& other : tables) {
      if (same_name(other.name, entry.key)) {
        fail(*entry.node, "table " + quoted(entry.key) + " is there twice: case does not tell names apart");
      }
    }
    tables.push_back(read_table(entry.key, *entry.node));
    nodes.push_back(entry.node);
  }
  for (std::size_t i = 0; i < tables.size(); ++i) check_belongs(tables, tables[i], *nodes[i]);
  return tables;
}

}  // namespace

std::string_view to_string(Label label) { return label_names.at(static_cast<std::size_t>(label)); }
std::string_view to_string(Type type) { return type_names.at(static_cast<std::size_t>(type)); }

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

int Table::find(std::string_view column) const {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (same_name(columns[i].name, column)) return static_cast<int>(i);
  }
  return -1;
}

Result<Catalogue> Catalogue::from_toml(std::string_view text) {
  auto own = std::make_shared<Own>();
  own->version = sha256(as_bytes(text));
  try {
    const toml::table document = parse_toml(text);
    CatalogueReader reader;
    own->tables = reader.read(document);
    if (reader.error()) return *reader.error();
  } catch (const toml::parse_error& problem) {
    return Error{ErrorKind::invalid, "reading the catalogue, line " +
                                         std::to_string(problem.source().begin.line) +
                                         ": not TOML: " + std::string(problem.description())};
  }
  for (std::size_t i = 0; i < own->tables.size(); ++i) own->places.emplace(lowered(own->tables[i].name), i);
  Catalogue catalogue;
  catalogue.own_ = std::move(own);
  return catalogue;
}

Catalogue Catalogue::with(const std::vector<SharedTable>& workspace) const {
  Catalogue both = *this;
  both.workspace_.reserve(both.workspace_.size() + workspace.size());
  for (const SharedTable& table : workspace) {
    if (find(table->name) == nullptr) both.workspace_.push_back(table);
  }
  return both;
}

const Table* Catalogue::find(std::string_view table) const {
  if (const auto own = own_->places.find(lowered(table)); own != own_->places.end())
    return &own_->tables[own->second];
  for (const SharedTable& candidate : workspace_) {
    if (same_name(candidate->name, table)) return candidate.get();
  }
  return nullptr;
}

}  // namespace sceau::source
