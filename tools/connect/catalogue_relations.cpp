// The relations of pg_catalog and information_schema that clients look at, as PostgreSQL 15 has them. Most
// are empty: there are no indexes, constraints, policies or functions of which an agent is told.
#include "catalogue_relations.h"

namespace sceau::connect {
namespace {

// "NAME: COLUMN TYPE, …". Types ending in _text are texts to SQLite, whatever their name says.
constexpr const char* kRelations[] = {
    "pg_catalog.pg_namespace: oid oid, nspname name_text, nspowner oid, nspacl _text",
    "pg_catalog.pg_class: oid oid, relname name_text, relnamespace oid, reltype oid, reloftype oid, relowner "
    "oid, "
    "relam oid, relfilenode oid, reltablespace oid, relpages int4, reltuples float4, relallvisible int4, "
    "reltoastrelid oid, relhasindex bool, relisshared bool, relpersistence char, relkind char, relnatts "
    "int2, "
    "relchecks int2, relhasrules bool, relhastriggers bool, relhassubclass bool, relrowsecurity bool, "
    "relforcerowsecurity bool, relispopulated bool, relreplident char, relispartition bool, relrewrite oid, "
    "relfrozenxid int8, relminmxid int8, relacl _text, reloptions _text, relpartbound text",
    "pg_catalog.pg_attribute: attrelid oid, attname name_text, atttypid oid, attstattarget int4, attlen "
    "int2, "
    "attnum int2, attndims int4, attcacheoff int4, atttypmod int4, attbyval bool, attalign char, attstorage "
    "char, "
    "attcompression char, attnotnull bool, atthasdef bool, atthasmissing bool, attidentity char, "
    "attgenerated char, "
    "attisdropped bool, attislocal bool, attinhcount int4, attcollation oid, attacl _text, attoptions _text, "
    "attfdwoptions _text, attmissingval text",
    "pg_catalog.pg_type: oid oid, typname name_text, typnamespace oid, typowner oid, typlen int2, typbyval "
    "bool, "
    "typtype char, typcategory char, typispreferred bool, typisdefined bool, typdelim char, typrelid oid, "
    "typsubscript regproc_text, typelem oid, typarray oid, typinput regproc_text, typoutput regproc_text, "
    "typreceive regproc_text, typsend regproc_text, typmodin regproc_text, typmodout regproc_text, "
    "typanalyze regproc_text, typalign char, typstorage char, typnotnull bool, typbasetype oid, typtypmod "
    "int4, "
    "typndims int4, typcollation oid, typdefaultbin text, typdefault text, typacl _text",
    "pg_catalog.pg_database: oid oid, datname name_text, datdba oid, encoding int4, datlocprovider char, "
    "datistemplate bool, datallowconn bool, datconnlimit int4, datfrozenxid int8, datminmxid int8, "
    "dattablespace oid, datcollate text, datctype text, daticulocale text, datcollversion text, datacl _text",
    "pg_catalog.pg_authid: oid oid, rolname name_text, rolsuper bool, rolinherit bool, rolcreaterole bool, "
    "rolcreatedb bool, rolcanlogin bool, rolreplication bool, rolbypassrls bool, rolconnlimit int4, "
    "rolpassword text, rolvaliduntil timestamptz",
    "pg_catalog.pg_roles: rolname name_text, rolsuper bool, rolinherit bool, rolcreaterole bool, rolcreatedb "
    "bool, "
    "rolcanlogin bool, rolreplication bool, rolconnlimit int4, rolpassword text, rolvaliduntil timestamptz, "
    "rolbypassrls bool, rolconfig _text, oid oid",
    "pg_catalog.pg_user: usename name_text, usesysid oid, usecreatedb bool, usesuper bool, userepl bool, "
    "usebypassrls bool, passwd text, valuntil timestamptz, useconfig _text",
    "pg_catalog.pg_auth_members: roleid oid, member oid, grantor oid, admin_option bool",
    "pg_catalog.pg_group: groname name_text, grosysid oid, grolist _text",
    "pg_catalog.pg_am: oid oid, amname name_text, amhandler regproc_text, amtype char",
    "pg_catalog.pg_collation: oid oid, collname name_text, collnamespace oid, collowner oid, collprovider "
    "char, "
    "collisdeterministic bool, collencoding int4, collcollate text, collctype text, colliculocale text, "
    "collversion text",
    "pg_catalog.pg_tables: schemaname name_text, tablename name_text, tableowner name_text, tablespace "
    "name_text, "
    "hasindexes bool, hasrules bool, hastriggers bool, rowsecurity bool",
    "pg_catalog.pg_views: schemaname name_text, viewname name_text, viewowner name_text, definition text",
    "pg_catalog.pg_matviews: schemaname name_text, matviewname name_text, matviewowner name_text, "
    "tablespace name_text, hasindexes bool, ispopulated bool, definition text",
    "pg_catalog.pg_indexes: schemaname name_text, tablename name_text, indexname name_text, tablespace "
    "name_text, "
    "indexdef text",
    "pg_catalog.pg_settings: name text, setting text, unit text, category text, short_desc text, extra_desc "
    "text, "
    "context text, vartype text, source text, min_val text, max_val text, enumvals _text, boot_val text, "
    "reset_val text, sourcefile text, sourceline int4, pending_restart bool",
    "pg_catalog.pg_index: indexrelid oid, indrelid oid, indnatts int2, indnkeyatts int2, indisunique bool, "
    "indnullsnotdistinct bool, indisprimary bool, indisexclusion bool, indimmediate bool, indisclustered "
    "bool, "
    "indisvalid bool, indcheckxmin bool, indisready bool, indislive bool, indisreplident bool, indkey "
    "int2vector, "
    "indcollation oidvector, indclass oidvector, indoption int2vector, indexprs text, indpred text",
    "pg_catalog.pg_constraint: oid oid, conname name_text, connamespace oid, contype char, condeferrable "
    "bool, "
    "condeferred bool, convalidated bool, conrelid oid, contypid oid, conindid oid, conparentid oid, "
    "confrelid oid, confupdtype char, confdeltype char, confmatchtype char, conislocal bool, coninhcount "
    "int4, "
    "connoinherit bool, conkey _text, confkey _text, conpfeqop _text, conppeqop _text, conffeqop _text, "
    "confdelsetcols _text, conexclop _text, conbin text",
    "pg_catalog.pg_attrdef: oid oid, adrelid oid, adnum int2, adbin text",
    "pg_catalog.pg_description: objoid oid, classoid oid, objsubid int4, description text",
    "pg_catalog.pg_shdescription: objoid oid, classoid oid, description text",
    "pg_catalog.pg_depend: classid oid, objid oid, objsubid int4, refclassid oid, refobjid oid, refobjsubid "
    "int4, "
    "deptype char",
    "pg_catalog.pg_inherits: inhrelid oid, inhparent oid, inhseqno int4, inhdetachpending bool",
    "pg_catalog.pg_partitioned_table: partrelid oid, partstrat char, partnatts int2, partdefid oid, "
    "partattrs int2vector, partclass oidvector, partcollation oidvector, partexprs text",
    "pg_catalog.pg_policy: oid oid, polname name_text, polrelid oid, polcmd char, polpermissive bool, "
    "polroles _text, polqual text, polwithcheck text",
    "pg_catalog.pg_statistic_ext: oid oid, stxrelid oid, stxname name_text, stxnamespace oid, stxowner oid, "
    "stxstattarget int4, stxkeys int2vector, stxkind _text, stxexprs text",
    "pg_catalog.pg_publication: oid oid, pubname name_text, pubowner oid, puballtables bool, pubinsert bool, "
    "pubupdate bool, pubdelete bool, pubtruncate bool, pubviaroot bool",
    "pg_catalog.pg_publication_rel: oid oid, prpubid oid, prrelid oid, prqual text, prattrs int2vector",
    "pg_catalog.pg_publication_namespace: oid oid, pnpubid oid, pnnspid oid",
    "pg_catalog.pg_trigger: oid oid, tgrelid oid, tgparentid oid, tgname name_text, tgfoid oid, tgtype int2, "
    "tgenabled char, tgisinternal bool, tgconstrrelid oid, tgconstrindid oid, tgconstraint oid, tgdeferrable "
    "bool, "
    "tginitdeferred bool, tgnargs int2, tgattr int2vector, tgargs text, tgqual text, tgoldtable name_text, "
    "tgnewtable name_text",
    "pg_catalog.pg_rewrite: oid oid, rulename name_text, ev_class oid, ev_type char, ev_enabled char, "
    "is_instead bool, ev_qual text, ev_action text",
    "pg_catalog.pg_rules: schemaname name_text, tablename name_text, rulename name_text, definition text",
    "pg_catalog.pg_foreign_table: ftrelid oid, ftserver oid, ftoptions _text",
    "pg_catalog.pg_foreign_server: oid oid, srvname name_text, srvowner oid, srvfdw oid, srvtype text, "
    "srvversion text, srvacl _text, srvoptions _text",
    "pg_catalog.pg_foreign_data_wrapper: oid oid, fdwname name_text, fdwowner oid, fdwhandler oid, "
    "fdwvalidator oid, fdwacl _text, fdwoptions _text",
    "pg_catalog.pg_tablespace: oid oid, spcname name_text, spcowner oid, spcacl _text, spcoptions _text",
    "pg_catalog.pg_sequence: seqrelid oid, seqtypid oid, seqstart int8, seqincrement int8, seqmax int8, "
    "seqmin int8, seqcache int8, seqcycle bool",
    "pg_catalog.pg_sequences: schemaname name_text, sequencename name_text, sequenceowner name_text",
    "pg_catalog.pg_proc: oid oid, proname name_text, pronamespace oid, proowner oid, prolang oid, procost "
    "float4, "
    "prorows float4, provariadic oid, prosupport regproc_text, prokind char, prosecdef bool, proleakproof "
    "bool, "
    "proisstrict bool, proretset bool, provolatile char, proparallel char, pronargs int2, pronargdefaults "
    "int2, "
    "prorettype oid, proargtypes oidvector, proallargtypes _text, proargmodes _text, proargnames _text, "
    "proargdefaults text, protrftypes _text, prosrc text, probin text, prosqlbody text, proconfig _text, "
    "proacl _text",
    "pg_catalog.pg_language: oid oid, lanname name_text, lanowner oid, lanispl bool, lanpltrusted bool",
    "pg_catalog.pg_operator: oid oid, oprname name_text, oprnamespace oid, oprleft oid, oprright oid, "
    "oprresult oid",
    "pg_catalog.pg_opclass: oid oid, opcmethod oid, opcname name_text, opcnamespace oid, opcintype oid, "
    "opcdefault bool",
    "pg_catalog.pg_extension: oid oid, extname name_text, extowner oid, extnamespace oid, extrelocatable "
    "bool, "
    "extversion text, extconfig _text, extcondition _text",
    "pg_catalog.pg_enum: oid oid, enumtypid oid, enumsortorder float4, enumlabel name_text",
    "pg_catalog.pg_range: rngtypid oid, rngsubtype oid, rngmultitypid oid, rngcollation oid, rngsubopc oid",
    "pg_catalog.pg_cast: oid oid, castsource oid, casttarget oid, castfunc oid, castcontext char, castmethod "
    "char",
    "pg_catalog.pg_event_trigger: oid oid, evtname name_text, evtevent name_text, evtowner oid",
    "pg_catalog.pg_default_acl: oid oid, defaclrole oid, defaclnamespace oid, defaclobjtype char, defaclacl "
    "_text",
    "pg_catalog.pg_stat_activity: datid oid, datname name_text, pid int4, usename name_text, "
    "application_name text, state text, query text",
    "pg_catalog.pg_stat_user_tables: relid oid, schemaname name_text, relname name_text, n_live_tup int8",
    "pg_catalog.pg_statio_user_tables: relid oid, schemaname name_text, relname name_text",
    "pg_catalog.pg_locks: locktype text, relation oid, pid int4, mode text, granted bool",
    "pg_catalog.pg_prepared_statements: name text, statement text, from_sql bool",
    "pg_catalog.pg_cursors: name text, statement text, is_holdable bool, is_binary bool, is_scrollable bool",
    "pg_catalog.pg_timezone_names: name text, abbrev text, is_dst bool",
    "information_schema.schemata: catalog_name name_text, schema_name name_text, schema_owner name_text, "
    "default_character_set_catalog name_text, default_character_set_schema name_text, "
    "default_character_set_name name_text, sql_path text",
    "information_schema.tables: table_catalog name_text, table_schema name_text, table_name name_text, "
    "table_type text, self_referencing_column_name name_text, reference_generation text, "
    "user_defined_type_catalog name_text, user_defined_type_schema name_text, user_defined_type_name "
    "name_text, "
    "is_insertable_into text, is_typed text, commit_action text",
    "information_schema.columns: table_catalog name_text, table_schema name_text, table_name name_text, "
    "column_name name_text, ordinal_position int4, column_default text, is_nullable text, data_type text, "
    "character_maximum_length int4, character_octet_length int4, numeric_precision int4, "
    "numeric_precision_radix int4, numeric_scale int4, datetime_precision int4, interval_type text, "
    "collation_name name_text, domain_name name_text, udt_catalog name_text, udt_schema name_text, "
    "udt_name name_text, is_identity text, is_generated text, is_updatable text",
    "information_schema.views: table_catalog name_text, table_schema name_text, table_name name_text, "
    "view_definition text",
    "information_schema.table_constraints: constraint_catalog name_text, constraint_schema name_text, "
    "constraint_name name_text, table_catalog name_text, table_schema name_text, table_name name_text, "
    "constraint_type text, is_deferrable text, initially_deferred text",
    "information_schema.key_column_usage: constraint_catalog name_text, constraint_schema name_text, "
    "constraint_name name_text, table_catalog name_text, table_schema name_text, table_name name_text, "
    "column_name name_text, ordinal_position int4, position_in_unique_constraint int4",
    "information_schema.constraint_column_usage: table_catalog name_text, table_schema name_text, "
    "table_name name_text, column_name name_text, constraint_catalog name_text, constraint_schema name_text, "
    "constraint_name name_text",
    "information_schema.referential_constraints: constraint_catalog name_text, constraint_schema name_text, "
    "constraint_name name_text, unique_constraint_schema name_text, unique_constraint_name name_text, "
    "match_option text, update_rule text, delete_rule text",
    "information_schema.routines: specific_catalog name_text, specific_schema name_text, specific_name "
    "name_text, "
    "routine_catalog name_text, routine_schema name_text, routine_name name_text, routine_type text, "
    "data_type text",
    "information_schema.table_privileges: grantor name_text, grantee name_text, table_catalog name_text, "
    "table_schema name_text, table_name name_text, privilege_type text, is_grantable text",
    "information_schema.role_table_grants: grantor name_text, grantee name_text, table_catalog name_text, "
    "table_schema name_text, table_name name_text, privilege_type text, is_grantable text",
};

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  return text;
}

}  // namespace

