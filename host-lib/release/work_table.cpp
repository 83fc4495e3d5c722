#include "work_table.h"

#include <algorithm>
#include <map>

#include "build.h"
#include "chosen.h"
#include "weights.h"

namespace sceau::release {
namespace {

using source::Column;
using source::Expression;
using source::Output;
using source::Select;
using source::Sums;
using source::Table;

constexpr std::size_t longest_updated =
    2600;  // bytes of a text: PostgreSQL's index entries have 2,704 at most

// Without the words before it, which say what was being done.
std::string reason_of(const Error& error) {
  const std::size_t colon = error.message.find(": ");
  std::string reason = colon == std::string::npos ? error.message : error.message.substr(colon + 2);
  if (reason.size() <= longest_reason) return reason;
  std::size_t end = longest_reason;
  while (end > 0 && (static_cast<unsigned char>(reason[end]) & 0xC0U) == 0x80U) --end;
  return reason.substr(0, end);
}

Sums sums_of(const Select& select, std::size_t at) {
  if (select.combine != Select::Combine::none) {
    // Constants of one part would hide what few people have in the other.
    const bool copied = std::all_of(select.parts.begin(), select.parts.end(),
                                    [&](const Select& part) { return sums_of(part, at) == Sums::copied; });
    return copied ? Sums::copied : Sums::never;
  }
  if (!select.values.empty()) return Sums::never;
  const Expression& value = select.outputs[at].value;
  const Weights weights(select);
  if (weights.is_plain(value)) return Sums::copied;
  if (value.type == source::Type::text || value.kind == Expression::Kind::null) return Sums::never;
  const auto parts = weights.split(value);
  return parts && parts->size() <= 1 ? Sums::alone : Sums::never;
}

// Numbers the rows that columns are copied from in the order in which they come.
class Copies {
 public:
  Copies(const Select& select, const source::Catalogue& catalogue) : select_(select), catalogue_(catalogue) {}

  std::optional<source::CopiedFrom> of(const Expression& value) {
    const source::Relation* relation = value.is_column() ? select_.find(value.relation) : nullptr;
    if (relation == nullptr) return std::nullopt;
    const auto& origin = relation->columns[static_cast<std::size_t>(value.column)].origin;
    const Table* table = origin ? catalogue_.find(origin->table) : nullptr;
    const int column = table == nullptr ? -1 : table->find(origin->column);
    if (column < 0) return std::nullopt;
    if (!table->in_workspace())
      return source::CopiedFrom{table->name, origin->column, row({origin->instance, -1})};
    const auto& before = table->columns[static_cast<std::size_t>(column)].copied;
    if (!before) return std::nullopt;
    return source::CopiedFrom{before->table, before->column, row({origin->instance, before->row})};
  }

 private:
  int row(std::pair<int, int> key) {
    return rows_.emplace(key, static_cast<int>(rows_.size()) + 1).first->second;
  }

