#include "catalogue.h"

#include <sqlite3.h>

#include <algorithm>
#include <chrono>

#include "catalogue_fill.h"
#include "catalogue_relations.h"
#include "translator.h"

namespace sceau::connect {
namespace {

constexpr std::size_t kMostRows = 100000, kMostBytes = 64U << 20U;
constexpr std::chrono::seconds kLongest{20};

struct Ends {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Ends>;

// While a question runs.
struct Watch {
  const std::atomic<bool>* stopped;
  std::chrono::steady_clock::time_point until;
};

int look(void* context) {
  const auto& watch = *static_cast<const Watch*>(context);
  const bool stopped = watch.stopped != nullptr && watch.stopped->load();
  return stopped || std::chrono::steady_clock::now() > watch.until ? 1 : 0;
}

// Only reading, and nothing of SQLite's own.
int authorize(void*, int action, const char* name, const char*, const char*, const char*) {
  if (action == SQLITE_SELECT || action == SQLITE_FUNCTION || action == SQLITE_RECURSIVE) return SQLITE_OK;
  if (action != SQLITE_READ) return SQLITE_DENY;
  return name != nullptr && std::string_view(name).starts_with("sqlite_") ? SQLITE_DENY : SQLITE_OK;
}

std::uint32_t declared_type(sqlite3_stmt* statement, int column) {
  const char* declared = sqlite3_column_decltype(statement, column);
  if (declared == nullptr) return kUnspecified;
  std::string_view name = declared;
  if (name.ends_with("_text") && name != "_text") name.remove_suffix(5);
  const auto type = type_of(name);
  return type == kRegproc || type == kUnspecified ? static_cast<std::uint32_t>(kText) : type;
}

std::vector<Column> columns_of(sqlite3_stmt* statement, const std::vector<std::uint32_t>& types) {
  std::vector<Column> columns;
  const int count = sqlite3_column_count(statement);
  columns.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    const auto at = static_cast<std::size_t>(i);
    auto type = at < types.size() ? types[at] : static_cast<std::uint32_t>(kUnspecified);
    if (type == kUnspecified) type = declared_type(statement, i);
    const char* name = sqlite3_column_name(statement, i);
    columns.push_back(
        {name == nullptr ? "" : name, type == kUnspecified ? static_cast<std::uint32_t>(kText) : type});
  }
  return columns;
}

}  // namespace

struct Catalogue::State {
  Facts facts;
  std::unique_ptr<sqlite3, Ends> database;  // after the facts, which its functions use

