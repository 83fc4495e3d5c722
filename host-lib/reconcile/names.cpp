#include "names.h"

#include <string_view>

namespace sceau::reconcile {
namespace {

// pg_class of PostgreSQL 15, and what 16 and 17 added; sorted.
constexpr std::string_view catalogue =
    " "
    "pg_aggregate pg_am pg_amop pg_amproc pg_attrdef pg_attribute pg_auth_members pg_authid "
    "pg_available_extension_versions pg_available_extensions pg_backend_memory_contexts pg_cast "
    "pg_class pg_collation pg_config pg_constraint pg_conversion pg_cursors pg_database "
    "pg_db_role_setting pg_default_acl pg_depend pg_description pg_enum pg_event_trigger "
    "pg_extension pg_file_settings pg_foreign_data_wrapper pg_foreign_server pg_foreign_table "
    "pg_group pg_hba_file_rules pg_ident_file_mappings pg_index pg_indexes pg_inherits "
    "pg_init_privs pg_language pg_largeobject_metadata pg_locks pg_matviews pg_namespace pg_opclass "
    "pg_operator pg_opfamily pg_parameter_acl pg_partitioned_table pg_policies pg_policy "
    "pg_prepared_statements pg_prepared_xacts pg_proc pg_publication pg_publication_namespace "
    "pg_publication_rel pg_publication_tables pg_range pg_replication_origin "
    "pg_replication_origin_status pg_replication_slots pg_rewrite pg_roles pg_rules pg_seclabel "
    "pg_seclabels pg_sequence pg_sequences pg_settings pg_shadow pg_shdepend pg_shdescription "
    "pg_shmem_allocations pg_shseclabel pg_stat_activity pg_stat_all_indexes pg_stat_all_tables "
    "pg_stat_archiver pg_stat_bgwriter pg_stat_checkpointer pg_stat_database "
    "pg_stat_database_conflicts pg_stat_gssapi pg_stat_io pg_stat_progress_analyze "
    "pg_stat_progress_basebackup pg_stat_progress_cluster pg_stat_progress_copy "
    "pg_stat_progress_create_index pg_stat_progress_vacuum pg_stat_recovery_prefetch "
    "pg_stat_replication pg_stat_replication_slots pg_stat_slru pg_stat_ssl pg_stat_subscription "
    "pg_stat_subscription_stats pg_stat_sys_indexes pg_stat_sys_tables pg_stat_user_functions "
    "pg_stat_user_indexes pg_stat_user_tables pg_stat_wal pg_stat_wal_receiver "
    "pg_stat_xact_all_tables pg_stat_xact_sys_tables pg_stat_xact_user_functions "
    "pg_stat_xact_user_tables pg_statio_all_indexes pg_statio_all_sequences pg_statio_all_tables "
    "pg_statio_sys_indexes pg_statio_sys_sequences pg_statio_sys_tables pg_statio_user_indexes "
    "pg_statio_user_sequences pg_statio_user_tables pg_statistic_ext pg_subscription "
    "pg_subscription_rel pg_tables pg_tablespace pg_timezone_abbrevs pg_timezone_names pg_transform "
    "pg_trigger pg_ts_config pg_ts_config_map pg_ts_dict pg_ts_parser pg_ts_template pg_type "
    "pg_user pg_user_mapping pg_user_mappings pg_views pg_wait_events ";

constexpr std::string_view telling =
    " "
    "pg_largeobject pg_statistic pg_statistic_ext_data pg_stats pg_stats_ext pg_stats_ext_exprs ";

constexpr std::string_view functions =
    " "
    "abs age array_agg array_append array_cat array_length array_lower array_position array_remove "
    "array_to_json array_to_string array_upper ascii avg bit_and bit_or bool_and bool_or btrim "
    "cardinality ceil ceiling char_length character_length chr clock_timestamp coalesce "
    "col_description concat concat_ws count cume_dist current_catalog current_database "
    "current_schema current_schemas current_setting date date_part date_trunc dense_rank every exp "
    "extract first_value floor format format_type gen_random_uuid generate_series "
    "generate_subscripts greatest has_any_column_privilege has_column_privilege "
    "has_database_privilege has_function_privilege has_schema_privilege has_sequence_privilege "
    "has_table_privilege has_tablespace_privilege hashtext hashtextextended inet_client_addr "
    "inet_server_addr inet_server_port initcap json_agg json_build_array json_build_object "
    "jsonb_agg jsonb_build_array jsonb_build_object lag last_value lead least left length ln log "
    "lower lpad ltrim make_date make_interval max md5 min mod now nth_value ntile nullif "
    "obj_description octet_length overlay percent_rank percentile_cont percentile_disc "
    "pg_advisory_lock pg_advisory_unlock pg_advisory_unlock_all pg_advisory_xact_lock "
    "pg_backend_pid pg_client_encoding pg_column_size pg_conf_load_time pg_database_size "
    "pg_encoding_to_char pg_export_snapshot pg_function_is_visible pg_get_constraintdef pg_get_expr "
    "pg_get_function_arguments pg_get_function_identity_arguments pg_get_function_result "
    "pg_get_functiondef pg_get_indexdef pg_get_keywords pg_get_ruledef pg_get_serial_sequence "
    "pg_get_statisticsobjdef_columns pg_get_triggerdef pg_get_userbyid pg_get_viewdef pg_has_role "
    "pg_is_in_recovery pg_is_other_temp_schema pg_my_temp_schema pg_opclass_is_visible "
    "pg_partition_root pg_postmaster_start_time pg_relation_is_publishable pg_relation_size "
    "pg_size_pretty pg_sleep pg_stat_get_numscans pg_table_is_visible pg_table_size "
    "pg_tablespace_location pg_total_relation_size pg_try_advisory_lock pg_type_is_visible "
    "pg_typeof pi position power quote_ident quote_literal quote_nullable random rank "
    "regexp_matches regexp_replace repeat replace reverse right round row_number row_to_json rpad "
    "rtrim session_user shobj_description sign split_part sqrt starts_with statement_timestamp "
    "stddev stddev_pop stddev_samp string_agg string_to_array strpos substr substring sum timeofday "
    "timezone to_char to_date to_json to_jsonb to_number to_regclass to_regnamespace to_regrole "
    "to_regtype to_timestamp transaction_timestamp translate trim trunc txid_current unnest upper "
    "var_pop var_samp variance version width_bucket ";

constexpr std::string_view readers =
    " "
    "brin_summarize_new_values brin_summarize_range currtid2 cursor_to_xml cursor_to_xmlschema "
    "database_to_xml database_to_xml_and_xmlschema lo_get lo_open loread pg_mcv_list_items "
    "query_to_xml query_to_xml_and_xmlschema query_to_xmlschema schema_to_xml "
    "schema_to_xml_and_xmlschema table_to_xml table_to_xml_and_xmlschema ts_rewrite ts_stat ";

constexpr std::string_view reaching =
    " "
    "lo_export lo_import pg_backup_start pg_backup_stop pg_copy_logical_replication_slot "
    "pg_copy_physical_replication_slot pg_create_logical_replication_slot "
    "pg_create_physical_replication_slot pg_current_logfile pg_logical_slot_get_binary_changes "
    "pg_logical_slot_get_changes pg_logical_slot_peek_binary_changes pg_logical_slot_peek_changes "
    "pg_ls_archive_statusdir pg_ls_dir pg_ls_logdir pg_ls_logicalmapdir pg_ls_logicalsnapdir "
    "pg_ls_replslotdir pg_ls_tmpdir pg_ls_waldir pg_promote pg_read_binary_file pg_read_file "
    "pg_read_file_old pg_start_backup pg_stat_file pg_stop_backup ";

// Among words that a space each goes before and after.
bool among(std::string_view names, std::string_view name) {
  for (std::size_t at = names.find(name); at != std::string_view::npos && !name.empty();
       at = names.find(name, at + 1)) {
    if (names[at - 1] == ' ' && names[at + name.size()] == ' ')
      return name.find(' ') == std::string_view::npos;
  }
  return false;
}

}  // namespace

bool is_harmless_catalogue(std::string_view relation) { return among(catalogue, relation); }
bool tells_of_tables(std::string_view relation) { return among(telling, relation); }
bool is_harmless_function(std::string_view function) { return among(functions, function); }
bool reads_on_its_own(std::string_view function) {
  return among(readers, function) || reaches_files(function) || function.starts_with("binary_upgrade_");
}
bool reaches_files(std::string_view function) { return among(reaching, function); }

}  // namespace sceau::reconcile
