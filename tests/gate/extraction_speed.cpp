// How fast rows leave a real gate over TLS beside a database's own client writing the CSV of the same
// statement, and how much memory the gate needs for it. Run by tests/bench/extraction; prints one JSON object
// a line.
//
//   sceau-extraction-speed ROWS [ENGINE]
//
// From SQLite beside the sqlite3 shell; and where SCEAU_POSTGRESQL names a server (tests/with_postgresql),
// from there beside psql's \copy. ENGINE: from that alone.
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>

#include "speed_gate.h"

using namespace sceau;
using namespace sceau::test;

namespace {

constexpr const char* kCatalogue =
    "format = 1\n[tables.CARE]\nperson = \"PERSON\"\n[tables.CARE.columns]\n"
    "PERSON = { type = \"text\", label = \"person_key\" }\n"
    "ACT = { type = \"text\", label = \"measure\" }\n"
    "QUANTITY = { type = \"integer\", label = \"measure\" }\n"
    "AMOUNT = { type = \"real\", label = \"measure\" }\n"
    "CODE = { type = \"integer\", label = \"measure\" }\n"
    "DAY = { type = \"text\", label = \"potential_identifier\" }\n";
constexpr const char* kPlain = R"(SELECT "ACT", "QUANTITY", "AMOUNT", "CODE", "DAY" FROM "CARE")";
constexpr const char* kPseudonyms =
    R"(SELECT "PERSON", "ACT", "QUANTITY", "AMOUNT", "CODE", "DAY" FROM "CARE")";

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double seconds_of(const std::string& command) {
  const auto begin = std::chrono::steady_clock::now();
  if (std::system(command.c_str()) != 0) stop("this failed: " + command);
  return seconds_since(begin);
}

std::string server() {
  const char* place = std::getenv("SCEAU_POSTGRESQL");
  return place == nullptr ? "" : place;
}

void write_sqlite(const std::filesystem::path& file, long rows) {
  sqlite3* database = nullptr;
  const std::string sql =
      "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
      "CREATE TABLE CARE (PERSON TEXT, ACT TEXT, QUANTITY INTEGER, AMOUNT REAL, CODE INTEGER, DAY TEXT);"
      "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < " +
      std::to_string(rows) +
      ") INSERT INTO CARE SELECT printf('%017d', i / 20), printf('ACT%04d', i % 977), 1 + i % 3,"
      " (i % 9973) / 100.0, 3000000 + i % 7919, date('2024-01-01', '+' || (i % 366) || ' days') FROM n;";
  if (sqlite3_open(file.c_str(), &database) != SQLITE_OK ||
      sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    stop("the source cannot be made");
  }
  sqlite3_close(database);
}

// The same rows, and a role that may read them.
void write_postgresql(const std::filesystem::path& script, long rows) {
  std::ofstream(script)
      << R"(CREATE TABLE "CARE" ("PERSON" text, "ACT" text, "QUANTITY" bigint, "AMOUNT" double precision,)"
      << R"( "CODE" bigint, "DAY" text); INSERT INTO "CARE" SELECT lpad((i / 20)::text, 17, '0'),)"
      << " 'ACT' || lpad((i % 977)::text, 4, '0'), 1 + i % 3, (i % 9973) / 100.0, 3000000 + i % 7919,"
      << " to_char(date '2024-01-01' + (i % 366)::int, 'YYYY-MM-DD') FROM generate_series(0, " << rows - 1
      << R"() i; VACUUM ANALYZE "CARE"; CREATE ROLE gate LOGIN; GRANT SELECT ON "CARE" TO gate;)";
  seconds_of("psql -X -q -v ON_ERROR_STOP=1 -d '" + server() + "' -f '" + script.string() + "'");
}

// A source behind a gate, and the client of its own that writes the same.
class Bench {
 public:
  Bench(const std::string& engine, long rows) : rows_(rows), sqlite_(engine == "sqlite") {
    if (sqlite_) {
      write_sqlite(gate_.home() / "care.db", rows);
    } else {
      write_postgresql(gate_.home() / "care.sql", rows);
    }
    const std::string place = sqlite_ ? "path = \"care.db\"" : "postgresql = \"" + server() + " user=gate\"";
    gate_.start({engine, place, kCatalogue}, {"individual"});
  }