  const Select& select_;
  const source::Catalogue& catalogue_;
  std::map<std::pair<int, int>, int> rows_;
};

void untie(Table& table, const std::string& why) {
  table.person.clear();
  table.belongs_to.clear();
  table.joined_on.clear();
  table.reference = false;
  table.untied = why;
}

// Of which table its records are: all the columns that join it are here, under their names.
void tie_records(Table& table, const source::Catalogue& catalogue) {
  for (const Column& column : table.columns) {
    const Table* records = column.copied ? catalogue.find(column.copied->table) : nullptr;
    if (records == nullptr || records->belongs_to.empty()) continue;
    const bool all =
        std::all_of(records->joined_on.begin(), records->joined_on.end(), [&](const std::string& key) {
          const int at = table.find(key);
          if (at < 0) return false;
          const auto& from = table.columns[static_cast<std::size_t>(at)].copied;
          return from && from->row == column.copied->row && source::same_name(from->column, key);
        });
    if (!all) continue;
    table.belongs_to = records->belongs_to;
    table.joined_on = records->joined_on;
    return;
  }
  untie(table,
        "it holds records without all the columns that join them to their people: keep those, or join first");
}

// Whom the rows of `select` are about, as columns of `table` say it.
void tie(Table& table, const std::vector<int>& into, const Select& select,
         const source::Catalogue& catalogue) {
  const auto tied = tie_rows(select, catalogue);
  if (!tied) return untie(table, reason_of(tied.error()));
  switch (tied->about) {
    case People::About::nobody:
      table.reference = true;
      return;
    case People::About::people:
      table.person =
          table.columns[static_cast<std::size_t>(into[static_cast<std::size_t>(tied->person)])].name;
      return;
    case People::About::records:
      return tie_records(table, catalogue);
  }
}

// Whether whom the rows are about is known by that column.
bool is_tie(const Table& table, const std::string& column) {
  return source::same_name(table.person, column) ||
         std::any_of(table.joined_on.begin(), table.joined_on.end(),
                     [&](const std::string& key) { return source::same_name(key, column); });
}

bool tied_alike(const Table& a, const Table& b) {
  return a.person == b.person && a.reference == b.reference && a.belongs_to == b.belongs_to &&
         a.joined_on == b.joined_on;
}

std::vector<int> all_positions(std::size_t count) {
  std::vector<int> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(static_cast<int>(i));
  return all;
}

Error mixes(const Column& column, source::Label given) {
  return {ErrorKind::refused, "column \"" + column.name + "\" holds " + std::string(to_string(column.label)) +
                                  " and would be given " + std::string(to_string(given)) +
                                  ": keep identifiers in columns of their own"};
}

// An index on the column would fail at texts that are longer than it has room for: by somebody's data.
Status check_room(const Column& column, std::size_t longest, std::size_t room) {
  if (column.type != source::Type::text || longest <= room) return {};
  return Error{ErrorKind::refused,
               "column \"" + column.name + "\" would be given texts of up to " + std::to_string(longest) +
                   " bytes, and its indexes have room for " + std::to_string(room) +
                   ": make the table anew with CREATE TABLE … AS SELECT, and its indexes last"};
}

// One column of `table` after one of `given` was put into it.
Status add_column(Column& column, const Column& given, const Expression& value, bool empty) {
  if (value.kind == Expression::Kind::null) return {};
  if (auto fits = check_room(column, given.longest, column.room.value_or(given.longest)); !fits) return fits;
  if (given.label != column.label && (is_identifying(column.label) || is_identifying(given.label))) {
    if (!empty || is_identifying(column.label)) return mixes(column, given.label);
  }
  column.label = std::min(column.label, given.label);
  column.longest = empty ? given.longest : std::max(column.longest, given.longest);
  if (empty) {
    column.sums = given.sums;
    column.copied = given.copied;
    column.made_of = given.made_of;
    column.compared = given.compared;
    return {};
  }
  add_choice(column, given);
  if (column.sums != Sums::copied || given.sums != Sums::copied) column.sums = Sums::never;
  if (column.copied != given.copied) column.copied.reset();
  return {};
}

}  // namespace

Table table_of(const std::string& name, const std::string& schema, const Select& select,
               const source::Catalogue& catalogue) {
  Table table;
  table.name = name;
  table.schema = schema;
  Copies copies(select, catalogue);
  for (std::size_t i = 0; i < select.outputs.size(); ++i) {
    const Output& output = select.outputs[i];
    Column column;
    column.name = output.name;
    column.label = output.value.label;
    column.type = output.value.type;
    column.sums = sums_of(select, i);
    column.longest = output.value.longest;
    column.copied = copies.of(output.value);
    table.columns.push_back(std::move(column));
  }
  note_choice(table, select);
  tie(table, all_positions(table.columns.size()), select, catalogue);
  return table;
}

Status add_rows(Table& table, const std::vector<int>& into, const Select& select,
                const source::Catalogue& catalogue) {
  Table given = table_of(table.name, table.schema, select, catalogue);
  Table after = table;
  for (std::size_t i = 0; i < into.size(); ++i) {
    auto added = add_column(after.columns[static_cast<std::size_t>(into[i])], given.columns[i],
                            select.outputs[i].value, table.empty);
    if (!added) return added;
  }
  if (table.untied.empty()) {
    Table alike = after;
    untie(alike, {});
    tie(alike, into, select, catalogue);
    if (!alike.untied.empty()) {
      untie(after, alike.untied);
    } else if (table.empty) {
      after.reference = alike.reference;
      after.person = alike.person;
      after.belongs_to = alike.belongs_to;
      after.joined_on = alike.joined_on;
    } else if (!tied_alike(table, alike)) {
      untie(after, "its rows were put in from SELECTs that are not about people in the same way");
    }
  }
  add_choice(after, given);
  after.empty = false;
  table = std::move(after);
  return {};
}

Status add_constants(Table& table, const std::vector<int>& into,
                     const std::vector<std::vector<Expression>>& rows) {
  for (std::size_t i = 0; i < into.size(); ++i) {
    Column& column = table.columns[static_cast<std::size_t>(into[i])];
    for (const auto& row : rows) {
      if (row[i].kind == Expression::Kind::null) continue;
      if (is_identifying(column.label))
        return Error{ErrorKind::refused,
                     "column \"" + column.name + "\" is a " + std::string(to_string(column.label)) +
                         ", which takes no constants: identifiers come from INSERT … SELECT alone"};
      const std::size_t size = row[i].text.size();
      if (auto fits = check_room(column, size, column.room.value_or(size)); !fits) return fits;
      column.longest = table.empty && &row == rows.data() ? row[i].text.size()
                                                          : std::max(column.longest, row[i].text.size());
      column.sums = Sums::never;
      column.copied.reset();
    }
  }
  if (table.untied.empty() && !table.empty && !table.reference)
    untie(table, "constants stand in it beside rows about people");
  if (table.empty) table.reference = true;
  table.empty = false;
  return {};
}

// As the SELECT that would make the table anew: CASE WHEN the condition THEN the new value ELSE the old one
// END.
Status update_rows(Table& table, const std::vector<int>& into, const Select& select,
                   const source::Catalogue& catalogue) {
  Select whole = select;
  // What joins it with others says whose rows those are.
  if (select.from.size() == 1) whole.where.reset();
  whole.outputs.clear();
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    whole.outputs.push_back({table.columns[i].name, build::column(whole.relations[0], i)});
  for (std::size_t i = 0; i < into.size(); ++i) {
    const auto at = static_cast<std::size_t>(into[i]);
    const Column& column = table.columns[at];
    const Expression& given = select.outputs[i].value;
    if (is_identifying(column.label) || is_identifying(given.label)) {
      return Error{ErrorKind::refused, "column \"" + column.name + "\" holds " +
                                           std::string(to_string(column.label)) + " and would be given " +
                                           std::string(to_string(given.label)) +
                                           ": UPDATE neither changes identifiers nor copies them"};
    }
    const std::size_t room = column.room.value_or(std::max(longest_updated, column.longest));
    if (auto fits = check_room(column, given.longest, room); !fits) return fits;
    Expression& value = whole.outputs[at].value;
    const std::size_t longest = std::max(given.longest, select.where ? value.longest : 0);
    value = select.where
                ? build::node(Expression::Kind::cases, {}, column.type, {*select.where, given, value})
                : given;
    value.longest = longest;
  }
  const Table given = table_of(table.name, table.schema, whole, catalogue);
  Table after = table;
  for (const int position : into) {
    const auto at = static_cast<std::size_t>(position);
    Column& column = after.columns[at];
    column.label = std::min(column.label, given.columns[at].label);
    column.longest = given.columns[at].longest;
    column.sums = given.columns[at].sums;
    column.copied = given.columns[at].copied;
    change_choice(column, given.columns[at], select);
  }
  if (table.untied.empty() && !table.empty) {
    Table alike = after;
    untie(alike, {});
    tie(alike, all_positions(alike.columns.size()), whole, catalogue);
    if (!alike.untied.empty()) {
      untie(after, alike.untied);
    } else if (!tied_alike(table, alike)) {
      untie(after, "UPDATE changed whom its rows are about");
    }
  }
  table = std::move(after);
  return {};
}

void alter_columns(Table& table, const source::WorkStatement& work) {
  for (const auto& [at, otherwise] : work.defaults)
    table.columns[static_cast<std::size_t>(at)].otherwise = otherwise;
  std::vector<int> dropped = work.into;
  std::sort(dropped.rbegin(), dropped.rend());
  for (const int at : dropped) {
    const std::string name = table.columns[static_cast<std::size_t>(at)].name;
    if (is_tie(table, name))
      untie(table, "column \"" + name + "\", which said whom its rows are about, was dropped");
    table.columns.erase(table.columns.begin() + at);
  }
  for (Column column : work.columns) {
    column.longest = column.otherwise ? column.otherwise->size() : 0;
    column.sums = Sums::never;
    table.columns.push_back(std::move(column));
  }
}

void rename_column(Table& table, int at, const std::string& name) {
  Column& column = table.columns[static_cast<std::size_t>(at)];
  if (source::same_name(table.person, column.name)) {
    table.person = name;
  } else if (is_tie(table, column.name)) {
    untie(table, "column \"" + column.name + "\", which joins its records, was renamed");
  }
  column.name = name;
}

void remove_rows(Table& table, const Select& select, const source::Catalogue& catalogue) {
  if (!table.untied.empty() || !select.where) return;
  narrow_choice(table, select);
  Select all = select;
  all.outputs.clear();
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    all.outputs.push_back({table.columns[i].name, build::column(all.relations[0], i)});
  if (const auto tied = tie_rows(all, catalogue); !tied) untie(table, reason_of(tied.error()));
}

}  // namespace sceau::release
