#include "catalogue_fill.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>

namespace sceau::connect {
namespace {

constexpr std::int64_t kFirstTable = 16384;  // PostgreSQL's FirstNormalObjectId
constexpr int kPublic = 2200, kOwner = 10;

// Statements for one relation after the other, as one text: tables and columns are a few hundred.
class Script {
 public:
  template <typename... Values>
  void row(std::string_view relation, std::string_view columns, const Values&... values) {
    sql_.append("INSERT INTO ").append(relation).append(" (").append(columns).append(") VALUES (");
    bool first = true;
    ((sql_.append(first ? "" : ", ").append(shown(values)), first = false), ...);
    sql_.append(");");
  }
  [[nodiscard]] const std::string& sql() const { return sql_; }

 private:
  static std::string shown(const std::string& text) { return text_quoted(text); }
  static std::string shown(std::string_view text) { return text_quoted(text); }
  static std::string shown(const char* text) { return text_quoted(text); }
  static std::string shown(bool value) { return value ? "1" : "0"; }
  template <std::integral Integer>
  static std::string shown(Integer value) {
    return std::to_string(value);
  }
  std::string sql_;
};

void add_types(Script& script) {
  for (std::uint32_t oid = 1; oid < 2300; ++oid) {
    if (type_name(oid).empty()) continue;
    const bool array = oid == kTextArray;
    const char* category = array                                                      ? "A"
                           : oid == kBool                                             ? "B"
                           : is_number(oid)                                           ? "N"
                           : oid == kDate || oid == kTimestamp || oid == kTimestamptz ? "D"
                           : oid == kUnknown                                          ? "X"
                                                                                      : "S";
    script.row(
        "pg_catalog.pg_type",
        "oid, typname, typnamespace, typowner, typlen, typbyval, typtype, typcategory, typispreferred, "
        "typisdefined, typdelim, typrelid, typsubscript, typelem, typarray, typinput, typoutput, typreceive, "
        "typsend, typmodin, typmodout, typanalyze, typalign, typstorage, typnotnull, typbasetype, typtypmod, "
        "typndims, typcollation",
        oid, internal_name(oid), 11, kOwner, size_of(oid), size_of(oid) > 0, "b", category, false, true, ",",
        0, array ? "array_subscript_handler" : "-", array ? static_cast<int>(kText) : 0,
        oid == kText ? static_cast<int>(kTextArray) : 0,
        array ? "array_in" : std::string(internal_name(oid)) + "in", "-", "-", "-", "-", "-", "-", "i", "p",
        false, 0, -1, 0, category[0] == 'S' ? 100 : 0);
  }
}

void add_surroundings(Script& script, const Facts& facts) {
  for (const auto& [oid, name] : std::array{std::pair{11, "pg_catalog"}, std::pair{kPublic, "public"},
                                            std::pair{13000, "information_schema"}}) {
    script.row("pg_catalog.pg_namespace", "oid, nspname, nspowner", oid, name, kOwner);
    script.row("information_schema.schemata", "catalog_name, schema_name, schema_owner", facts.database, name,
               facts.user);
  }
  script.row("pg_catalog.pg_database",
             "oid, datname, datdba, encoding, datlocprovider, datistemplate, datallowconn, datconnlimit, "
             "dattablespace, datcollate, datctype",
             5, facts.database, kOwner, 6, "c", false, true, -1, 1663, "C.UTF-8", "C.UTF-8");
  script.row("pg_catalog.pg_roles",
             "oid, rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, "
             "rolconnlimit, rolbypassrls",
             kOwner, facts.user, false, true, false, false, true, false, -1, false);
  script.row("pg_catalog.pg_user", "usename, usesysid, usecreatedb, usesuper, userepl, usebypassrls",
             facts.user, kOwner, false, false, false, false);
  script.row("pg_catalog.pg_am", "oid, amname, amhandler, amtype", 2, "heap", "heap_tableam_handler", "t");
  script.row("pg_catalog.pg_am", "oid, amname, amhandler, amtype", 403, "btree", "bthandler", "i");
  script.row("pg_catalog.pg_collation", "oid, collname, collnamespace, collowner, collprovider", 100,
             "default", 11, kOwner, "d");
  script.row("pg_catalog.pg_tablespace", "oid, spcname, spcowner", 1663, "pg_default", kOwner);
  script.row("pg_catalog.pg_language", "oid, lanname, lanowner", 14, "sql", kOwner);
  for (const char* name : {"server_version", "server_encoding", "client_encoding", "DateStyle", "TimeZone",
                           "standard_conforming_strings", "integer_datetimes", "max_identifier_length",
                           "search_path", "transaction_isolation", "lc_collate"}) {
    const auto value = facts.setting ? facts.setting(name) : std::nullopt;
    if (value)
      script.row("pg_catalog.pg_settings",
                 "name, setting, category, context, vartype, source, boot_val, reset_val", name, *value,
                 "Sceau", "user", "string", "default", *value, *value);
  }
}

void add_column(Script& script, const Facts& facts, std::int64_t oid, const Table& table, std::size_t index) {
  const Column& column = table.columns[index];
  const bool text = column.type == kText;
  script.row("pg_catalog.pg_attribute",
             "attrelid, attname, atttypid, attstattarget, attlen, attnum, attndims, attcacheoff, atttypmod, "
             "attbyval, "
             "attalign, attstorage, attcompression, attnotnull, atthasdef, atthasmissing, attidentity, "
             "attgenerated, "
             "attisdropped, attislocal, attinhcount, attcollation",
             oid, column.name, column.type, -1, size_of(column.type), index + 1, 0, -1, -1, !text,
             text ? "i" : "d", text ? "x" : "p", "", false, false, false, "", "", false, true, 0,
             text ? 100 : 0);
  script.row(
      "information_schema.columns",
      "table_catalog, table_schema, table_name, column_name, ordinal_position, is_nullable, data_type, "
      "udt_catalog, udt_schema, udt_name, is_identity, is_generated, is_updatable",
      facts.database, "public", table.name, column.name, index + 1, "YES", type_name(column.type),
      facts.database, "pg_catalog", internal_name(column.type), "NO", "NEVER", "NO");
}

void add_table(Script& script, Facts& facts, std::int64_t oid, const Table& table) {
  std::string name = table.name;
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  facts.tables[name] = oid;
  facts.table_names[oid] = table.name;
  script.row(
      "pg_catalog.pg_class",
      "oid, relname, relnamespace, reltype, reloftype, relowner, relam, relfilenode, reltablespace, "
      "relpages, "
      "reltuples, relallvisible, reltoastrelid, relhasindex, relisshared, relpersistence, relkind, relnatts, "
      "relchecks, relhasrules, relhastriggers, relhassubclass, relrowsecurity, relforcerowsecurity, "
      "relispopulated, relreplident, relispartition, relrewrite",
      oid, table.name, kPublic, 0, 0, kOwner, 2, oid, 0, 0, -1, 0, 0, false, false, "p", "r",
      table.columns.size(), 0, false, false, false, false, false, true, "d", false, 0);
  script.row("pg_catalog.pg_tables",
             "schemaname, tablename, tableowner, hasindexes, hasrules, hastriggers, rowsecurity", "public",
             table.name, facts.user, false, false, false, false);
  script.row("information_schema.tables",
             "table_catalog, table_schema, table_name, table_type, is_insertable_into, is_typed",
             facts.database, "public", table.name, "BASE TABLE", table.workspace ? "YES" : "NO", "NO");
  script.row("information_schema.table_privileges",
             "grantor, grantee, table_catalog, table_schema, table_name, privilege_type, is_grantable",
             facts.user, facts.user, facts.database, "public", table.name, "SELECT", "NO");
  for (std::size_t i = 0; i < table.columns.size(); ++i) add_column(script, facts, oid, table, i);
}

}  // namespace

Status fill_catalogue(sqlite3* database, const Tables& tables, Facts& facts) {
  Script script;
  add_types(script);
  add_surroundings(script, facts);
  std::int64_t oid = kFirstTable;
  for (const auto& table : tables.all()) add_table(script, facts, oid++, table);
  if (sqlite3_exec(database, script.sql().c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return Error{ErrorKind::internal, std::string("filling the catalogue: ") + sqlite3_errmsg(database)};
}

}  // namespace sceau::connect
