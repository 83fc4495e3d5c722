#include "postgresql_tables.h"

#include <libpq-fe.h>
#include <sqlite3.h>

#include <cstdio>
#include <cstdlib>

#include "sceau/base/handle.h"

namespace test {
namespace {

using sceau::Handle;
using sceau::source::Table;
using sceau::source::Type;

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "the test's PostgreSQL tables cannot be made: %s\n", why.c_str());
  std::abort();
}

Handle<PGconn, PQfinish> connect() {
  Handle<PGconn, PQfinish> connection(PQconnectdb(postgresql().c_str()));
  if (PQstatus(connection.get()) != CONNECTION_OK) give_up(PQerrorMessage(connection.get()));
  return connection;
}

void run(PGconn* connection, const std::string& sql, ExecStatusType expected = PGRES_COMMAND_OK) {
  const Handle<PGresult, PQclear> answer(PQexec(connection, sql.c_str()));
  const auto status = PQresultStatus(answer.get());
  if (status != expected && status != PGRES_TUPLES_OK) give_up(PQerrorMessage(connection) + (" in " + sql));
}

const char* type_of(Type type) {
  return type == Type::integer ? "bigint" : type == Type::real ? "double precision" : "text";
}

std::string columns_of(const Table& table, bool types) {
  std::string list;
  for (const auto& column : table.columns) {
    list += list.empty() ? "\"" : ", \"";
    list += column.name + "\"" + (types ? std::string(" ") + type_of(column.type) : "");
  }
  return list;
}

std::string copy_field(const char* text) {
  if (text == nullptr) return "\\N";
  std::string out;
  for (const char* at = text; *at != '\0'; ++at) {
    if (*at == '\\' || *at == '\t' || *at == '\n' || *at == '\r') out += '\\';
    out += *at;
  }
  return out;
}

void copy_table(sqlite3* from, PGconn* to, const std::string& schema, const Table& table) {
  const std::string name = schema + ".\"" + table.name + "\"";
  run(to, "CREATE TABLE " + name + " (" + columns_of(table, true) + ")");
  run(to, "COPY " + name + " (" + columns_of(table, false) + ") FROM STDIN", PGRES_COPY_IN);
  sqlite3_stmt* prepared = nullptr;
  const std::string sql = "SELECT " + columns_of(table, false) + " FROM \"" + table.name + "\"";
  if (sqlite3_prepare_v2(from, sql.c_str(), -1, &prepared, nullptr) != SQLITE_OK)
    give_up(sqlite3_errmsg(from));
  const Handle<sqlite3_stmt, sqlite3_finalize> rows(prepared);
  while (sqlite3_step(prepared) == SQLITE_ROW) {
    std::string line;
    for (int i = 0; i < sqlite3_column_count(prepared); ++i)
      line +=
          (i == 0 ? "" : "\t") + copy_field(reinterpret_cast<const char*>(sqlite3_column_text(prepared, i)));
    line += "\n";
    PQputCopyData(to, line.data(), static_cast<int>(line.size()));
  }
  PQputCopyEnd(to, nullptr);
  while (PGresult* answer = PQgetResult(to)) {
    const Handle<PGresult, PQclear> owned(answer);
    if (PQresultStatus(answer) != PGRES_COMMAND_OK) give_up(PQerrorMessage(to));
  }
}

}  // namespace

std::string postgresql() {
  const char* place = std::getenv("SCEAU_POSTGRESQL");  // NOLINT(concurrency-mt-unsafe): nobody sets it
  return place == nullptr ? "" : place;
}

void administrate(const std::string& sql) {
  run(connect().get(), "SET client_min_messages = warning; " + sql);
}

void copy_tables(const std::filesystem::path& file, const sceau::source::Catalogue& catalogue,
                 const std::string& schema) {
  sqlite3* opened = nullptr;
  if (sqlite3_open_v2(file.c_str(), &opened, SQLITE_OPEN_READONLY, nullptr) != SQLITE_OK) give_up(file);
  const Handle<sqlite3, sqlite3_close_v2> from(opened);
  const auto to = connect();
  run(to.get(),
      "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'gate') THEN CREATE ROLE gate LOGIN; "
      "END IF; IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'gate_work') THEN CREATE ROLE gate_work "
      "NOLOGIN; "
      "GRANT gate_work TO gate; ALTER ROLE gate NOINHERIT; GRANT CREATE ON DATABASE postgres TO gate_work; "
      "END IF; "
      "END $$");
  run(to.get(), "CREATE SCHEMA " + schema);
  for (const Table& table : catalogue.tables()) copy_table(from.get(), to.get(), schema, table);
  run(to.get(), "GRANT USAGE ON SCHEMA " + schema + " TO gate; GRANT SELECT ON ALL TABLES IN SCHEMA " +
                    schema + " TO gate; GRANT USAGE ON SCHEMA " + schema +
                    " TO gate_work; GRANT SELECT ON ALL TABLES IN SCHEMA " + schema +
                    " TO gate_work; ANALYZE");
}

sceau::source::PostgresqlPlace place_of(const std::string& schema) {
  return {postgresql() + " user=gate", schema};
}

sceau::source::PostgresqlPlace work_place_of(const std::string& schema) {
  return {postgresql() + " user=gate", schema, "gate_work"};
}

}  // namespace test
