// A request's SQL, as somebody who wants more than she may have would write it.
//
// What is planned is SQL that the database takes, that changes nothing, and that reads no table but those the
// plan names; and the same text is planned the same way again.
#include <sqlite3.h>

#include <memory>
#include <string>

#include "fuzz.h"
#include "sceau/release/extraction.h"
#include "tables.h"
#include "targets.h"

namespace sceau::fuzz {
namespace {

struct Close {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

// The generator's warehouse, without a row.
class EmptyWarehouse {
 public:
  static EmptyWarehouse& get() {
    static EmptyWarehouse warehouse;
    return warehouse;
  }
  const source::Catalogue& catalogue() const { return catalogue_; }

  void require_takes(const release::Plan& plan) {
    plan_ = &plan;
    for (const std::string& text : plan.sql_run) {
      sqlite3_stmt* made = nullptr;
      const int code = sqlite3_prepare_v2(database_.get(), text.c_str(), -1, &made, nullptr);
      const std::unique_ptr<sqlite3_stmt, Close> statement(made);
      require(code == SQLITE_OK,
              "a plan that the database refuses: " + text + ": " + sqlite3_errmsg(database_.get()));
      require(sqlite3_stmt_readonly(made) != 0, "a plan that writes: " + text);
    }
    plan_ = nullptr;
  }

 private:
  EmptyWarehouse() {
    sqlite3* database = nullptr;
    require(sqlite3_open(":memory:", &database) == SQLITE_OK, "no database");
    database_.reset(database);
    for (const auto& table : generate::tables())
      require(sqlite3_exec(database, generate::create_statement(table).c_str(), nullptr, nullptr, nullptr) ==
                  SQLITE_OK,
              "no table");
    sqlite3_set_authorizer(database, may, this);
  }
  static int may(void* self, int action, const char* table, const char*, const char*, const char*) {
    const auto* warehouse = static_cast<EmptyWarehouse*>(self);
    if (warehouse->plan_ == nullptr || action != SQLITE_READ || table == nullptr) return SQLITE_OK;
    const std::string_view name = table;
    const auto& tables = warehouse->plan_->tables;
    const bool named = std::any_of(tables.begin(), tables.end(),
                                   [&](const auto& one) { return source::same_name(one, name); });
    // A CTE or a SELECT in FROM is no table of the catalogue.
    return named || warehouse->catalogue_.find(name) == nullptr ? SQLITE_OK : SQLITE_DENY;
  }

  source::Catalogue catalogue_ = *source::Catalogue::from_toml(generate::catalogue());
  std::unique_ptr<sqlite3, Close> database_;
  const release::Plan* plan_ = nullptr;
};

void plan_as(release::Kind kind, const std::string& text) {
  EmptyWarehouse& warehouse = EmptyWarehouse::get();
  const auto planned = release::plan(warehouse.catalogue(), kind, {text}, {}, {}, source::Engine::sqlite);
  if (!planned) {
    require(planned.error().kind != ErrorKind::internal, "a defect: " + planned.error().message);
    return;
  }
  warehouse.require_takes(*planned);
  const auto again = release::plan(warehouse.catalogue(), kind, {text}, {}, {}, source::Engine::sqlite);
  require(again && again->sql_run == planned->sql_run, "a text with two plans");
  for (const release::ResultColumn& column : planned->columns) {
    const bool person = column.label == source::Label::person_key;
    const bool leaves =
        column.treatment == release::Treatment::as_is || column.treatment == release::Treatment::group_key;
    require(!leaves || !source::is_identifying(column.label), "an identifier that leaves as it is");
    require(column.treatment != release::Treatment::pseudonym || person, "a pseudonym of no person");
  }
}

}  // namespace

void sql(ByteView input) {
  const std::string text = to_text(input);
  plan_as(release::Kind::aggregate, text);
  plan_as(release::Kind::individual, text);
}

}  // namespace sceau::fuzz
