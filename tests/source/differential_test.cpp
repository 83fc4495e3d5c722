// Under tests/with_postgresql: what the reader says a statement reads, and how strict each result's label is,
// against what PostgreSQL's own planner says of the SQL that would run.
//
// SCEAU_STATEMENTS: how many statements are made (default 1,000); SCEAU_SEED: from where.
#include <libpq-fe.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "postgresql_tables.h"
#include "sceau/base/handle.h"
#include "sceau/source/query.h"
#include "sceau/source/work.h"
#include "statement_dice.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau;
using namespace sceau::source;

namespace {

using Json = nlohmann::json;

// Every label, on columns of every type.
constexpr const char* every_label = R"(format = 1
[tables.PEOPLE]
person = "PERSON"
[tables.PEOPLE.columns]
PERSON = { type = "text", label = "person_key" }
NAME = { type = "text", label = "direct_identifier" }
TOWN = { type = "text", label = "potential_identifier" }
BORN = { type = "integer", label = "potential_identifier" }
WEIGHT = { type = "real", label = "measure" }
[tables.CARE]
person = "PERSON"
[tables.CARE.columns]
PERSON = { type = "text", label = "person_key" }
RECORD = { type = "integer", label = "record_key" }
DOCTOR = { type = "text", label = "professional_identifier" }
DAY = { type = "text", label = "potential_identifier" }
ACT = { type = "integer", label = "measure" }
PAID = { type = "real", label = "measure" }
[tables.DRUGS]
belongs_to = "CARE"
joined_on = ["RECORD"]
[tables.DRUGS.columns]
RECORD = { type = "integer", label = "record_key" }
CODE = { type = "text", label = "measure" }
BOXES = { type = "integer", label = "measure" }
)";

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// One plan, as EXPLAIN (VERBOSE, FORMAT JSON) gives it.
class PlannersView {
 public:
  PlannersView(const Json& plan, const Catalogue& catalogue) : catalogue_(catalogue), top_(plan) {
    note(plan);
  }

  // Every column of a table that any expression of the plan names.
  std::set<ColumnRead> reads() const {
    std::set<ColumnRead> all;
    all_below(top_, all);
    return all;
  }
  // Those that a result is computed from, as far as the plan shows it.
  // True for those that only decide about it.
  std::map<ColumnRead, bool> behind(std::size_t result) const {
    std::map<ColumnRead, bool> all;
    follow(top_, result, false, all, 0);
    return all;
  }

 private:
  struct Named {
    std::string alias, column;
    bool condition = false;  // of a CASE: it decides, and is not what comes out
  };

  void note(const Json& node) {
    if (node.is_object() && node.contains("Alias")) {
      const auto alias = node["Alias"].get<std::string>();
      if (node.contains("Relation Name")) tables_[alias] = node["Relation Name"].get<std::string>();
      if (node.value("Node Type", "") == "Subquery Scan") subqueries_[alias] = &node;
    }
    if (node.is_structured()) {
      for (const Json& child : node) note(child);
    }
  }

  // Each alias."COLUMN" or alias.column of an expression; texts in it are skipped.
  static std::vector<Named> names_in(const std::string& text) {
    std::vector<Named> found;
    std::string before;
    int conditions = 0;
    for (std::size_t i = 0; i < text.size();) {
      std::string word;
      if (text[i] == '\'') {
        for (++i; i < text.size() && text[i] != '\''; ++i) {
        }
        ++i;
      } else if (text[i] == '"') {
        for (++i; i < text.size() && text[i] != '"'; ++i) word += text[i];
        ++i;
      } else if (std::isalpha(static_cast<unsigned char>(text[i])) != 0 || text[i] == '_') {
        for (; i < text.size() && (std::isalnum(static_cast<unsigned char>(text[i])) != 0 || text[i] == '_');
             ++i)
          word += text[i];
      } else {
        ++i;
      }
      // How many there are is none of them: what may be counted is not the reader's to say.
      if (word == "count" && before.empty() && i < text.size() && text[i] == '(') {
        int open = 0;
        do open += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
        while (++i < text.size() && open > 0);
        continue;
      }
      if (!word.empty() && before.empty()) conditions += word == "WHEN" ? 1 : word == "THEN" ? -1 : 0;
      if (!word.empty() && !before.empty()) found.push_back({before, word, conditions > 0});
      before.clear();
      if (!word.empty() && i < text.size() && text[i] == '.') {
        before = word;
        ++i;
      }
    }
    return found;
  }

  std::optional<ColumnRead> base(const Named& named) const {
    const auto table = tables_.find(named.alias);
    const Table* known = table == tables_.end() ? nullptr : catalogue_.find(table->second);
    if (known == nullptr || known->find(named.column) < 0) return std::nullopt;
    return ColumnRead{table->second, named.column};
  }

