#include "sceau/reconcile/look.h"

#include <algorithm>
#include <array>
#include <utility>

#include "names.h"
#include "parsed.h"

namespace sceau::reconcile {
namespace {

using Names = std::set<std::string, std::less<>>;
using Reach = Look::Reach;

constexpr int deepest = 3000;

template <typename Value>
const Value& at(const ProtobufCMessage& message, unsigned offset) {
  return *reinterpret_cast<const Value*>(reinterpret_cast<const char*>(&message) + offset);
}

// Messages below this one, as the field holds them.
template <typename Visit>
void below(const ProtobufCMessage& message, const ProtobufCFieldDescriptor& field, const Visit& visit) {
  if (field.type != PROTOBUF_C_TYPE_MESSAGE) return;
  if (field.label == PROTOBUF_C_LABEL_REPEATED) {
    const auto count = at<std::size_t>(message, field.quantifier_offset);
    const auto* items = at<const ProtobufCMessage* const*>(message, field.offset);
    for (std::size_t i = 0; i < count; ++i) visit(*items[i]);
    return;
  }
  if ((field.flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 &&
      at<std::uint32_t>(message, field.quantifier_offset) != field.id)
    return;
  const auto* one = at<const ProtobufCMessage*>(message, field.offset);
  if (one != nullptr) visit(*one);
}

template <typename Message>
const Message* as(const ProtobufCMessage& message, const ProtobufCMessageDescriptor& descriptor) {
  return message.descriptor == &descriptor ? reinterpret_cast<const Message*>(&message) : nullptr;
}

std::string text_of(const PgQuery__Node* node) {
  if (node == nullptr || node->node_case != PG_QUERY__NODE__NODE_STRING) return {};
  return node->string->sval;
}

// A constant's text; empty for what is none.
std::string constant_of(const PgQuery__Node* node) {
  if (node == nullptr || node->node_case != PG_QUERY__NODE__NODE_A_CONST ||
      node->a_const->val_case != PG_QUERY__A__CONST__VAL_SVAL)
    return {};
  return node->a_const->sval->sval;
}

// What is read by statements of a kind: as its relations say; nothing, it only names them; or that is not
// known.
Reach reach_of(const PgQuery__Node& statement) {
  switch (statement.node_case) {
    case PG_QUERY__NODE__NODE_SELECT_STMT:
    case PG_QUERY__NODE__NODE_INSERT_STMT:
    case PG_QUERY__NODE__NODE_UPDATE_STMT:
    case PG_QUERY__NODE__NODE_DELETE_STMT:
    case PG_QUERY__NODE__NODE_MERGE_STMT:
    case PG_QUERY__NODE__NODE_EXPLAIN_STMT:
    case PG_QUERY__NODE__NODE_DECLARE_CURSOR_STMT:
    case PG_QUERY__NODE__NODE_FETCH_STMT:
    case PG_QUERY__NODE__NODE_CLOSE_PORTAL_STMT:
    case PG_QUERY__NODE__NODE_PREPARE_STMT:
    case PG_QUERY__NODE__NODE_EXECUTE_STMT:
    case PG_QUERY__NODE__NODE_DEALLOCATE_STMT:
    case PG_QUERY__NODE__NODE_COPY_STMT:
    case PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT:
    case PG_QUERY__NODE__NODE_VIEW_STMT:
    case PG_QUERY__NODE__NODE_GRANT_STMT:
    case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT:
    case PG_QUERY__NODE__NODE_RENAME_STMT:
    case PG_QUERY__NODE__NODE_ALTER_OBJECT_SCHEMA_STMT:
    case PG_QUERY__NODE__NODE_ALTER_OWNER_STMT:
      return Reach::reads;
    case PG_QUERY__NODE__NODE_TRANSACTION_STMT:
    case PG_QUERY__NODE__NODE_VARIABLE_SET_STMT:
    case PG_QUERY__NODE__NODE_VARIABLE_SHOW_STMT:
    case PG_QUERY__NODE__NODE_ALTER_SYSTEM_STMT:
    case PG_QUERY__NODE__NODE_ALTER_ROLE_SET_STMT:
    case PG_QUERY__NODE__NODE_ALTER_DATABASE_SET_STMT:
    case PG_QUERY__NODE__NODE_DISCARD_STMT:
    case PG_QUERY__NODE__NODE_CONSTRAINTS_SET_STMT:
    case PG_QUERY__NODE__NODE_LOCK_STMT:
    case PG_QUERY__NODE__NODE_CREATE_STMT:
    case PG_QUERY__NODE__NODE_CREATE_SCHEMA_STMT:
    case PG_QUERY__NODE__NODE_INDEX_STMT:
    case PG_QUERY__NODE__NODE_REINDEX_STMT:
    case PG_QUERY__NODE__NODE_CLUSTER_STMT:
    case PG_QUERY__NODE__NODE_DROP_STMT:
    case PG_QUERY__NODE__NODE_TRUNCATE_STMT:
    case PG_QUERY__NODE__NODE_VACUUM_STMT:
    case PG_QUERY__NODE__NODE_COMMENT_STMT:
    case PG_QUERY__NODE__NODE_CHECK_POINT_STMT:
    case PG_QUERY__NODE__NODE_LISTEN_STMT:
    case PG_QUERY__NODE__NODE_UNLISTEN_STMT:
    case PG_QUERY__NODE__NODE_NOTIFY_STMT:
    case PG_QUERY__NODE__NODE_CREATE_ROLE_STMT:
    case PG_QUERY__NODE__NODE_ALTER_ROLE_STMT:
    case PG_QUERY__NODE__NODE_DROP_ROLE_STMT:
    case PG_QUERY__NODE__NODE_GRANT_ROLE_STMT:
    case PG_QUERY__NODE__NODE_CREATEDB_STMT:
    case PG_QUERY__NODE__NODE_DROPDB_STMT:
      return Reach::touches;
    default:
      return Reach::unknown;
  }
}

// What changes who may read a relation, or what it is called: it matters for those that are protected.
bool about_rights(const PgQuery__Node& statement) {
  switch (statement.node_case) {
    case PG_QUERY__NODE__NODE_GRANT_STMT:
    case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT:
    case PG_QUERY__NODE__NODE_RENAME_STMT:
    case PG_QUERY__NODE__NODE_ALTER_OBJECT_SCHEMA_STMT:
    case PG_QUERY__NODE__NODE_ALTER_OWNER_STMT:
      return true;
    default:
      return false;
  }
}

bool logged_by_all_alone(const PgQuery__Node& statement) {
  return statement.node_case == PG_QUERY__NODE__NODE_SELECT_STMT ||
         statement.node_case == PG_QUERY__NODE__NODE_TRANSACTION_STMT ||
         statement.node_case == PG_QUERY__NODE__NODE_VARIABLE_SET_STMT ||
         statement.node_case == PG_QUERY__NODE__NODE_VARIABLE_SHOW_STMT;
}

std::string kind_of(const PgQuery__Node& statement) {
  const auto* field = protobuf_c_message_descriptor_get_field(statement.base.descriptor,
                                                              static_cast<unsigned>(statement.node_case));
  std::string name = field == nullptr ? "unknown" : field->name;
  if (name.ends_with("_stmt")) name.resize(name.size() - 5);
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

class Walk {
 public:
  Walk(const Protected* known, Look& look) : known_(known), look_(look) {}

  void statement(const PgQuery__Node& node) {
    if (logged_by_all_alone(node)) look_.shows_all = true;
    const Reach reach = reach_of(node);
    names_only_ = reach == Reach::touches;
    rights_only_ = about_rights(node);
    if (reach == Reach::unknown && known_ != nullptr)
      found(Reach::unknown, "a statement of the kind \"" + kind_of(node) + "\" is not followed");
    visit(node.base, {});
  }
  void relation(const std::string& schema, const std::string& name, const Names& common) {
    if (known_ == nullptr || (schema.empty() && common.contains(name))) return;
    const std::string full = schema.empty() ? name : schema + "." + name;
    const bool there = schema.empty() || schema == known_->schema;
    if (there && known_->tables.contains(name)) return named(name);
    // Workspaces hold what was read of the tables, but for the list of what was committed.
    if (schema.starts_with("sceau_work")) {
      if (full != "sceau_work.committed") named(full);
      return;
    }
    const bool system = schema.empty() || schema == "pg_catalog";
    if (schema == "pg_toast" || (system && tells_of_tables(name)))
      return named(full + ", which holds some of their values");
    if (schema == "information_schema" || (system && is_harmless_catalogue(name))) return;
    if (schema == "pg_catalog") return unknown("relation " + full + " is not known");
    if (known_->others.contains(full) || (there && known_->others.contains(name))) return;
    unknown("relation " + full + " may show them: it is not in the catalogue");
  }

 private:
  void found(Reach reach, const std::string& why) {
    look_.reach = std::max(look_.reach, reach);
    if (reach == Reach::unknown) look_.unfollowed = true;
    if (std::ranges::find(look_.why, why) == look_.why.end()) look_.why.push_back(why);
  }
  void named(const std::string& relation) { found(names_only_ ? Reach::touches : Reach::reads, relation); }
  void unknown(const std::string& why) {
    if (!names_only_ && !rights_only_) found(Reach::unknown, why);
  }

  void visit(const ProtobufCMessage& message, const Names& common) {
    if (++depth_ > deepest) {
      found(Reach::unknown, "it is nested too deeply to be followed");
    } else if (!special(message, common)) {
      children(message, common, {});
    }
    --depth_;
  }

  void children(const ProtobufCMessage& message, const Names& common, std::string_view without) {
    const Names* scope = &common;
    Names with;
    for (unsigned i = 0; i < message.descriptor->n_fields; ++i) {
      const ProtobufCFieldDescriptor& field = message.descriptor->fields[i];
      if (std::string_view(field.name) != "with_clause") continue;
      below(message, field, [&](const ProtobufCMessage& clause) {
        with = common;
        expressions(reinterpret_cast<const PgQuery__WithClause&>(clause), with);
        scope = &with;
      });
    }
    for (unsigned i = 0; i < message.descriptor->n_fields; ++i) {
      const ProtobufCFieldDescriptor& field = message.descriptor->fields[i];
      if (field.name == without || std::string_view(field.name) == "with_clause") continue;
      below(message, field, [&](const ProtobufCMessage& one) { visit(one, *scope); });
    }
  }

  // Common table expressions: each sees those before it, and all of them where they are recursive.
  void expressions(const PgQuery__WithClause& clause, Names& scope) {
    const auto each = [&](const auto& take) {
      for (std::size_t i = 0; i < clause.n_ctes; ++i) {
        if (clause.ctes[i]->node_case == PG_QUERY__NODE__NODE_COMMON_TABLE_EXPR)
          take(*clause.ctes[i]->common_table_expr);
      }
    };
    if (clause.recursive != 0) each([&](const auto& one) { scope.insert(one.ctename); });
    each([&](const auto& one) {
      if (one.ctequery != nullptr) visit(one.ctequery->base, scope);
      scope.insert(one.ctename);
    });
  }

  // What is more than its parts. True: nothing is left to look at.
  bool special(const ProtobufCMessage& message, const Names& common) {
    if (const auto* one = as<PgQuery__RangeVar>(message, pg_query__range_var__descriptor)) {
      relation(one->schemaname, one->relname, common);
    } else if (const auto* call = as<PgQuery__FuncCall>(message, pg_query__func_call__descriptor)) {
      function(*call);
    } else if (const auto* sign = as<PgQuery__AExpr>(message, pg_query__a__expr__descriptor)) {
      if (sign->n_name > 1 && text_of(sign->name[0]) != "pg_catalog")
        unknown("operator " + text_of(sign->name[0]) + "." + text_of(sign->name[1]) + " is not known");
    } else if (const auto* set =
                   as<PgQuery__VariableSetStmt>(message, pg_query__variable_set_stmt__descriptor)) {
      setting(set->name, set->n_args == 0 ? std::string() : constant_of(set->args[0]));
    } else if (const auto* system =
                   as<PgQuery__AlterSystemStmt>(message, pg_query__alter_system_stmt__descriptor)) {
      if (system->setstmt != nullptr && system->setstmt->kind == PG_QUERY__VARIABLE_SET_KIND__VAR_RESET_ALL)
        look_.quiets.emplace_back("resets the server's whole configuration");
    } else if (const auto* prepare = as<PgQuery__PrepareStmt>(message, pg_query__prepare_stmt__descriptor)) {
      look_.prepares = prepare->name;
    } else if (const auto* execute = as<PgQuery__ExecuteStmt>(message, pg_query__execute_stmt__descriptor)) {
      look_.executes = execute->name;
    } else {
      return changes(message, common);
    }
    return false;
  }

  // What is written to, or made, is not read.
  bool changes(const ProtobufCMessage& message, const Names& common) {
    if (const auto* insert = as<PgQuery__InsertStmt>(message, pg_query__insert_stmt__descriptor)) {
      if (insert->n_returning_list > 0 || insert->on_conflict_clause != nullptr) return false;
      target(insert->relation, common);
      children(message, common, "relation");
    } else if (const auto* copy = as<PgQuery__CopyStmt>(message, pg_query__copy_stmt__descriptor)) {
      if (copy->is_program != 0 || (copy->is_from != 0 && *copy->filename != '\0'))
        found(Reach::unknown, "it reaches a program or a file of the server");
      if (copy->is_from == 0) return false;
      target(copy->relation, common);
      children(message, common, "relation");
    } else if (const auto* update = as<PgQuery__UpdateStmt>(message, pg_query__update_stmt__descriptor)) {
      if (update->relation != nullptr && std::string_view(update->relation->relname) == "pg_settings")
        look_.quiets.emplace_back("changes settings through pg_settings");
      return false;
    } else if (message.descriptor == &pg_query__into_clause__descriptor) {
      children(message, common, "rel");
    } else if (message.descriptor == &pg_query__view_stmt__descriptor) {
      children(message, common, "view");
    } else if (message.descriptor == &pg_query__locking_clause__descriptor) {
      return true;  // names of what stands in FROM
    } else {
      return false;
    }
    return true;
  }

  void target(const PgQuery__RangeVar* written, const Names& common) {
    if (written == nullptr) return;
    const bool before = std::exchange(names_only_, true);
    relation(written->schemaname, written->relname, common);
    names_only_ = before;
  }

  void function(const PgQuery__FuncCall& call) {
    const std::string name =
        call.n_funcname == 0 ? std::string() : text_of(call.funcname[call.n_funcname - 1]);
    const std::string schema = call.n_funcname < 2 ? std::string() : text_of(call.funcname[0]);
    const bool own = schema.empty() || schema == "pg_catalog";
    if (own && name == "set_config") {
      const std::string what = call.n_args == 0 ? std::string() : constant_of(call.args[0]);
      if (!what.empty()) return setting(what, call.n_args < 2 ? std::string() : constant_of(call.args[1]));
      return found(Reach::unknown, "set_config() of a setting that only the database knows");
    }
    if (own && (name == "pg_reload_conf" || name == "pg_rotate_logfile"))
      return look_.quiets.push_back("calls " + name + "(), after which the log may be written otherwise");
    if (own && reaches_files(name)) return found(Reach::unknown, name + "() reaches the server's files");
    if (known_ == nullptr || (own && is_harmless_function(name))) return;
    if (schema == "pg_catalog" && !reads_on_its_own(name)) return;
    found(Reach::unknown,
          (schema.empty() ? name : schema + "." + name) + "() may read them: what it does is not followed");
  }

  void setting(const std::string& name, const std::string& value) {
    if (is_about_the_log(name, value)) look_.quiets.push_back("sets " + name);
  }

  const Protected* known_;  // null: the statement is another database's
  Look& look_;
  bool names_only_ = false;
  bool rights_only_ = false;
  int depth_ = 0;
};

Look look_with(const std::string& sql, const Protected* known) {
  Look found;
  auto tree = parse(sql);
  if (!tree) {
    found.reach = Reach::unknown;
    found.unfollowed = true;
    found.why.push_back(tree.error().message);
    return found;
  }
  Walk walk(known, found);
  for (std::size_t i = 0; i < (*tree)->n_stmts; ++i) {
    if ((*tree)->stmts[i]->stmt != nullptr) walk.statement(*(*tree)->stmts[i]->stmt);
  }
  return found;
}

}  // namespace

Look look(const std::string& sql, const Protected& protected_tables) {
  return look_with(sql, &protected_tables);
}

Look look_elsewhere(const std::string& sql) { return look_with(sql, nullptr); }

Look look_at_relation(std::string_view name, const Protected& protected_tables) {
  std::vector<std::string> parts{std::string()};
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '.') {
      parts.emplace_back();
    } else if (name[i] != '"') {
      parts.back() += name[i];
    } else {
      for (++i; i < name.size() && (name[i] != '"' || (i + 1 < name.size() && name[i + 1] == '"')); ++i) {
        parts.back() += name[i];
        if (name[i] == '"') ++i;
      }
    }
  }
  Look found;
  Walk walk(&protected_tables, found);
  walk.relation(parts.size() > 1 ? parts[parts.size() - 2] : std::string(), parts.back(), {});
  return found;
}

bool is_about_the_log(std::string_view setting, std::string_view value) {
  constexpr std::array<std::string_view, 9> harmless{
      "log_duration",      "log_min_duration_statement", "log_lock_waits",      "log_parser_stats",
      "log_planner_stats", "log_executor_stats",         "log_statement_stats", "log_temp_files",
      "log_hostname"};
  if (setting == "log_statement") return value != "all";
  if (std::ranges::find(harmless, setting) != harmless.end()) return false;
  return setting.starts_with("log_") || setting.starts_with("logging_") || setting.starts_with("pgaudit.") ||
         setting.starts_with("syslog_") || setting.ends_with("_preload_libraries") ||
         setting == "event_source" || setting == "data_directory_mode" || setting == "config_file";
}

}  // namespace sceau::reconcile
