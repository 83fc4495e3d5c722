#include "warehouse_fixture.h"

#include <sqlite3.h>
#include <stdlib.h>

#include <fstream>
#include <map>
#include <sstream>

#include "../source/postgresql_tables.h"
#include "sceau/release/csv.h"
#include "tables.h"
#include "warehouse.h"

namespace test {
namespace {

using sceau::release::CsvWriter;

struct Text final : sceau::release::Sink {
  std::string text;
  sceau::Status write(sceau::ByteView bytes) override {
    text += sceau::as_text(bytes);
    return {};
  }
};

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "the test's warehouse cannot be made: %s\n", why.c_str());
  std::abort();
}

struct Database {
  explicit Database(const std::filesystem::path& file) {
    if (sqlite3_open(file.c_str(), &handle) != SQLITE_OK) give_up(file.string());
  }
  ~Database() { sqlite3_close_v2(handle); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  void run(const std::string& sql) const {
    if (sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
      give_up(std::string(sqlite3_errmsg(handle)) + " in " + sql);
    }
  }
  [[nodiscard]] std::vector<std::vector<std::string>> rows(const std::string& sql) const {
    std::vector<std::vector<std::string>> out;
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(handle, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) give_up(sql);
    while (sqlite3_step(statement) == SQLITE_ROW) {
      out.emplace_back();
      for (int i = 0; i < sqlite3_column_count(statement); ++i) {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, i));
        out.back().emplace_back(text == nullptr ? "" : text);
      }
    }
    sqlite3_finalize(statement);
    return out;
  }
  sqlite3* handle = nullptr;
};

constexpr const char* target = "11107200337770801";

void add_target(const Database& db) {
  db.run("UPDATE IR_BEN_R SET BEN_RES_DPT = '075', BEN_NAI_ANN = max(BEN_NAI_ANN, 1920)");
  db.run(
      "UPDATE IR_BEN_R SET BEN_RES_DPT = '098' WHERE BEN_NIR_PSA IN (SELECT BEN_NIR_PSA FROM IR_BEN_R "
      "ORDER BY substr(BEN_NIR_ANO, 3) LIMIT 11)");
  db.run("UPDATE IR_BEN_R SET BEN_RES_DPT = '013' WHERE BEN_RES_DPT = '075' AND BEN_NAI_MOI > '08'");
  db.run("INSERT INTO IR_BEN_R SELECT '" + std::string(target) +
         "', 1, 'TARGETANO11111111', 'TARGETIDT11111111', 1, 'TARGETASS11111111', BEN_IDT_MAJ, BEN_CDI_NIR, "
         "1911, '07', 1, "
         "NULL, NULL, ORG_AFF_BEN, '098', '001', 1, MAX_TRT_DTD, ORG_CLE_NEW, BEN_DTE_INS, BEN_DTE_MAJ FROM "
         "IR_BEN_R LIMIT 1");
  db.run(
      "INSERT INTO IR_IBA_R VALUES ('TARGETIDT11111111', 1, 'TARGETASS11111111', 1911, 1, '098', "
      "'01C098000', 1)");
  // Care that the target takes over from others, so that the keys stay those of a real record.
  db.run("UPDATE ER_PRS_F SET BEN_NIR_PSA = '" + std::string(target) +
         "', BEN_RNG_GEM = 1, PRS_PAI_MNT = 777777.77, PRS_NAT_REF = 9999, PFS_EXE_NUM = 'TARGETPFS' "
         "WHERE FLX_DIS_DTD = '2022-03-01' AND DCT_ORD_NUM = 5");
  db.run("UPDATE ER_PRS_F SET PRS_NAT_REF = 3313 WHERE BEN_NIR_PSA = '" + std::string(target) +
         "' AND PRS_ORD_NUM = 2");
  db.run(
      "UPDATE ER_PHA_F SET PHA_PRS_C13 = 3400999999999, PHA_ACT_QSN = 7 WHERE FLX_DIS_DTD = '2022-03-01' AND "
      "DCT_ORD_NUM = 5");
  // What IR_BEN_R says of a person, ER_PRS_F says too.
  for (const char* column : {"BEN_NAI_ANN", "BEN_SEX_COD", "BEN_RES_DPT"}) {
    db.run("UPDATE ER_PRS_F SET " + std::string(column) + " = (SELECT b." + column +
           " FROM IR_BEN_R b WHERE b.BEN_NIR_PSA = ER_PRS_F.BEN_NIR_PSA)");
  }
}