  void all_below(const Json& node, std::set<ColumnRead>& all) const {
    if (node.is_string()) {
      for (const Named& named : names_in(node.get<std::string>())) {
        if (auto read = base(named)) all.insert(*read);
      }
    }
    if (node.is_structured()) {
      for (const Json& child : node) all_below(child, all);
    }
  }

  void follow(const Json& node, std::size_t result, bool decides, std::map<ColumnRead, bool>& all,
              int depth) const {
    if (depth > 50 || !node.contains("Output") || node["Output"].size() <= result) return;
    const auto expression = node["Output"][result].get<std::string>();
    for (const Named& named : names_in(expression)) {
      const bool only = decides || named.condition;
      if (auto read = base(named)) {
        const auto [known, is_new] = all.emplace(*read, only);
        if (!is_new && !only) known->second = false;
      } else if (const auto inner = subqueries_.find(named.alias);
                 inner != subqueries_.end() && named.column.starts_with('c')) {
        // The printer names a SELECT's columns by their places.
        const auto place = std::strtoul(named.column.c_str() + 1, nullptr, 10);
        if (place > 0 && inner->second->contains("Plans"))
          follow((*inner->second)["Plans"][0], place - 1, only, all, depth + 1);
      }
    }
    const auto kind = node.value("Node Type", "");
    const bool passes = kind == "Append" || kind == "Merge Append" || kind == "SetOp" || kind == "Limit" ||
                        kind == "Unique" || kind == "Sort";
    const bool scans = kind == "Subquery Scan" && expression.find("*SELECT*") != std::string::npos;
    if ((!passes && !scans) || !node.contains("Plans")) return;
    for (const Json& child : node["Plans"]) {
      const auto how = child.value("Parent Relationship", "");
      if (how == "Outer" || how == "Member" || how == "Subquery")
        follow(child, result, decides, all, depth + 1);
    }
  }

  const Catalogue& catalogue_;
  const Json& top_;
  std::map<std::string, std::string> tables_;
  std::map<std::string, const Json*> subqueries_;
};

std::string name_of(const ColumnRead& column) { return column.table + "." + column.column; }

// A table that an agent filled, and a view.
Catalogue with_workspace(const Catalogue& own) {
  Table filled;
  filled.name = "W";
  filled.schema = "d";
  filled.person = "WHO";
  filled.columns = {{"WHO", Label::person_key, Type::text},
                    {"PLACE", Label::potential_identifier, Type::text},
                    {"N", Label::measure, Type::integer},
                    {"V", Label::measure, Type::real}};
  const auto read = read_select(
      "SELECT p.PERSON AS WHO, substr(p.TOWN, 1, 2) AS PLACE, c.PAID, c.DOCTOR FROM PEOPLE p JOIN CARE c ON "
      "c.PERSON = p.PERSON WHERE c.ACT > 3",
      own);
  Table view;
  view.name = "SEEN";
  view.schema = "d";
  view.view = reading_of(*read).text;
  for (const Output& output : read->outputs)
    view.columns.push_back({output.name, output.value.label, output.value.type});
  return own.with({std::make_shared<const Table>(filled), std::make_shared<const Table>(view)});
}

}  // namespace

