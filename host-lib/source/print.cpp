#include <algorithm>

#include "parse_tree.h"
#include "reader.h"
#include "writer.h"

namespace sceau::source {

std::string print(const Expression& expression) { return Writer().expression(expression); }

namespace {

Result<ParseTree> parsed(std::string_view sql) {
  if (sql.find('\0') != std::string_view::npos) {
    return Error{ErrorKind::invalid, "reading the SQL: it has a zero byte: remove it"};
  }
  return source::parse(std::string(sql));
}

// `"name", …` of the columns at those positions.
std::string listed(const Table& table, const std::vector<int>& at) {
  std::string out;
  for (const int position : at) {
    if (!out.empty()) out += ", ";
    out += identifier(table.columns[static_cast<std::size_t>(position)].name);
  }
  return out;
}

std::string_view type_name(Type type) { return type == Type::text ? "text" : "numeric"; }

std::string place_name(std::size_t at) { return identifier("c" + std::to_string(at + 1)); }

bool is_bounded(const Expression& e, const Select& select);

// Of a relation's column: whether no text of it is longer than it is taken to be, whatever the database
// holds.
bool is_bounded(const Relation& relation, std::size_t column) {
  if (relation.table != nullptr) return relation.table->in_workspace();
  const Select& inner = *relation.select;
  if (!inner.values.empty()) return true;
  return inner.combine == Select::Combine::none && is_bounded(inner.outputs[column].value, inner);
}

// Texts of the catalogue's columns alone are taken to be so long; what cuts them cuts them by letters.
bool is_bounded(const Expression& e, const Select& select) {
  using Kind = Expression::Kind;
  if (e.type != Type::text || e.is_predicate() || e.kind == Kind::text || e.kind == Kind::null) return true;
  if (e.is_column()) {
    const Relation* relation = select.find(e.relation);
    return relation != nullptr && is_bounded(*relation, static_cast<std::size_t>(e.column));
  }
  if (e.kind == Kind::function && (e.text == "strftime" || e.text == "to_char")) return true;
  if (e.kind == Kind::aggregate && e.text == "string_agg") return true;
  constexpr std::size_t letter = 4;
  if (e.kind == Kind::function && e.text == "substr" && e.children.size() == 3 &&
      letter * std::stoul(e.children[2].text) <= e.longest)
    return true;
  return std::all_of(e.children.begin(), e.children.end(),
                     [&](const Expression& child) { return is_bounded(child, select); });
}

// What does not keep its type (keeps_type()) has one of two, so that whatever is computed goes in. Each in
// the database's own collation, so that they compare with each other.
std::string stored(const std::string& place, Type type, bool copied, std::optional<std::size_t> longest) {
  const std::string cast = "CAST(\"q\"." + place + " AS " + std::string(type_name(type)) + ")";
  if (type == Type::text)
    return (longest ? bounded_text(cast, *longest) : cast) + " COLLATE pg_catalog.\"default\"";
  return copied ? cast : bounded_number(cast);
}

std::string rows_text(const std::vector<std::vector<Expression>>& rows) {
  std::string out;
  Writer writer;
  for (const auto& row : rows) {
    out += out.empty() ? "(" : ", (";
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) out += ", ";
      out += writer.expression(row[i]);
    }
    out += ")";
  }
  return out;
}

// ` DEFAULT …`, or nothing.
std::string default_text(const std::optional<std::string>& otherwise, Type type) {
  if (!otherwise) return {};
  Expression constant;
  constant.kind = type == Type::text ? Expression::Kind::text : Expression::Kind::number;
  constant.type = type;
  constant.text = *otherwise;
  return " DEFAULT " + Writer().expression(constant);
}

std::string declaration(const std::vector<Column>& columns) {
  std::string out;
  for (const Column& column : columns) {
    if (!out.empty()) out += ", ";
    out.append(identifier(column.name)).append(" ").append(type_name(column.type));
    out += default_text(column.otherwise, column.type);
  }
  return out;
}

