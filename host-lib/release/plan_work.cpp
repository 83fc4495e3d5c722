// Kind work: a script of statements, each read with the workspace as those before it leave it.
#include <algorithm>
#include <set>

#include "identifiers.h"
#include "planners.h"
#include "sceau/source/work.h"
#include "work_table.h"

namespace sceau::release {
namespace {

using source::Table;
using source::WorkStatement;
using Step = source::WorkStatement::Kind;

constexpr std::size_t most_tables = 2000;
constexpr std::size_t longest_number = 220;  // bytes of a number of 308 digits and 100 behind the point
constexpr std::size_t longest_view = 4000;   // bytes
constexpr std::size_t longest_key = 2600;    // bytes: PostgreSQL's index entries have 2,704 at most

// Whether the workspace's record takes a view's text.
bool is_kept(const std::string& view) {
  return view.size() <= longest_view &&
         std::all_of(view.begin(), view.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

// Of an index's entry, at most.
std::size_t bytes_of(const WorkStatement& index, const Table& table) {
  std::size_t longest = 0;
  for (const int at : index.into) {
    const source::Column& column = table.columns[static_cast<std::size_t>(at)];
    longest += column.type == source::Type::text ? column.longest : longest_number;
  }
  return longest;
}

// What is left of an entry is shared out among its texts: none may outgrow its share afterwards.
std::size_t share_of(const WorkStatement& index, const Table& table) {
  const std::size_t bytes = bytes_of(index, table);
  const auto texts = std::count_if(index.into.begin(), index.into.end(), [&](int at) {
    return table.columns[static_cast<std::size_t>(at)].type == source::Type::text;
  });
  return bytes > longest_key
             ? 0
             : (longest_key - bytes) / std::max<std::size_t>(static_cast<std::size_t>(texts), 1);
}

void share_room(const WorkStatement& index, Table& table) {
  const std::size_t share = share_of(index, table);
  for (const int at : index.into) {
    source::Column& column = table.columns[static_cast<std::size_t>(at)];
    if (column.type == source::Type::text)
      column.room = std::min(column.room.value_or(longest_key), column.longest + share);
  }
}

// The narrow columns that a statement puts anything into, or would by default.
std::vector<int> narrow_and_given(const WorkStatement& work, const Table& table) {
  std::vector<int> given;
  if (work.kind == Step::insert || work.kind == Step::insert_values || work.kind == Step::update)
    given = work.into;
  for (const auto& [at, otherwise] : work.defaults) {
    if (otherwise) given.push_back(at);
  }
  std::erase_if(given, [&](int at) { return !table.columns[static_cast<std::size_t>(at)].narrow; });
  return given;
}

class Script {
 public:
  Script(const source::Catalogue& base, const ProjectRules& rules, const Workspace& before)
      : base_(base), rules_(rules), before_(before), tables_(before.tables) {}

  Status take(const std::string& sql, int number);
  Plan plan();

 private:
  Status check_reading(const source::CheckedSql& read, const source::Catalogue& catalogue);
  Status change(const WorkStatement& work, const source::Catalogue& catalogue);
  Status print(const WorkStatement& work, const source::Catalogue& catalogue);
  // To be changed: a copy of its own takes its place.
  Table& table(const std::string& name);
  void add(Table made);
  Status add_view(const WorkStatement& work, const source::Catalogue& catalogue);
  [[nodiscard]] Table made(const WorkStatement& work, const source::Catalogue& catalogue) const;
  [[nodiscard]] Table declared(const WorkStatement& work) const;
  void rename(const WorkStatement& work);
  Status step(const WorkStatement& work, const source::Catalogue& catalogue);
  Status widen(const WorkStatement& work, const source::Catalogue& catalogue);
  Status twice(const WorkStatement& work, const std::string& sql, const source::Catalogue& catalogue);
  void note(const std::string& notice);
  [[nodiscard]] bool is_too_long(const WorkStatement& work, const source::Catalogue& catalogue) const;

  const source::Catalogue& base_;
  const ProjectRules& rules_;
  const Workspace& before_;
  std::vector<source::Catalogue::SharedTable> tables_;
  std::set<std::string> touched_;
  Plan plan_;
  PlanDetail detail_;
};

Table& Script::table(const std::string& name) {
  touched_.insert(name);
  auto& place =
      *std::find_if(tables_.begin(), tables_.end(), [&](const auto& one) { return one->name == name; });
  auto copy = std::make_shared<Table>(*place);
  place = copy;
  return *copy;
}

void Script::add(Table made) {
  touched_.insert(made.name);
  tables_.push_back(std::make_shared<const Table>(std::move(made)));
}

void Script::note(const std::string& notice) {
  constexpr std::size_t most_notices = 32;
  if (plan_.notices.size() < most_notices) plan_.notices.push_back(notice);
}

void Script::rename(const WorkStatement& work) {
  Table& changed = table(work.table);
  if (!work.into.empty()) return rename_column(changed, work.into[0], work.renamed);
  Table other = changed;
  other.name = work.renamed;
  std::erase_if(tables_, [&](const auto& one) { return one->name == work.table; });
  add(std::move(other));
}

Status Script::check_reading(const source::CheckedSql& read, const source::Catalogue& catalogue) {
  if (auto checked = check_within(read.tables(), read.reads(), rules_, catalogue); !checked) return checked;
  for (const std::string& name : read.tables()) {
    if (std::find(plan_.tables.begin(), plan_.tables.end(), name) == plan_.tables.end())
      plan_.tables.push_back(name);
  }
  return {};
}

Status Script::add_view(const WorkStatement& work, const source::Catalogue& catalogue) {
  Table made = table_of(work.table, before_.schema, *work.select, catalogue);
  made.view = source::reading_of(*work.select).text;
  if (!is_kept(made.view))
    return Error{
        ErrorKind::refused,
        "the view is longer than 4000 bytes, or has letters beyond ASCII: write CREATE TABLE … AS SELECT"};
  std::erase_if(tables_, [&](const auto& one) { return one->name == work.table; });
  add(std::move(made));
  return {};
}

Table Script::made(const WorkStatement& work, const source::Catalogue& catalogue) const {
  Table made = table_of(work.table, before_.schema, *work.select, catalogue);
  for (std::size_t i = 0; i < made.columns.size(); ++i)
    made.columns[i].narrow = source::keeps_type(*work.select, i);
  return made;
}

Table Script::declared(const WorkStatement& work) const {
  Table made;
  made.name = work.table;
  made.schema = before_.schema;
  made.columns = work.columns;
  made.empty = made.reference = true;
  for (source::Column& column : made.columns) column.longest = 0;
  return made;
}

Status Script::change(const WorkStatement& work, const source::Catalogue& catalogue) {
  switch (work.kind) {
    case Step::make:
      add(made(work, catalogue));
      return {};
    case Step::view:
      return add_view(work, catalogue);
    case Step::declare:
      add(declared(work));
      return {};
    case Step::insert:
      return add_rows(table(work.table), work.into, *work.select, catalogue);
    case Step::insert_values:
      return add_constants(table(work.table), work.into, work.rows);
    case Step::index:
      share_room(work, table(work.table));
      return {};
    case Step::drop:
      std::erase_if(tables_, [&](const auto& one) { return one->name == work.table; });
      touched_.insert(work.table);
      return {};
    case Step::alter:
      alter_columns(table(work.table), work);
      return {};
    case Step::rename:
      rename(work);
      return {};
    case Step::update:
      return update_rows(table(work.table), work.into, *work.select, catalogue);
    case Step::remove: {
      Table& changed = table(work.table);
      if (work.select) remove_rows(changed, *work.select, catalogue);
      return {};
    }
    default:
      return {};
  }
}

bool Script::is_too_long(const WorkStatement& work, const source::Catalogue& catalogue) const {
  if (work.kind != Step::index) return false;
  const Table& table = *catalogue.find(work.table);
  // What is still to come into an empty table may be as long as texts are taken to be.
  return bytes_of(work, table) > longest_key || (table.empty && share_of(work, table) < source::assumed_text);
}

Status Script::print(const WorkStatement& work, const source::Catalogue& catalogue) {
  // The database has no views.
  if (work.kind == Step::view) {
    auto read = source::print(*work.select, catalogue, source::Engine::postgresql);
    return read ? check_reading(*read, catalogue) : read.error();
  }
  // What the registry does not know any more may still be there.
  const bool renames = work.kind == Step::rename && work.into.empty();
  if (work.kind == Step::make || work.kind == Step::declare || renames) {
    WorkStatement left_over;
    left_over.kind = Step::drop;
    left_over.number = work.number;
    left_over.table = renames ? work.renamed : work.table;
    if (auto printed = print(left_over, catalogue); !printed) return printed;
  }
  auto printed = source::print_work(work, catalogue, before_.schema);
  if (!printed) return printed.error();
  if (printed->reads()) {
    if (auto checked = check_reading(*printed->select(), catalogue); !checked) return checked;
  }
  plan_.sql_run.push_back(printed->text());
  detail_.script.push_back(std::move(*printed));
  return {};
}

Status Script::step(const WorkStatement& work, const source::Catalogue& catalogue) {
  if (auto widened = widen(work, catalogue); !widened) return widened;
  if (auto printed = print(work, catalogue); !printed) return printed;
  auto changed = change(work, catalogue);
  return changed ? changed : Error{changed.error().kind, "checking the SQL: " + changed.error().message};
}

// Narrow columns become numeric before a statement puts anything into them: what is computed may not fit, nor
// may copies, for the type of what is copied may be wider by now.
Status Script::widen(const WorkStatement& work, const source::Catalogue& catalogue) {
  const Table* before = catalogue.find(work.table);
  if (before == nullptr) return {};
  WorkStatement widening;
  widening.kind = Step::widen;
  widening.number = work.number;
  widening.table = work.table;
  widening.into = narrow_and_given(work, *before);
  if (widening.into.empty()) return {};
  for (const int at : widening.into) table(work.table).columns[static_cast<std::size_t>(at)].narrow = false;
  return print(widening, catalogue);
}

// An UPDATE that is two.
Status Script::twice(const WorkStatement& work, const std::string& sql, const source::Catalogue& catalogue) {
  WorkStatement first = *work.before;
  first.number = work.number;
  if (auto checked = check_identifiers(*first.select, Standing::inside); !checked) return checked;
  if (auto done = step(first, catalogue); !done) return done;
  // What is known of the table is what that left.
  const source::Catalogue between = base_.with(tables_);
  auto second = source::read_work(sql, between);
  if (!second) return second.error();
  second->number = work.number;
  return step(*second, between);
}

Status Script::take(const std::string& sql, int number) {
  const source::Catalogue catalogue = base_.with(tables_);
  auto work = source::read_work(sql, catalogue);
  if (!work) return work.error();
  work->number = number;
  if (work->temporary)
    note("table \"" + work->table +
         "\" is kept until it is dropped: TEMPORARY is taken for an ordinary table of the workspace");
  if (work->constrained)
    note("the constraints on table \"" + work->table +
         "\" are left out: whether rows keep to them would tell of data");
  for (const std::string& notice : work->notices) note(notice);
  if (work->kind == Step::nothing) return {};
  if (is_too_long(*work, catalogue)) {
    note("no index is made on table \"" + work->table + "\": its columns' texts could be too long for one");
    return {};
  }
  if (work->select) {
    if (auto checked = check_identifiers(*work->select, Standing::inside); !checked) return checked;
  }
  if (work->unique)
    note("the index on table \"" + work->table +
         "\" is made without UNIQUE: whether values are there twice would tell of data");
  if (work->before) return twice(*work, sql, catalogue);
  if (auto done = step(*work, catalogue); !done) return done;
  for (const std::string& other : work->others) {
    WorkStatement further = *work;
    further.table = other;
    if (auto done = step(further, catalogue); !done) return done;
  }
  if (tables_.size() > most_tables)
    return Error{ErrorKind::refused, "checking the SQL: the workspace has too many tables: drop some"};
  return {};
}

Plan Script::plan() {
  for (const auto& table : before_.tables) {
    const bool stays = !touched_.contains(table->name) ||
                       std::any_of(tables_.begin(), tables_.end(),
                                   [&](const auto& one) { return one->name == table->name; });
    if (!stays) plan_.change.dropped.push_back(table->name);
  }
  for (const auto& table : tables_) {
    if (!touched_.contains(table->name)) continue;
    plan_.change.made.push_back(*table);
    if (!table->untied.empty())
      note("nothing can leave from table \"" + table->name + "\": " + table->untied);
  }
  plan_.kind = Kind::work;
  plan_.detail = std::make_shared<const PlanDetail>(std::move(detail_));
  return std::move(plan_);
}

}  // namespace

Result<Plan> plan_work(const source::Catalogue& base, const std::vector<std::string>& sql,
                       const ProjectRules& rules, const Workspace& workspace) {
  if (workspace.schema.empty())
    return Error{ErrorKind::internal, "planning the script: no workspace was named"};
  Script script(base, rules, workspace);
  for (std::size_t i = 0; i < sql.size(); ++i) {
    auto taken = script.take(sql[i], static_cast<int>(i) + 1);
    if (!taken && sql.size() == 1) return taken.error();
    if (!taken)
      return Error{taken.error().kind,
                   "statement " + std::to_string(i + 1) + " of the script: " + taken.error().message};
  }
  return script.plan();
}

}  // namespace sceau::release