  struct Prepared {
    Statement statement;
    std::vector<Column> columns;
  };
  Result<Prepared> prepare(const Sentence& question);
  Value value(sqlite3_stmt* statement, int column, std::uint32_t type) const;
};

Catalogue::Catalogue(std::unique_ptr<State> state) : state_(std::move(state)) {}
Catalogue::~Catalogue() = default;

Result<std::unique_ptr<Catalogue>> Catalogue::make(const Tables& tables, Facts facts) {
  auto state = std::make_unique<State>();
  state->facts = std::move(facts);
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(":memory:", &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  state->database.reset(opened);
  if (code != SQLITE_OK) return Error{ErrorKind::internal, "SQLite gives no database in memory"};
  register_functions(opened, state->facts);
  const std::string schema =
      "ATTACH ':memory:' AS pg_catalog; ATTACH ':memory:' AS information_schema; BEGIN;" + catalogue_schema();
  if (sqlite3_exec(opened, schema.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    return Error{ErrorKind::internal, std::string("the catalogue's tables: ") + sqlite3_errmsg(opened)};
  if (auto filled = fill_catalogue(opened, tables, state->facts); !filled) return filled.error();
  sqlite3_exec(opened, "COMMIT", nullptr, nullptr, nullptr);
  // A table-valued function is made by its first use, which is no reading.
  sqlite3_exec(opened, "SELECT value FROM json_each('[]')", nullptr, nullptr, nullptr);
  // From now on a misspelt "name" is an error, not a text, and nothing is changed.
  sqlite3_db_config(opened, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_limit(opened, SQLITE_LIMIT_LENGTH, 1 << 20);
  sqlite3_limit(opened, SQLITE_LIMIT_ATTACHED, 2);
  sqlite3_set_authorizer(opened, authorize, nullptr);
  return std::unique_ptr<Catalogue>(new Catalogue(std::move(state)));
}

Result<Catalogue::State::Prepared> Catalogue::State::prepare(const Sentence& question) {
  if (question.node == nullptr || question.node->node_case != PG_QUERY__NODE__NODE_SELECT_STMT)
    return Error{ErrorKind::internal, "only a SELECT asks the catalogue"};
  auto made = translate(*question.node->select_stmt);
  if (!made) return made.error();
  sqlite3_stmt* prepared = nullptr;
  const int code = sqlite3_prepare_v2(database.get(), made->sql.c_str(), -1, &prepared, nullptr);
  Statement statement(prepared);
  if (code != SQLITE_OK) {
    const std::string why = sqlite3_errmsg(database.get());
    const bool missing = why.starts_with("no such");
    return Error{missing ? ErrorKind::not_found : ErrorKind::invalid,
                 missing ? why.substr(3) + " does not exist" : why};
  }
  auto columns = columns_of(statement.get(), made->types);
  return Prepared{std::move(statement), std::move(columns)};
}

Value Catalogue::State::value(sqlite3_stmt* statement, int column, std::uint32_t type) const {
  if (sqlite3_column_type(statement, column) == SQLITE_NULL) return std::nullopt;
  if (type == kBool) return sqlite3_column_int(statement, column) != 0 ? "t" : "f";
  const auto number = sqlite3_column_int64(statement, column);
  if (type == kRegclass) {
    const auto found = facts.table_names.find(number);
    if (found != facts.table_names.end()) return found->second;
  }
  if (type == kRegtype) return std::string(type_name(static_cast<std::uint32_t>(number)));
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
  return std::string(text == nullptr ? "" : text,
                     static_cast<std::size_t>(sqlite3_column_bytes(statement, column)));
}

Result<std::vector<Column>> Catalogue::describe(const Sentence& question) {
  auto prepared = state_->prepare(question);
  if (!prepared) return prepared.error();
  return std::move(prepared->columns);
}

Result<std::unique_ptr<Rows>> Catalogue::ask(const Sentence& question, const std::atomic<bool>* stopped) {
  auto prepared = state_->prepare(question);
  if (!prepared) return prepared.error();
  Watch watch{stopped, std::chrono::steady_clock::now() + kLongest};
  sqlite3_progress_handler(state_->database.get(), 10000, look, &watch);
  std::vector<std::vector<Value>> rows;
  int code = SQLITE_ROW;
  std::size_t bytes = 0;
  while (rows.size() < kMostRows && bytes < kMostBytes &&
         (code = sqlite3_step(prepared->statement.get())) == SQLITE_ROW) {
    std::vector<Value> row;
    row.reserve(prepared->columns.size());
    for (std::size_t i = 0; i < prepared->columns.size(); ++i) {
      row.push_back(state_->value(prepared->statement.get(), static_cast<int>(i), prepared->columns[i].type));
      bytes += sizeof(Value) + (row.back() ? row.back()->size() : 0);
    }
    rows.push_back(std::move(row));
  }
  sqlite3_progress_handler(state_->database.get(), 0, nullptr, nullptr);
  if (code == SQLITE_ROW) return Error{ErrorKind::invalid, "the answer would be too long: ask for less"};
  if (code == SQLITE_INTERRUPT)
    return Error{ErrorKind::unavailable, "a question to the catalogue was stopped"};
  if (code != SQLITE_DONE) return Error{ErrorKind::invalid, sqlite3_errmsg(state_->database.get())};
  return std::unique_ptr<Rows>(std::make_unique<HeldRows>(std::move(prepared->columns), std::move(rows)));
}

}  // namespace sceau::connect
