#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "copy_row.h"
#include "postgresql.h"

namespace sceau::source {
namespace {

// Sessions of one snapshot: the first exports it, others take it, and each carries one statement at a time.
class Sessions {
 public:
  Sessions(PostgresqlPlace place, Deadline deadline)
      : place_(std::move(place)), deadline_(std::move(deadline)) {}

  Status begin() {
    auto first = open({});
    if (!first) return first.error();
    auto name = (*first)->export_snapshot();
    if (!name) return name.error();
    snapshot_ = *name;
    free_.push_back(std::move(*first));
    return {};
  }
  // One that nothing runs on.
  Result<std::unique_ptr<PostgresqlSession>> take() {
    if (!free_.empty()) {
      auto session = std::move(free_.back());
      free_.pop_back();
      return session;
    }
    return open(snapshot_);
  }
  void give_back(std::unique_ptr<PostgresqlSession> session) {
    if (session->idle()) {
      free_.push_back(std::move(session));
    } else {
      session->cancel();
    }
  }
  [[nodiscard]] const Deadline& deadline() const { return deadline_; }
  [[nodiscard]] const std::string& schema() const { return place_.schema; }

 private:
  Result<std::unique_ptr<PostgresqlSession>> open(const std::string& snapshot) {
    auto session = PostgresqlSession::open(place_);
    if (!session) return session;
    if (auto begun = (*session)->begin(snapshot); !begun) return begun.error();
    return session;
  }

  PostgresqlPlace place_;
  Deadline deadline_;
  std::string snapshot_;
  std::vector<std::unique_ptr<PostgresqlSession>> free_;
};

class PostgresqlRows final : public Rows {
 public:
  PostgresqlRows(Sessions& sessions, std::unique_ptr<PostgresqlSession> session,
                 std::vector<Cell::Kind> kinds)
      : sessions_(sessions), session_(std::move(session)), row_(std::move(kinds)) {}
  ~PostgresqlRows() override {
    if (session_) sessions_.give_back(std::move(session_));
  }

  Result<bool> next() override {
    if (ended_) return false;
    auto line = session_->line(sessions_.deadline());
    if (!line) return line.error();
    ended_ = !line->has_value();
    if (ended_) return false;
    if (row_.read(**line)) return true;
    return Error{ErrorKind::refused,
                 "running the SQL: the database gave a value of another type than it had announced: tell the "
                 "administrator"};
  }
  [[nodiscard]] std::span<const Cell> cells() const override { return row_.cells(); }

 private:
  Sessions& sessions_;
  std::unique_ptr<PostgresqlSession> session_;
  CopyRow row_;
  bool ended_ = false;
};

class PostgresqlSnapshot final : public Snapshot {
 public:
  PostgresqlSnapshot(const PostgresqlPlace& place, const Deadline& deadline) : sessions_(place, deadline) {}
  Status begin() { return sessions_.begin(); }
  Result<std::unique_ptr<Rows>> run(const CheckedSql& sql) override;

 private:
  Status agree(PostgresqlSession& session, const CheckedSql& sql);
  Result<bool> is_part_of(PostgresqlSession& session, const std::string& schema, const std::string& relation,
                          const CheckedSql& sql);
  Result<std::vector<Cell::Kind>> kinds(PostgresqlSession& session, const CheckedSql& sql);

