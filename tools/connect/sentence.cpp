#include "sentence.h"

#include <pg_query.h>

#include <algorithm>
#include <optional>
#include <set>

#include "tree.h"

namespace sceau::connect {
namespace {

using Kind = Sentence::Kind;

bool is_catalogue(const PgQuery__RangeVar& range) {
  const std::string_view schema = range.schemaname;
  if (schema == "pg_catalog" || schema == "information_schema") return true;
  return schema.empty() && std::string_view(range.relname).starts_with("pg_");
}

// What a tree reads: a name of a WITH is no table.
Sentence::Reads reads_of(const ProtobufCMessage& message) {
  std::set<std::string, std::less<>> ctes;
  walk(message, [&](const ProtobufCMessage& part) {
    if (part.descriptor == &pg_query__common_table_expr__descriptor)
      ctes.insert(reinterpret_cast<const PgQuery__CommonTableExpr&>(part).ctename);
    return true;
  });
  bool catalogue = false;
  bool data = false;
  walk(message, [&](const ProtobufCMessage& part) {
    if (part.descriptor != &pg_query__range_var__descriptor) return true;
    const auto& range = reinterpret_cast<const PgQuery__RangeVar&>(part);
    const bool cte = *range.schemaname == '\0' && ctes.contains(std::string_view(range.relname));
    if (!cte) (is_catalogue(range) ? catalogue : data) = true;
    return true;
  });
  if (catalogue) return data ? Sentence::Reads::both : Sentence::Reads::catalogue;
  return data ? Sentence::Reads::data : Sentence::Reads::nothing;
}

int parameters_of(const ProtobufCMessage& message) {
  int highest = 0;
  walk(message, [&](const ProtobufCMessage& part) {
    if (part.descriptor == &pg_query__param_ref__descriptor)
      highest = std::max(highest, reinterpret_cast<const PgQuery__ParamRef&>(part).number);
    return true;
  });
  return highest;
}

bool is_false(const Node* node) {
  if (node == nullptr) return false;
  if (node->node_case == PG_QUERY__NODE__NODE_A_CONST)
    return node->a_const->val_case == PG_QUERY__A__CONST__VAL_BOOLVAL && node->a_const->boolval->boolval == 0;
  if (node->node_case != PG_QUERY__NODE__NODE_A_EXPR) return false;
  const auto& expression = *node->a_expr;
  if (expression.kind != PG_QUERY__A__EXPR__KIND__AEXPR_OP ||
      last_name(expression.n_name, expression.name) != "=")
    return false;
  const auto* left = expression.lexpr;
  const auto* right = expression.rexpr;
  const auto integer = [](const Node* one) {
    return one != nullptr && one->node_case == PG_QUERY__NODE__NODE_A_CONST &&
           one->a_const->val_case == PG_QUERY__A__CONST__VAL_IVAL;
  };
  return integer(left) && integer(right) && left->a_const->ival->ival != right->a_const->ival->ival;
}

bool asks_for_columns_alone(const PgQuery__SelectStmt& select) {
  if (is_false(select.where_clause) && select.n_group_clause == 0) {
    // Without GROUP BY an aggregate of nothing is one row.
    bool calls = false;
    for (std::size_t i = 0; i < select.n_target_list; ++i) {
      walk(select.target_list[i]->base, [&](const ProtobufCMessage& part) {
        calls = calls || part.descriptor == &pg_query__func_call__descriptor;
        return true;
      });
    }
    return !calls;
  }
  return constant_text(select.limit_count) == "0";
}

void sort_query(const PgQuery__SelectStmt& select, Sentence& into) {
  into.kind = select.into_clause != nullptr ? Kind::work : Kind::query;
  into.command = select.into_clause != nullptr ? "CREATE TABLE AS" : "SELECT";
  into.sure_to_be_empty = asks_for_columns_alone(select);
}

struct Sorted {
  PgQuery__Node__NodeCase node;
  Kind kind;
  const char* command;
};
constexpr Sorted kSorted[] = {
    {PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT, Kind::work, "CREATE TABLE AS"},
    {PG_QUERY__NODE__NODE_CREATE_STMT, Kind::work, "CREATE TABLE"},
    {PG_QUERY__NODE__NODE_INSERT_STMT, Kind::work, "INSERT 0 0"},
    {PG_QUERY__NODE__NODE_DELETE_STMT, Kind::work, "DELETE 0"},
    {PG_QUERY__NODE__NODE_ALTER_TABLE_STMT, Kind::work, "ALTER TABLE"},
    {PG_QUERY__NODE__NODE_RENAME_STMT, Kind::work, "ALTER TABLE"},
    {PG_QUERY__NODE__NODE_TRUNCATE_STMT, Kind::work, "TRUNCATE TABLE"},
    {PG_QUERY__NODE__NODE_INDEX_STMT, Kind::work, "CREATE INDEX"},
    {PG_QUERY__NODE__NODE_VIEW_STMT, Kind::work, "CREATE VIEW"},
    {PG_QUERY__NODE__NODE_COMMENT_STMT, Kind::work, "COMMENT"},
    {PG_QUERY__NODE__NODE_VARIABLE_SET_STMT, Kind::set, "SET"},
    {PG_QUERY__NODE__NODE_VARIABLE_SHOW_STMT, Kind::show, "SHOW"},
    {PG_QUERY__NODE__NODE_DISCARD_STMT, Kind::discard, "DISCARD"},
    {PG_QUERY__NODE__NODE_TRANSACTION_STMT, Kind::transaction, ""},
    {PG_QUERY__NODE__NODE_PREPARE_STMT, Kind::prepare, "PREPARE"},
    {PG_QUERY__NODE__NODE_EXECUTE_STMT, Kind::execute, "EXECUTE"},
    {PG_QUERY__NODE__NODE_DEALLOCATE_STMT, Kind::deallocate, "DEALLOCATE"},
    {PG_QUERY__NODE__NODE_DECLARE_CURSOR_STMT, Kind::declare, "DECLARE CURSOR"},
    {PG_QUERY__NODE__NODE_FETCH_STMT, Kind::fetch, "FETCH"},
    {PG_QUERY__NODE__NODE_CLOSE_PORTAL_STMT, Kind::close, "CLOSE CURSOR"},
    {PG_QUERY__NODE__NODE_COPY_STMT, Kind::copy, "COPY"},
    {PG_QUERY__NODE__NODE_LISTEN_STMT, Kind::nothing, "LISTEN"},
    {PG_QUERY__NODE__NODE_UNLISTEN_STMT, Kind::nothing, "UNLISTEN"},
    {PG_QUERY__NODE__NODE_UPDATE_STMT, Kind::work, "UPDATE 0"},
    {PG_QUERY__NODE__NODE_EXPLAIN_STMT, Kind::unsupported, "EXPLAIN"},
    {PG_QUERY__NODE__NODE_LOCK_STMT, Kind::unsupported, "LOCK"},
    {PG_QUERY__NODE__NODE_NOTIFY_STMT, Kind::unsupported, "NOTIFY"},
};

void sort_sentence(const Node& node, Sentence& into) {
  into.node = &node;
  if (node.node_case == PG_QUERY__NODE__NODE_SELECT_STMT) {
    sort_query(*node.select_stmt, into);
  } else if (node.node_case == PG_QUERY__NODE__NODE_VACUUM_STMT) {
    into.kind = Kind::work;
    into.command = node.vacuum_stmt->is_vacuumcmd != 0 ? "VACUUM" : "ANALYZE";
  } else if (node.node_case == PG_QUERY__NODE__NODE_DROP_STMT) {
    into.kind = Kind::work;
    const bool view = node.drop_stmt->remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_VIEW;
    into.command = view ? "DROP VIEW" : "DROP TABLE";
  } else {
    const auto* found = std::find_if(std::begin(kSorted), std::end(kSorted),
                                     [&](const Sorted& one) { return one.node == node.node_case; });
    into.kind = found == std::end(kSorted) ? Kind::unsupported : found->kind;
    into.command = found == std::end(kSorted) ? "this statement" : found->command;
  }
  into.reads = reads_of(node.base);
  into.parameters = parameters_of(node.base);
}

std::string trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n\f;";
  const auto begin = text.find_first_not_of(blank);
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(blank) - begin + 1));
}

