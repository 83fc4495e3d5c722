// A log of PostgreSQL's as a test writes it, held against a ledger of one request.
#pragma once

#include <CppUTest/TestHarness.h>

#include <string>
#include <vector>

#include "sceau/reconcile/reconcile.h"

namespace sceau::reconcile {

inline constexpr const char* kSql = R"(SELECT "r1"."A" AS "a" FROM "public"."IR_BEN_R" AS "r1")";
inline constexpr const char* kPlan = "EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) ";
inline constexpr Time kBegan = 1795374009;  // 2026-11-22 19:00:09 UTC, 6b033bb9

// A log of csvlog's form, session by session.
class Log {
 public:
  std::string text;
  std::string user = "gate", session = "6b033bb9.7", database = "db", backend = "client backend";
  std::string severity = "LOG", query, detail, host = "10.0.0.1:5000";
  int number = 0;
  int second = 10;

  Log& says(const std::string& message) {
    const std::string at = "2026-11-22 19:00:" + std::to_string(second) + ".500 UTC";
    text += at + ",\"" + user + "\",\"" + database + "\",7,\"" + host + "\"," + session + "," +
            std::to_string(++number) + ",\"idle\",2026-11-22 19:00:09 UTC,3/5,0," + severity + ",00000," +
            quoted(message) + "," + quoted(detail) + ",,,,," + quoted(query) + ",,,\"psql\",\"" + backend +
            "\",,0\n";
    return *this;
  }
  Log& asks(const std::string& sql) { return says("statement: " + sql); }
  Log& as(const std::string& who, const std::string& which) {
    user = who;
    session = which;
    number = 0;
    return *this;
  }
  Log& at(int when) {
    second = when;
    return *this;
  }
  Log& gate_runs(const std::string& sql) {
    asks("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    ++second;
    says("execute <unnamed>: " + (kPlan + sql));
    asks("COPY (" + sql + ") TO STDOUT");
    --second;
    return *this;
  }

 private:
  static std::string quoted(const std::string& text) {
    if (text.empty()) return {};
    std::string out = "\"";
    for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + "\"";
  }
};

inline Settings settings() {
  Settings made;
  made.role = "gate";
  made.database = "db";
  made.tables.tables = {"IR_BEN_R"};
  made.tolerance = 0;
  return made;
}

inline Ran extraction(int from = 11, int until = 12, std::vector<std::string> sql = {kSql}) {
  Ran ran;
  ran.request = sha256(as_bytes("a request"));
  ran.entry = 7;
  ran.person = "claire";
  ran.all_of_it = true;
  ran.sql = std::move(sql);
  ran.from = kBegan - 9 + from;
  ran.until = kBegan - 9 + until;
  return ran;
}

inline Report hold(const std::string& text, std::vector<Ran> ran, const Settings& with = settings(),
                   LogFormat format = LogFormat::csv) {
  Reconciliation reconciliation(with, std::move(ran));
  reconciliation.read(format, "log", text, true);
  return reconciliation.finish();
}

inline std::string all_of(const Report& report) {
  std::string text;
  for (const auto* list : {&report.reads, &report.untold, &report.quiets})
    for (const Listed& one : *list) text += one.user + ": " + one.why + " | " + one.text + "\n";
  for (const auto& one : report.unlogged) text += "unlogged " + one.text + "\n";
  for (const auto& gap : report.gaps) text += "gap " + gap + "\n";
  return text;
}

inline void check_explained(const Report& report) { STRCMP_EQUAL("", all_of(report).c_str()); }

}  // namespace sceau::reconcile