std::string catalogue_schema() {
  std::string sql;
  for (const std::string_view relation : kRelations) {
    const auto colon = relation.find(':');
    sql.append("CREATE TABLE ").append(relation.substr(0, colon)).append(" (");
    std::string_view columns = relation.substr(colon + 1);
    bool first = true;
    while (!columns.empty()) {
      const auto comma = columns.find(',');
      const auto column = trimmed(columns.substr(0, comma));
      columns = comma == std::string_view::npos ? std::string_view() : columns.substr(comma + 1);
      const auto blank = column.find(' ');
      sql.append(first ? "\"" : ", \"").append(column.substr(0, blank)).append("\" ");
      sql.append(column.substr(blank + 1));
      if (column.ends_with("name_text")) sql.append(" COLLATE NOCASE");
      first = false;
    }
    sql.append(");");
  }
  // Whoever names no order sees columns in their own, as in PostgreSQL.
  sql.append(
      "CREATE INDEX pg_catalog.attribute_order ON pg_attribute (attrelid, attnum);"
      "CREATE INDEX pg_catalog.class_oid ON pg_class (oid); CREATE INDEX pg_catalog.type_oid ON pg_type "
      "(oid);"
      "CREATE INDEX pg_catalog.namespace_oid ON pg_namespace (oid);");
  return sql;
}

bool catalogue_has(std::string_view schema, std::string_view name) {
  for (const std::string_view relation : kRelations) {
    const auto full = relation.substr(0, relation.find(':'));
    if (full.size() == schema.size() + 1 + name.size() && full.starts_with(schema) && full.ends_with(name))
      return true;
  }
  return false;
}

}  // namespace sceau::connect