struct Deparsed {
  explicit Deparsed(PgQueryProtobuf packed) : answer(pg_query_deparse_protobuf(packed)) {}
  ~Deparsed() { pg_query_free_deparse_result(answer); }
  Deparsed(const Deparsed&) = delete;
  Deparsed& operator=(const Deparsed&) = delete;
  PgQueryDeparseResult answer;
};

// A statement's text, written from its tree.
Result<std::string> written(const Node& statement) {
  PgQuery__RawStmt raw = PG_QUERY__RAW_STMT__INIT;
  raw.stmt = const_cast<Node*>(&statement);
  PgQuery__RawStmt* list[] = {&raw};
  PgQuery__ParseResult result = PG_QUERY__PARSE_RESULT__INIT;
  result.version = PG_VERSION_NUM;
  result.n_stmts = 1;
  result.stmts = list;
  std::string packed(pg_query__parse_result__get_packed_size(&result), '\0');
  pg_query__parse_result__pack(&result, reinterpret_cast<std::uint8_t*>(packed.data()));
  const Deparsed deparsed({packed.size(), packed.data()});
  if (deparsed.answer.error != nullptr) return Error{ErrorKind::invalid, deparsed.answer.error->message};
  return std::string(deparsed.answer.query);
}

}  // namespace

Result<std::vector<Sentence>> read_sentences(const std::string& sql) {
  auto tree = parse(sql);
  if (!tree) return tree.error();
  std::vector<Sentence> sentences;
  sentences.reserve((*tree)->n_stmts);
  for (std::size_t i = 0; i < (*tree)->n_stmts; ++i) {
    const auto& raw = *(*tree)->stmts[i];
    if (raw.stmt == nullptr) continue;
    Sentence sentence;
    sentence.tree = *tree;
    sort_sentence(*raw.stmt, sentence);
    const auto begin = std::min(static_cast<std::size_t>(std::max(raw.stmt_location, 0)), sql.size());
    const auto length = raw.stmt_len > 0 ? static_cast<std::size_t>(raw.stmt_len) : std::string::npos;
    sentence.text = trimmed(std::string_view(sql).substr(begin, length));
    sentences.push_back(std::move(sentence));
  }
  return sentences;
}