void change_target(const Database& db) {
  db.run(
      "UPDATE ER_PRS_F SET PRS_PAI_MNT = 888888.88, PRS_NAT_REF = 3313, PFS_EXE_NUM = 'OTHERPFS1' WHERE "
      "BEN_NIR_PSA = '" +
      std::string(target) + "'");
  db.run(
      "UPDATE ER_PHA_F SET PHA_PRS_C13 = (SELECT min(PHA_CIP_C13) FROM IR_PHA_R), PHA_ACT_QSN = 1 WHERE "
      "PHA_PRS_C13 = 3400999999999");
  for (const char* table : {"IR_BEN_R", "ER_PRS_F"}) {
    db.run("UPDATE " + std::string(table) + " SET BEN_NIR_PSA = '21107200337770702' WHERE BEN_NIR_PSA = '" +
           target + "'");
  }
  db.run(
      "UPDATE IR_BEN_R SET BEN_NIR_ANO = 'OTHERANO111111111', BEN_IDT_ANO = 'OTHERIDT111111111' WHERE "
      "BEN_NIR_ANO = 'TARGETANO11111111'");
  db.run("UPDATE IR_IBA_R SET BEN_IDT_ANO = 'OTHERIDT111111111' WHERE BEN_IDT_ANO = 'TARGETIDT11111111'");
}

void remove_target(const Database& db) {
  db.run("DELETE FROM ER_PHA_F WHERE FLX_DIS_DTD = '2022-03-01' AND DCT_ORD_NUM = 5");
  db.run("DELETE FROM IR_IBA_R WHERE BEN_IDT_ANO = 'TARGETIDT11111111'");
  for (const char* table : {"IR_BEN_R", "ER_PRS_F"}) {
    db.run("DELETE FROM " + std::string(table) + " WHERE BEN_NIR_PSA = '" + target + "'");
  }
}

}  // namespace

std::vector<Entry> entries_of(const std::string& file) {
  std::ifstream in(std::string(SCEAU_TEST_VECTORS) + "/" + file);
  std::vector<Entry> entries;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("== ")) {
      entries.push_back({line.substr(3), {}, {}});
    } else if (entries.empty() || line.empty()) {
      continue;
    } else if (line.starts_with("kind: ")) {
      entries.back().fields["kind"] = line.substr(6);
    } else if (line == "presence") {
      entries.back().fields["presence"] = "yes";
    } else {
      entries.back().sql += line + "\n";
    }
  }
  return entries;
}

Warehouse::Warehouse() {
  std::string pattern = std::filesystem::temp_directory_path() / "sceau-release-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) give_up(pattern);
  folder_ = pattern;
  auto catalogue = sceau::source::Catalogue::from_toml(sceau::generate::catalogue());
  if (!catalogue) give_up(catalogue.error().message);
  catalogue_ = std::move(*catalogue);
  sceau::generate::Size size;
  size.people = 400;
  size.rows_per_person = 12;
  size.months = 6;
  const auto original = file(Variant::original);
  auto written = sceau::generate::write_warehouse(original, size, [](int) {});
  if (!written) give_up(written.error().message);
  {
    const Database db(original);
    add_target(db);
    for (const char* sql : {"SELECT BEN_NIR_PSA, BEN_NIR_ANO, BEN_IDT_ANO, ASS_NIR_ANO FROM IR_BEN_R",
                            "SELECT DISTINCT PFS_EXE_NUM, PFS_PRE_NUM, ETB_PRE_FIN FROM ER_PRS_F"}) {
      for (const auto& row : db.rows(sql)) identifiers_.insert(identifiers_.end(), row.begin(), row.end());
    }
  }
  std::filesystem::copy_file(original, file(Variant::other_target));
  change_target(Database(file(Variant::other_target)));
  std::filesystem::copy_file(original, file(Variant::no_target));
  remove_target(Database(file(Variant::no_target)));
  if (postgresql().empty()) return;
  for (const Variant variant : {Variant::original, Variant::other_target, Variant::no_target})
    copy_tables(file(variant), *catalogue_, name_of(variant));
}