std::string alterations(const WorkStatement& work, const Table& table) {
  std::string out;
  for (const int at : work.into) {
    out.append(out.empty() ? "" : ", ").append("DROP COLUMN ");
    out += identifier(table.columns[static_cast<std::size_t>(at)].name);
  }
  for (const Column& column : work.columns) {
    out.append(out.empty() ? "" : ", ").append("ADD COLUMN ");
    out.append(identifier(column.name)).append(" ").append(type_name(column.type));
    out += default_text(column.otherwise, column.type);
  }
  for (const auto& [at, otherwise] : work.defaults) {
    const Column& column = table.columns[static_cast<std::size_t>(at)];
    out.append(out.empty() ? "" : ", ").append("ALTER COLUMN ").append(identifier(column.name));
    out += otherwise ? " SET" + default_text(otherwise, column.type) : std::string(" DROP DEFAULT");
  }
  return out;
}

std::string widenings(const WorkStatement& work, const Table& table) {
  std::string out;
  for (const int at : work.into) {
    out.append(out.empty() ? "" : ", ").append("ALTER COLUMN ");
    out += identifier(table.columns[static_cast<std::size_t>(at)].name) + " TYPE numeric";
  }
  return out;
}

// SELECT that gives what is stored, over the SELECT that was checked: its results by their places, so that no
// name within it chooses another. `table`: what it is inserted into.
std::string stored_select(const WorkStatement& work, const std::string& checked, const Table* table) {
  std::string out = "SELECT ";
  std::string places;
  for (std::size_t i = 0; i < work.select->outputs.size(); ++i) {
    const Output& output = work.select->outputs[i];
    places.append(i == 0 ? "" : ", ").append(place_name(i));
    const Type type =
        table == nullptr ? output.value.type : table->columns[static_cast<std::size_t>(work.into[i])].type;
    if (i > 0) out += ", ";
    if (table == nullptr && keeps_type(*work.select, i)) {
      out.append("\"q\".").append(place_name(i)).append(" AS ").append(identifier(output.name));
      continue;
    }
    const Relation* from = output.value.is_column() ? work.select->find(output.value.relation) : nullptr;
    // Of a combination, the parts say it.
    const bool bounded =
        work.select->combine == Select::Combine::none && is_bounded(output.value, *work.select);
    const auto longest = bounded ? std::nullopt : std::optional(output.value.longest);
    out.append(stored(place_name(i), type, from != nullptr && from->table != nullptr, longest))
        .append(" AS ")
        .append(identifier(output.name));
  }
  return out + " FROM (" + checked + ") AS \"q\"(" + places + ")";
}

// What is written besides the SELECT inside.
std::string work_text(const WorkStatement& work, const Table* table, const std::string& name,
                      const std::string& checked) {
  using Kind = WorkStatement::Kind;
  switch (work.kind) {
    case Kind::make:
      return "CREATE TABLE " + name + " AS " + stored_select(work, checked, nullptr);
    case Kind::declare:
      return "CREATE TABLE " + name + " (" + declaration(work.columns) + ")";
    case Kind::insert:
      return "INSERT INTO " + name + " (" + listed(*table, work.into) + ") " +
             stored_select(work, checked, table);
    case Kind::insert_values:
      return "INSERT INTO " + name + " (" + listed(*table, work.into) + ") VALUES " + rows_text(work.rows);
    case Kind::drop:
      return "DROP TABLE IF EXISTS " + name;
    case Kind::remove:
      return work.select ? write_postgresql_delete(*work.select) : "DELETE FROM " + name;
    case Kind::update:
      return write_postgresql_update(*work.select, work.into);
    case Kind::alter:
      return "ALTER TABLE " + name + " " + alterations(work, *table);
    case Kind::rename:
      return "ALTER TABLE " + name + " RENAME " +
             (work.into.empty() ? "TO " : "COLUMN " + listed(*table, work.into) + " TO ") +
             identifier(work.renamed);
    case Kind::widen:
      return "ALTER TABLE " + name + " " + widenings(work, *table);
    case Kind::index:
      return "CREATE INDEX ON " + name + " (" + listed(*table, work.into) + ")";
    case Kind::analyse:
      return "ANALYZE " + name;
    case Kind::view:
    case Kind::nothing:
      break;
  }
  return {};
}

}  // namespace