TEST_GROUP(Differential) {
  Catalogue catalogue = with_workspace(*Catalogue::from_toml(every_label));
  Handle<PGconn, PQfinish> connection;
  std::uint64_t seed = setting("SCEAU_SEED", 1);
  std::map<std::string, std::size_t> refused;
  std::uint64_t admitted = 0;
  std::uint64_t read_otherwise = 0;  // admitted, and refused when what would run was read back
  std::size_t labels = 0;

  void setup() override {
    // A column that was dropped keeps scans from giving whole rows: what they give is what is read.
    std::string sql = "DROP SCHEMA IF EXISTS d CASCADE; CREATE SCHEMA d;";
    for (const Table& table : catalogue.tables()) {
      sql += "CREATE TABLE d.\"" + table.name + "\" (gone int";
      for (const Column& column : table.columns)
        sql += ", \"" + column.name + "\" " +
               (column.type == Type::text      ? "text"
                : column.type == Type::integer ? "bigint"
                                               : "double precision");
      sql += "); ALTER TABLE d.\"" + table.name + "\" DROP COLUMN gone;";
    }
    sql += R"(CREATE TABLE d."W" ("WHO" text, "PLACE" text, "N" numeric, "V" numeric);)";
    test::administrate(sql);
    connection.reset(PQconnectdb(test::postgresql().c_str()));
    const Handle<PGresult, PQclear> set(
        PQexec(connection.get(),
               "SET search_path = pg_catalog, d; SET max_parallel_workers_per_gather = 0; SET jit = off"));
    CHECK(PQresultStatus(set.get()) == PGRES_COMMAND_OK);
  }
  void teardown() override { connection.reset(); }

  void refuse(const Error& error, const std::string& sql) {
    if (error.kind == ErrorKind::internal) FAIL((error.message + ": " + sql).c_str());
    if (error.message.starts_with("reading back")) ++read_otherwise;
    ++refused[error.message.substr(0, 60)];
  }
  // How many were admitted; why the others were not, where a seed was asked for.
  std::uint64_t tell(std::uint64_t wanted) const {
    std::printf("%llu of %llu statements admitted, %zu labels compared\n",
                static_cast<unsigned long long>(admitted), static_cast<unsigned long long>(wanted), labels);
    if (std::getenv("SCEAU_SEED") != nullptr) {
      for (const auto& [why, count] : refused) std::printf("%6zu %s\n", count, why.c_str());
    }
    CHECK(read_otherwise * 1000 <= wanted);
    return admitted;
  }

  Json plan_of(const std::string& sql) {
    const Handle<PGresult, PQclear> answer(
        PQexec(connection.get(), ("EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) " + sql).c_str()));
    if (PQresultStatus(answer.get()) != PGRES_TUPLES_OK)
      FAIL((std::string("PostgreSQL refuses what was admitted: ") + PQerrorMessage(connection.get()) + sql)
               .c_str());
    return Json::parse(PQgetvalue(answer.get(), 0, 0));
  }

  void check_reads(const PlannersView& view, const std::string& sql, const CheckedSql& checked) {
    for (const ColumnRead& column : view.reads()) {
      const bool own = catalogue.find(column.table)->in_workspace();
      if (own ? !checked.workspace().contains(column.table) : !checked.reads().contains(column))
        FAIL(("PostgreSQL reads " + name_of(column) + ", and the reader does not say so: " + sql).c_str());
    }
  }

  // Labels that a result had behind it.
  std::size_t compare(const std::string& sql, const Select& select, const CheckedSql& checked) {
    const Json plan = plan_of(checked.text());
    const PlannersView view(plan[0]["Plan"], catalogue);
    check_reads(view, sql, checked);
    std::size_t seen = 0;
    for (std::size_t i = 0; i < select.outputs.size(); ++i) {
      for (const auto& [column, decides] : view.behind(i)) {
        ++seen;
        const Table& table = *catalogue.find(column.table);
        Label label = table.columns[static_cast<std::size_t>(table.find(column.column))].label;
        if (decides) label = std::max(label, Label::potential_identifier);
        if (select.outputs[i].value.label > label)
          FAIL(("result " + std::to_string(i + 1) + " is made of " + name_of(column) + " (" +
                std::string(to_string(label)) + ") and labelled " +
                std::string(to_string(select.outputs[i].value.label)) + ": " + sql)
                   .c_str());
      }
    }
    return seen;
  }
};

TEST(Differential, TheReaderSaysAllThatThePlannerReadsAndItsLabelsAreAsStrict) {
  const std::uint64_t wanted = setting("SCEAU_STATEMENTS", 1000);
  test::StatementDice dice(catalogue, seed);
  for (std::uint64_t made = 0; made < wanted; ++made) {
    const std::string sql = dice.select();
    const auto read = read_select(sql, catalogue);
    if (!read) {
      refuse(read.error(), sql);
      continue;
    }
    const auto printed = print(*read, catalogue, Engine::postgresql);
    if (!printed) {
      refuse(printed.error(), sql);
      continue;
    }
    ++admitted;
    labels += compare(sql, *read, *printed);
  }
  // It is a comparison only while most statements are compared.
  CHECK(tell(wanted) * 2 > wanted);
  CHECK(labels > admitted);
}

TEST(Differential, NorIsMoreReadOrLabelledLessByWhatFillsAWorkspace) {
  const std::uint64_t wanted = setting("SCEAU_STATEMENTS", 1000) / 5;
  test::StatementDice dice(catalogue, seed);
  for (std::uint64_t made = 0; made < wanted; ++made) {
    const std::string sql = dice.work();
    const auto read = read_work(sql, catalogue);
    if (!read) {
      refuse(read.error(), sql);
      continue;
    }
    for (const WorkStatement* work : {read->before.get(), &*read}) {
      if (work == nullptr) continue;
      const auto printed = print_work(*work, catalogue, "d");
      if (!printed) {
        refuse(printed.error(), sql);
        continue;
      }
      ++admitted;
      labels += compare(sql, *work->select, *printed->select());
      const Json plan = plan_of(printed->text());
      check_reads(PlannersView(plan[0]["Plan"], catalogue), sql, *printed->select());
    }
  }
  CHECK(tell(wanted) * 2 > wanted);
  CHECK(labels * 2 > admitted);
}
