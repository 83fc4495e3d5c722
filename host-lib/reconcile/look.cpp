#include "sceau/reconcile/look.h"

#include <algorithm>
#include <array>
#include <utility>

#include "kinds.h"
#include "names.h"
#include "parsed.h"
#include "tree.h"

namespace sceau::reconcile {
namespace {

using Names = std::set<std::string, std::less<>>;
using Reach = Look::Reach;

constexpr int deepest = 3000;

class Walk {
 public:
  Walk(const Protected* known, std::string_view database, Look& look)
      : known_(known), database_(database), look_(look) {}

  void statement(const PgQuery__Node& node) {
    if (logged_by_all_alone(node)) look_.shows_all = true;
    const Reach reach = reach_of(node);
    names_only_ = reach == Reach::touches;
    rights_only_ = about_rights(node);
    if (reach == Reach::unknown && known_ != nullptr)
      found(Reach::unknown, "a statement of the kind \"" + kind_of(node) + "\" is not followed");
    names_used(node, look_.names);
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
    } else if (const auto* execute = as<PgQuery__ExecuteStmt>(message, pg_query__execute_stmt__descriptor)) {
      look_.names.push_back({NameUse::Kind::execute, execute->name});
    } else if (const auto* made = as<PgQuery__CreatedbStmt>(message, pg_query__createdb_stmt__descriptor)) {
      copied(template_of(*made));
    } else if (const auto* rename = as<PgQuery__RenameStmt>(message, pg_query__rename_stmt__descriptor)) {
      if (rename->rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_DATABASE)
        renamed(rename->subname, rename->newname);
    } else {
      return changes(message, common);
    }
    return false;
  }

  // What is written to, or made, is not read; and it is no common table expression.
  bool changes(const ProtobufCMessage& message, const Names& common) {
    if (const auto* insert = as<PgQuery__InsertStmt>(message, pg_query__insert_stmt__descriptor)) {
      const bool shows = insert->n_returning_list > 0 || insert->on_conflict_clause != nullptr;
      target(insert->relation, !shows);
      children(message, common, "relation");
    } else if (const auto* update = as<PgQuery__UpdateStmt>(message, pg_query__update_stmt__descriptor)) {
      if (update->relation != nullptr && std::string_view(update->relation->relname) == "pg_settings")
        look_.quiets.emplace_back("changes settings through pg_settings");
      target(update->relation, false);
      children(message, common, "relation");
    } else if (const auto* gone = as<PgQuery__DeleteStmt>(message, pg_query__delete_stmt__descriptor)) {
      target(gone->relation, false);
      children(message, common, "relation");
    } else if (const auto* merge = as<PgQuery__MergeStmt>(message, pg_query__merge_stmt__descriptor)) {
      target(merge->relation, false);
      children(message, common, "relation");
    } else if (const auto* copy = as<PgQuery__CopyStmt>(message, pg_query__copy_stmt__descriptor)) {
      if (copy->is_program != 0 || (copy->is_from != 0 && *copy->filename != '\0'))
        found(Reach::unknown, "it reaches a program or a file of the server");
      if (copy->is_from == 0) return false;
      target(copy->relation, true);
      children(message, common, "relation");
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

  void target(const PgQuery__RangeVar* written, bool unseen) {
    if (written == nullptr) return;
    const bool before = std::exchange(names_only_, names_only_ || unseen);
    relation(written->schemaname, written->relname, {});
    names_only_ = before;
  }

  // A copy of the whole database is another one, in which nobody looks.
  void copied(const std::string& from) {
    if (from == database_) return found(Reach::reads, "it copies the whole database " + from);
    if (database_.empty() && from != "template0" && from != "template1")
      found(Reach::unknown, "it copies the whole database " + from);
  }
  void renamed(const std::string& from, const std::string& to) {
    if (database_.empty() || from == database_ || to == database_)
      found(Reach::unknown,
            "it renames database " + from + " to " + to + ": the log names another one from then on");
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

  const Protected* known_;     // null: the statement is another database's
  std::string_view database_;  // that is protected; empty: any
  Look& look_;
  bool names_only_ = false;
  bool rights_only_ = false;
  int depth_ = 0;
};

Look look_with(const std::string& sql, const Protected* known, std::string_view database) {
  Look found;
  auto tree = parse(sql);
  if (!tree) {
    found.reach = Reach::unknown;
    found.unfollowed = true;
    found.why.push_back(tree.error().message);
    return found;
  }
  if (ends_otherwise(sql)) {
    found.reach = Reach::unknown;
    found.unfollowed = true;
    found.why.emplace_back("a constant in it ends elsewhere where standard_conforming_strings is off");
  }
  found.executes_alone = (*tree)->n_stmts == 1 && (*tree)->stmts[0]->stmt != nullptr &&
                         (*tree)->stmts[0]->stmt->node_case == PG_QUERY__NODE__NODE_EXECUTE_STMT;
  Walk walk(known, database, found);
  for (std::size_t i = 0; i < (*tree)->n_stmts; ++i) {
    if ((*tree)->stmts[i]->stmt != nullptr) walk.statement(*(*tree)->stmts[i]->stmt);
  }
  return found;
}

}  // namespace

Look look(const std::string& sql, const Protected& protected_tables) {
  return look_with(sql, &protected_tables, protected_tables.database);
}

Look look_elsewhere(const std::string& sql, const std::string& database) {
  return look_with(sql, nullptr, database);
}

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
  Walk walk(&protected_tables, protected_tables.database, found);
  walk.relation(parts.size() > 1 ? parts[parts.size() - 2] : std::string(), parts.back(), {});
  return found;
}

bool is_about_the_log(std::string_view setting, std::string_view value) {
  constexpr std::array<std::string_view, 9> harmless{
      "log_duration",      "log_min_duration_statement", "log_lock_waits",      "log_parser_stats",
      "log_planner_stats", "log_executor_stats",         "log_statement_stats", "log_temp_files",
      "log_hostname"};
  if (setting == "log_statement") return value != "all";
  // "statement: " is a message, too, and is looked for in English.
  if (setting == "lc_messages") return value != "C" && value != "POSIX" && !value.starts_with("en_");
  if (std::ranges::find(harmless, setting) != harmless.end()) return false;
  return setting.starts_with("log_") || setting.starts_with("logging_") || setting.starts_with("pgaudit.") ||
         setting.starts_with("syslog_") || setting.ends_with("_preload_libraries") ||
         setting == "event_source" || setting == "data_directory_mode" || setting == "config_file";
}

}  // namespace sceau::reconcile