  Sessions sessions_;
};

Error admitted_but(const std::string& what) {
  return {ErrorKind::refused, "running the SQL: the database would " + what +
                                  ", which the checked tree does not: tell the administrator"};
}

// Whether a relation is a partition, near or far, of a table that the tree reads.
Result<bool> PostgresqlSnapshot::is_part_of(PostgresqlSession& session, const std::string& schema,
                                            const std::string& relation, const CheckedSql& sql) {
  auto root = session.ask(
      "SELECT n.nspname, c.relname FROM pg_class p JOIN pg_namespace s ON s.oid = p.relnamespace JOIN "
      "pg_class c ON c.oid "
      "= pg_partition_root(p.oid) JOIN pg_namespace n ON n.oid = c.relnamespace WHERE s.nspname = $1 AND "
      "p.relname = $2",
      {schema, relation}, sessions_.deadline());
  if (!root) return root.error();
  return PQntuples(root->get()) == 1 && PQgetvalue(root->get(), 0, 0) == sessions_.schema() &&
         sql.tables().contains(PQgetvalue(root->get(), 0, 1));
}

// What the planner would read: relations of the tree, and nothing that runs code of the database's own.
Status PostgresqlSnapshot::agree(PostgresqlSession& session, const CheckedSql& sql) {
  auto answer =
      session.ask("EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) " + sql.text(), {}, sessions_.deadline());
  if (!answer) return answer.error();
  const auto plan = nlohmann::json::parse(PQgetvalue(answer->get(), 0, 0), nullptr, false);
  if (plan.is_discarded()) return admitted_but("run what cannot be read");
  std::vector<std::pair<std::string, std::string>> relations;
  std::string other;
  const std::function<void(const nlohmann::json&)> visit = [&](const nlohmann::json& node) {
    if (node.is_object()) {
      if (node.contains("Relation Name"))
        relations.emplace_back(node.value("Schema", std::string()), node["Relation Name"].get<std::string>());
      for (const char* word : {"Function Name", "Table Function Name", "Tuplestore Name"})
        if (node.contains(word)) other = word;
    }
    if (node.is_structured()) {
      for (const auto& child : node) visit(child);
    }
  };
  visit(plan);
  if (!other.empty()) return admitted_but("call something (" + other + ")");
  for (const auto& [schema, relation] : relations) {
    if (schema == sessions_.schema() && sql.tables().contains(relation)) continue;
    auto part = is_part_of(session, schema, relation, sql);
    if (!part) return part.error();
    if (!*part) return admitted_but(std::string("read ").append(schema).append(".").append(relation));
  }
  return {};
}

Result<std::vector<Cell::Kind>> PostgresqlSnapshot::kinds(PostgresqlSession& session, const CheckedSql& sql) {
  auto types = session.describe(sql.text(), sessions_.deadline());
  if (!types) return types.error();
  std::vector<Cell::Kind> kinds;
  kinds.reserve(types->size());
  for (const Oid type : *types) {
    const auto kind = cell_kind(type);
    if (!kind) {
      return Error{ErrorKind::refused, "running the SQL: result column " + std::to_string(kinds.size() + 1) +
                                           " is binary data or of a type that cannot leave: leave it out"};
    }
    kinds.push_back(*kind);
  }
  return kinds;
}

Result<std::unique_ptr<Rows>> PostgresqlSnapshot::run(const CheckedSql& sql) {
  if (sql.engine() != Engine::postgresql)
    return Error{ErrorKind::internal,
                 "running the SQL: it was written for another database: tell the administrator"};
  auto session = sessions_.take();
  if (!session) return session.error();
  if (auto agreed = agree(**session, sql); !agreed) return agreed.error();
  auto columns = kinds(**session, sql);
  if (!columns) return columns.error();
  if (auto begun = (*session)->begin_copy(sql.text(), sessions_.deadline()); !begun) return begun.error();
  return std::unique_ptr<Rows>(
      std::make_unique<PostgresqlRows>(sessions_, std::move(*session), std::move(*columns)));
}

class PostgresqlSource final : public Source {
 public:
  explicit PostgresqlSource(PostgresqlPlace place) : place_(std::move(place)) {}

  Result<std::unique_ptr<Snapshot>> snapshot(const Limits& limits) override {
    auto snapshot = std::make_unique<PostgresqlSnapshot>(
        place_, Deadline{std::chrono::steady_clock::now() + limits.time, limits.stop});
    if (auto begun = snapshot->begin(); !begun) return begun.error();
    return std::unique_ptr<Snapshot>(std::move(snapshot));
  }
  Status check(const Catalogue& catalogue) override;

 private:
  Status check_table(PostgresqlSession& session, const Table& table, const Deadline& deadline) const;