Warehouse::~Warehouse() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

const Warehouse& Warehouse::get() {
  static const Warehouse made;
  return made;
}

std::string Warehouse::name_of(Variant variant) {
  return variant == Variant::original ? "original" : variant == Variant::other_target ? "other" : "nobody";
}

std::filesystem::path Warehouse::file(Variant variant) const { return folder_ / (name_of(variant) + ".db"); }

bool Warehouse::has_database() { return !postgresql().empty(); }

sceau::source::Source& Warehouse::database(Variant variant) const {
  static std::map<Variant, std::unique_ptr<sceau::source::Source>> opened;
  if (const auto found = opened.find(variant); found != opened.end()) return *found->second;
  auto source = has_database() ? sceau::source::open_postgresql(work_place_of(name_of(variant)))
                               : sceau::source::open_sqlite(file(variant));
  if (!source) give_up(source.error().message);
  return *(opened[variant] = std::move(*source));
}

namespace {

Answer refusal_of(const sceau::Error& error) {
  Answer answer;
  answer.refused = true;
  answer.text = error.message;
  return answer;
}

Answer run_plan(const sceau::release::Plan& plan, sceau::source::Source& source,
                const sceau::release::Policy& policy, std::uint64_t max_rows,
                sceau::release::History* history = nullptr) {
  auto key = sceau::release::project_key(sceau::Secret(sceau::Bytes(32, 9)), "P1", 1);
  auto pseudonymiser = sceau::release::Pseudonymiser::create(*key, "extraction");
  Text sink;
  sceau::release::Order order;
  order.max_rows = max_rows;
  order.policy = policy;
  sceau::release::MemoryHistory alone(sceau::Secret(sceau::Bytes(16, 7)));
  order.history = history == nullptr ? &alone : history;
  auto outcome = sceau::release::run(plan, source, *pseudonymiser, order, sink);
  if (!outcome) return refusal_of(outcome.error());
  return {false, std::move(sink.text), std::move(*outcome)};
}

}  // namespace

Answer Warehouse::ask(Variant variant, sceau::release::Kind kind, const std::string& sql,
                      const sceau::release::Policy& policy, std::uint64_t max_rows,
                      sceau::release::History* history) const {
  const auto engine = has_database() ? sceau::source::Engine::postgresql : sceau::source::Engine::sqlite;
  auto planned = sceau::release::plan(*catalogue_, kind, {sql}, policy, {}, engine);
  if (!planned) return refusal_of(planned.error());
  return run_plan(*planned, database(variant), policy, max_rows, history);
}

Answer Warehouse::ask_in(const sceau::release::Workspace& workspace, Variant variant,
                         sceau::release::Kind kind, const std::string& sql) const {
  auto planned =
      sceau::release::plan(*catalogue_, kind, {sql}, {}, {}, sceau::source::Engine::postgresql, workspace);
  if (!planned) return refusal_of(planned.error());
  if (!has_database()) return {};
  return run_plan(*planned, database(variant), {}, 1'000'000);
}

std::string Warehouse::directly(const std::string& sql) const {
  const Database db(file(Variant::original));
  CsvWriter csv;
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(db.handle, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK)
    return "SQLite refuses it";
  while (sqlite3_step(statement) == SQLITE_ROW) {
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
      sceau::source::Cell cell;
      const int type = sqlite3_column_type(statement, i);
      if (type == SQLITE_INTEGER) {
        cell = {sceau::source::Cell::Kind::integer, sqlite3_column_int64(statement, i), 0, {}};
      } else if (type == SQLITE_FLOAT) {
        cell = {sceau::source::Cell::Kind::real, 0, sqlite3_column_double(statement, i), {}};
      } else if (type == SQLITE_TEXT) {
        cell = {sceau::source::Cell::Kind::text, 0, 0,
                reinterpret_cast<const char*>(sqlite3_column_text(statement, i))};
      }
      csv.field(cell);
    }
    csv.end_row();
  }
  sqlite3_finalize(statement);
  return std::string(sceau::as_text(csv.buffered()));
}

}  // namespace test