Result<Sentence> inner_query(const Sentence& outer, const Node* query) {
  if (query == nullptr) return Error{ErrorKind::invalid, outer.command + " without a query"};
  auto text = written(*query);
  if (!text) return text.error();
  Sentence inner;
  inner.tree = outer.tree;
  sort_sentence(*query, inner);
  inner.text = std::move(*text);
  return inner;
}

std::string without_public(const std::string& sql) {
  auto tree = parse(sql);
  if (!tree) return sql;
  std::set<std::size_t, std::greater<>> places;
  walk((*tree)->base, [&](const ProtobufCMessage& part) {
    if (part.descriptor != &pg_query__range_var__descriptor) return true;
    const auto& range = reinterpret_cast<const PgQuery__RangeVar&>(part);
    if (std::string_view(range.schemaname) == "public" && range.location >= 0)
      places.insert(static_cast<std::size_t>(range.location));
    return true;
  });
  std::string out = sql;
  for (const auto place : places) {
    const auto dot = out.find('.', place);
    if (dot != std::string::npos && dot - place <= 20) out.erase(place, dot + 1 - place);
  }
  return out;
}

Result<std::string> with_values(const std::string& sql, const std::vector<std::string>& literals) {
  const PgQueryScanResult scanned = pg_query_scan(sql.c_str());
  const std::unique_ptr<const PgQueryScanResult, void (*)(const PgQueryScanResult*)> ends(
      &scanned, [](const PgQueryScanResult* one) { pg_query_free_scan_result(*one); });
  if (scanned.error != nullptr) return Error{ErrorKind::invalid, scanned.error->message};
  const std::unique_ptr<PgQuery__ScanResult, void (*)(PgQuery__ScanResult*)> tokens(
      pg_query__scan_result__unpack(nullptr, scanned.pbuf.len,
                                    reinterpret_cast<const std::uint8_t*>(scanned.pbuf.data)),
      [](PgQuery__ScanResult* one) { pg_query__scan_result__free_unpacked(one, nullptr); });
  if (!tokens) return Error{ErrorKind::internal, "the parser's tokens are unreadable"};
  std::string out;
  std::size_t copied = 0;
  for (std::size_t i = 0; i < tokens->n_tokens; ++i) {
    const auto& token = *tokens->tokens[i];
    if (token.token != PG_QUERY__TOKEN__PARAM) continue;
    const auto begin = static_cast<std::size_t>(token.start);
    const auto number = std::strtoul(sql.c_str() + begin + 1, nullptr, 10);
    if (number == 0 || number > literals.size())
      return Error{ErrorKind::invalid, "there is no value for $" + std::to_string(number)};
    out.append(sql, copied, begin - copied).append(literals[number - 1]);
    copied = static_cast<std::size_t>(token.end);
  }
  return out.append(sql, copied);
}

}  // namespace sceau::connect