  PostgresqlPlace place_;
};

Error not_so(const std::string& what) { return {ErrorKind::invalid, "checking the source: " + what}; }

// Who may do more than read the catalogue's tables is no role for a gate: no attribute, none of PostgreSQL's
// own roles, and no right to any other relation.
Status check_role(PostgresqlSession& session, const std::string& schema, const Catalogue& catalogue,
                  const Deadline& deadline) {
  const std::string mend =
      ": give it a role of its own, made by CREATE ROLE … LOGIN, with GRANT SELECT on the catalogue's tables "
      "alone";
  auto role = session.ask(
      "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls OR EXISTS (SELECT "
      "FROM pg_roles p "
      "WHERE starts_with(p.rolname, 'pg_') AND p.rolname <> 'pg_database_owner' AND "
      "pg_has_role(current_user, p.oid, "
      "'MEMBER')) FROM pg_roles WHERE rolname = current_user",
      {}, deadline);
  if (!role) return role.error();
  if (PQntuples(role->get()) != 1 || std::string_view(PQgetvalue(role->get(), 0, 0)) != "f")
    return not_so("the gate's role may do more than read the catalogue's tables" + mend);
  auto rights = session.ask(
      "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE "
      "c.relkind IN ('r', "
      "'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND "
      "(has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE') OR has_table_privilege(c.oid, 'DELETE, "
      "TRUNCATE'))",
      {}, deadline);
  if (!rights) return rights.error();
  for (int i = 0; i < PQntuples(rights->get()); ++i) {
    const std::string in = PQgetvalue(rights->get(), i, 0);
    const std::string name = PQgetvalue(rights->get(), i, 1);
    const Table* known = catalogue.find(name);
    if (in == schema && known != nullptr && known->name == name) continue;
    return not_so(std::string("the gate's role has rights to ").append(in).append(".").append(name) +
                  ", which is not in the catalogue" + mend);
  }
  return {};
}

// A function or operator whose types fit better than the built-in one's would run in its place.
Status check_schema(PostgresqlSession& session, const std::string& schema, const Deadline& deadline) {
  auto code = session.ask(
      "SELECT EXISTS (SELECT FROM pg_proc WHERE pronamespace = n.oid) OR EXISTS (SELECT FROM pg_operator "
      "WHERE "
      "oprnamespace = n.oid) OR has_schema_privilege(n.oid, 'CREATE') FROM pg_namespace n WHERE nspname = $1",
      {schema}, deadline);
  if (!code) return code.error();
  if (PQntuples(code->get()) == 1 && std::string_view(PQgetvalue(code->get(), 0, 0)) == "f") return {};
  return not_so(
      "schema " + schema +
      " is missing, holds functions or operators, or lets the gate's role create some: keep the catalogue's "
      "tables in a schema of their own, and REVOKE CREATE on it");
}

Status PostgresqlSource::check_table(PostgresqlSession& session, const Table& table,
                                     const Deadline& deadline) const {
  auto found = session.ask(
      "SELECT c.oid, c.relkind IN ('r', 'p') AND NOT c.relhasrules, has_table_privilege(c.oid, 'INSERT') OR "
      "has_table_privilege(c.oid, 'UPDATE') OR has_table_privilege(c.oid, 'DELETE') OR "
      "has_table_privilege(c.oid, "
      "'TRUNCATE') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND "
      "c.relname = $2",
      {place_.schema, table.name}, deadline);
  if (!found) return found.error();
  const std::string name = place_.schema + "." + table.name;
  if (PQntuples(found->get()) != 1 || std::string_view(PQgetvalue(found->get(), 0, 1)) != "t")
    return not_so("table " + name +
                  " of the catalogue is not a table of the database, spelt like that: correct the catalogue");
  if (std::string_view(PQgetvalue(found->get(), 0, 2)) != "f")
    return not_so("the gate's role may change " + name +
                  ": revoke INSERT, UPDATE, DELETE and TRUNCATE from it");
  for (const Column& column : table.columns) {
    auto seen = session.ask(
        "SELECT atttypid, attgenerated = '' AND has_column_privilege(attrelid, attnum, 'SELECT') FROM "
        "pg_attribute WHERE "
        "attrelid = $1::oid AND attname = $2 AND attnum > 0 AND NOT attisdropped",
        {PQgetvalue(found->get(), 0, 0), column.name}, deadline);
    if (!seen) return seen.error();
    const std::string full = name + "." + column.name;
    if (PQntuples(seen->get()) != 1)
      return not_so("column " + full + " of the catalogue is not in the database: correct the catalogue");
    if (std::string_view(PQgetvalue(seen->get(), 0, 1)) != "t")
      return not_so("column " + full +
                    " is computed from others, or the gate's role may not read it: leave it out of the "
                    "catalogue, or GRANT "
                    "SELECT on it");
    const auto kind = cell_kind(static_cast<unsigned>(std::stoul(PQgetvalue(seen->get(), 0, 0))));
    if (!kind || (*kind == Cell::Kind::text) != (column.type == Type::text))
      return not_so("column " + full + " is not " + std::string(to_string(column.type)) +
                    " in the database: correct its type in the catalogue");
  }
  return {};
}

Status PostgresqlSource::check(const Catalogue& catalogue) {
  const Deadline deadline{std::chrono::steady_clock::now() + std::chrono::minutes(1), {}};
  auto session = PostgresqlSession::open(place_);
  if (!session) return session.error();
  if (auto begun = (*session)->begin({}); !begun) return begun;
  if (auto checked = check_schema(**session, place_.schema, deadline); !checked) return checked;
  for (const Table& table : catalogue.tables()) {
    if (auto checked = check_table(**session, table, deadline); !checked) return checked;
  }
  return check_role(**session, place_.schema, catalogue, deadline);
}

}  // namespace

Result<std::unique_ptr<Source>> open_postgresql(const PostgresqlPlace& place) {
  if (auto checked = PostgresqlSession::check(place); !checked) return checked.error();
  return std::unique_ptr<Source>(std::make_unique<PostgresqlSource>(place));
}

}  // namespace sceau::source