  // Seconds from asking for the rows to having them all in a file.
  double gate_seconds(const char* sql) {
    const Signed request = gate_.request("individual", sql, rows_, gate_.tree());
    gate_.post(request);
    gate_.act("approval", {"carl"},
              Object{{"request", request.digest()}, {"evidence", request.evidence_digest()}});
    const std::string session = gate_.log_in("dora");
    std::ofstream out(gate_.home() / "rows.csv", std::ios::binary);
    const auto begin = std::chrono::steady_clock::now();
    const HttpAnswer answer = gate_.client().get(
        "/requests/" + to_hex(request.digest()) + "/rows", session,
        [&](std::string_view piece) { out.write(piece.data(), static_cast<std::streamsize>(piece.size())); });
    if (answer.status != 200 || !answer.whole) stop("the rows did not come whole: " + answer.body);
    out.close();
    return seconds_since(begin);
  }

  double peer_seconds(const char* sql) {
    const std::string file = (gate_.home() / "peer.csv").string();
    if (!sqlite_) {
      return seconds_of("psql -X -q -d '" + server() + "' -c '\\copy (" + std::string(sql) + ") TO " + file +
                        " CSV HEADER'");
    }
    return seconds_of(R"(sqlite3 -readonly -csv -header -cmd '.separator , "\r\n"' ')" +
                      (gate_.home() / "care.db").string() + "' '" + sql + "' > '" + file + "'");
  }

  // Both wrote the newest `sql`: were they the same rows? psql ends lines as Unix does.
  [[nodiscard]] bool same_files() const {
    const std::string ours = "'" + (gate_.home() / "rows.csv").string() + "'";
    const std::string command = "cmp -s '" + (gate_.home() / "peer.csv").string() + "' " +
                                (sqlite_ ? ours : "<(tr -d '\\r' <" + ours + ")");
    return std::system(("bash -c \"" + command + "\"").c_str()) == 0;
  }
  [[nodiscard]] double peak_megabytes() const { return gate_.peak_megabytes(); }

 private:
  long rows_;
  bool sqlite_;
  SpeedGate gate_;
};

void measure(const std::string& engine, const char* peer, long rows) {
  Bench bench(engine, rows);
  // The best of three, in turn, so that both meet the same machine.
  double gate = 1e9, own = 1e9, pseudonyms = 1e9, own_keys = 1e9;
  for (int round = 0; round < 3; ++round) {
    own = std::min(own, bench.peer_seconds(kPlain));
    gate = std::min(gate, bench.gate_seconds(kPlain));
    if (!bench.same_files()) stop("the gate's CSV is not what its peer wrote");
    own_keys = std::min(own_keys, bench.peer_seconds(kPseudonyms));
    pseudonyms = std::min(pseudonyms, bench.gate_seconds(kPseudonyms));
  }
  const auto speed = [rows](double seconds) { return static_cast<double>(rows) / seconds / 1e6; };
  const auto print = [&](const std::string& name, double value, const char* unit, double beside) {
    std::printf("{\"name\":\"%s\",\"value\":%.3f,\"unit\":\"%s\",\"peer\":%.3f,\"peer_name\":\"%s\"}\n",
                name.c_str(), value, unit, beside, peer);
  };
  if (engine == "sqlite") {
    print("extract_ratio_sqlite", own / gate, "ratio", 1);
    print("extract_mrows_per_s", speed(gate), "Mrow/s", speed(own));
    print("extract_pseudonyms_ratio_sqlite", own_keys / pseudonyms, "ratio", 1);
    print("extract_pseudonyms_mrows_per_s", speed(pseudonyms), "Mrow/s", speed(own_keys));
    print("gate_rss_mb", bench.peak_megabytes(), "MB", 0);
  } else {
    print("extract_ratio_psql", own_keys / pseudonyms, "ratio", 1);
    print("extract_psql_mrows_per_s", speed(pseudonyms), "Mrow/s", speed(own_keys));
    print("extract_plain_ratio_psql", own / gate, "ratio", 1);
    print("gate_rss_psql_mb", bench.peak_megabytes(), "MB", 0);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const long rows = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 5'000'000;
  const std::string engine = argc > 2 ? argv[2] : "";
  return measured("extraction speed", [&] {
    if (engine != "postgresql") measure("sqlite", "sqlite3 -csv", rows);
    if (engine != "sqlite" && !server().empty()) measure("postgresql", "psql \\\\copy", rows);
  });
}