Result<Select> read_select(std::string_view sql, const Catalogue& catalogue, std::size_t parameters) {
  auto tree = parsed(sql);
  if (!tree) return tree.error();
  return Reader(catalogue, parameters).read(**tree);
}

Result<WorkStatement> read_work(std::string_view sql, const Catalogue& catalogue) {
  auto tree = parsed(sql);
  if (!tree) return tree.error();
  return Reader(catalogue).read_work(**tree);
}

bool keeps_type(const Select& select, std::size_t at) {
  const Expression& value = select.outputs[at].value;
  const Relation* from = value.is_column() ? select.find(value.relation) : nullptr;
  if (from == nullptr || from->table == nullptr || select.combine != Select::Combine::none ||
      value.type != Type::integer)
    return false;
  return !from->table->in_workspace() || from->table->columns[static_cast<std::size_t>(value.column)].narrow;
}

Result<CheckedWork> print_work(const WorkStatement& work, const Catalogue& catalogue,
                               const std::string& schema) {
  std::optional<CheckedSql> checked;
  if (work.select) {
    auto printed = print(*work.select, catalogue, Engine::postgresql);
    if (!printed) return printed.error();
    checked = std::move(*printed);
  }
  if (work.kind == WorkStatement::Kind::nothing)
    return Error{ErrorKind::refused, "the statement leaves nothing to do"};
  const Table* table = catalogue.find(work.table);
  const bool makes = work.kind == WorkStatement::Kind::make || work.kind == WorkStatement::Kind::declare;
  if ((table == nullptr) != makes && work.kind != WorkStatement::Kind::drop)
    return Error{ErrorKind::internal, "table " + work.table + " of the script is not where it should be"};
  std::string text = work_text(work, table, identifier(schema) + "." + identifier(work.table),
                               checked ? checked->text() : std::string());
  if (auto read = check_statement(text); !read)
    return read.error().within("reading back the SQL that would run");
  std::set<std::string> touched;
  if (checked) touched = checked->workspace();
  if (checked) touched.insert(work.table);
  return CheckedWork(work.number, std::move(text), std::move(checked), std::move(touched));
}

Reading reading_of(const Select& select) {
  Writer writer;
  std::string text = writer.select(select, true);
  return {std::move(text), std::move(writer.reads), std::move(writer.tables), std::move(writer.workspace)};
}

Result<CheckedSql> print(const Select& select, const Catalogue& catalogue, Engine engine) {
  Writer writer;
  std::string text = writer.select(select, true);
  auto again = read_select(text, catalogue, select.parameters.size());
  if (!again) return again.error().within("reading back the SQL that would run");
  if (Writer().select(*again, true) != text || again->parameters != select.parameters) {
    return Error{ErrorKind::internal,
                 "the SQL that would run reads differently the second time: write the request more simply"};
  }
  if (engine == Engine::postgresql) {
    text = write_postgresql(*again);
    if (auto read = check_statement(text); !read)
      return read.error().within("reading back the SQL that would run");
  }
  CheckedSql checked(engine, std::move(text), std::move(writer.reads), std::move(writer.tables));
  checked.types_ = select.parameters;
  checked.workspace_ = std::move(writer.workspace);
  for (const std::string& name : checked.workspace_) checked.schema_ = catalogue.find(name)->schema;
  return checked;
}

}  // namespace sceau::source
