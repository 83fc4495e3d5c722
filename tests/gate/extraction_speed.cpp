// How fast rows leave a real gate over TLS beside the sqlite3 shell writing the CSV of the same statement,
// and how much memory the gate needs for it. Run by tests/bench/extraction; prints one JSON object a line.
//
//   sceau-extraction-speed ROWS
#include <sqlite3.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <stdexcept>

#include "gate_process.h"
#include "http.h"

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
constexpr const char* kPlain = "SELECT ACT, QUANTITY, AMOUNT, CODE, DAY FROM CARE";
constexpr const char* kPseudonyms = "SELECT PERSON, ACT, QUANTITY, AMOUNT, CODE, DAY FROM CARE";

// Caught in main, so that the gate is stopped on the way.
[[noreturn]] void stop(const std::string& why) { throw std::runtime_error(why); }

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void write_source(const std::filesystem::path& file, long rows) {
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

class Bench {
 public:
  explicit Bench(long rows) : rows_(rows) {
    write_source(home_.path() / "care.db", rows);
    std::ofstream(home_.path() / "sceau.toml", std::ios::app) << "[sources.care]\npath = \"care.db\"\n";
    gate_ = std::make_unique<GateProcess>(home_.path());
    client_ = gate_->connect();
    if (!client_) stop("sceaud did not start: " + gate_->log());
    open_project();
  }

  // Seconds from asking for the rows to having them all in a file.
  double gate_seconds(const char* sql) {
    Object body = home_.world.request_body("individual");
    body["project"] = "speed";
    body["source"] = "care";
    body["sql"] = Array{sql};
    body["max_rows"] = rows_;
    const Signed request = home_.write("extraction.request", {"dora"}, body, newest_tree(*client_));
    post(request);
    post(home_.write("approval", {"carl"},
                     Object{{"request", request.digest()}, {"evidence", request.evidence_digest()}},
                     newest_tree(*client_)));
    const std::string session = log_in(home_, *client_, "dora");
    std::ofstream out(home_.path() / "rows.csv", std::ios::binary);
    const auto begin = std::chrono::steady_clock::now();
    const HttpAnswer answer = client_->get(
        "/requests/" + to_hex(request.digest()) + "/rows", session,
        [&](std::string_view piece) { out.write(piece.data(), static_cast<std::streamsize>(piece.size())); });
    if (answer.status != 200 || !answer.whole) stop("the rows did not come whole: " + answer.body);
    out.close();
    return seconds_since(begin);
  }

  double shell_seconds(const char* sql) {
    const std::string command = R"(sqlite3 -readonly -csv -header -cmd '.separator , "\r\n"' ')" +
                                (home_.path() / "care.db").string() + "' '" + sql + "' > '" +
                                (home_.path() / "shell.csv").string() + "'";
    const auto begin = std::chrono::steady_clock::now();
    if (std::system(command.c_str()) != 0) stop("the sqlite3 shell failed");
    return seconds_since(begin);
  }

  // Both wrote the newest `sql`: were they the same bytes?
  [[nodiscard]] bool same_files() const {
    const std::string command = "cmp -s '" + (home_.path() / "shell.csv").string() + "' '" +
                                (home_.path() / "rows.csv").string() + "'";
    return std::system(command.c_str()) == 0;
  }

  [[nodiscard]] double peak_megabytes() const {
    std::ifstream status("/proc/" + std::to_string(gate_->id()) + "/status");
    std::string line;
    while (std::getline(status, line)) {
      if (line.starts_with("VmHWM:")) return std::strtod(line.c_str() + 6, nullptr) / 1024;
    }
    return 0;
  }

 private:
  void post(const Signed& given, const std::vector<Bytes>& blobs = {}) {
    const HttpAnswer answer = client_->post("/statements", envelope_of(given, blobs));
    if (answer.status != 200) stop("a statement was not admitted: " + answer.body);
  }
  void open_project() {
    const Bytes catalogue = to_bytes(std::string_view(kCatalogue));
    const std::string until = to_rfc3339(home_.world.clock.now() + 86400);
    post(home_.write("source.add", {"ada", "bea"},
                     Object{{"source", "care"}, {"engine", "sqlite"}, {"catalogue", sha256(catalogue)}},
                     newest_tree(*client_)),
         {catalogue});
    Object policy = World::policy_body();
    policy["row_limit"] = 1'000'000'000;
    policy["time_limit"] = 3600;
    post(home_.write("policy.set", {"ada", "bea"}, Object{{"policy", policy}}, newest_tree(*client_)));
    post(home_.write("project.open", {"ada"},
                     Object{{"project", "speed"},
                            {"title", "Speed"},
                            {"sources", Array{"care"}},
                            {"kinds", Array{"individual"}},
                            {"from", to_rfc3339(home_.world.clock.now() - 60)},
                            {"until", until},
                            {"max_rows", 1'000'000'000}},
                     newest_tree(*client_)));
    post(home_.write("project.assign", {"ada"},
                     Object{{"project", "speed"}, {"person", "dora"}, {"until", until}},
                     newest_tree(*client_)));
  }

  long rows_;
  GateHome home_{World::Until::project, std::time(nullptr)};
  std::unique_ptr<GateProcess> gate_;
  std::unique_ptr<HttpsClient> client_;
};

void print(const char* name, double value, const char* unit, double peer) {
  std::printf(
      "{\"name\":\"%s\",\"value\":%.3f,\"unit\":\"%s\",\"peer\":%.3f,\"peer_name\":\"sqlite3 -csv\"}\n", name,
      value, unit, peer);
}

void measure(long rows) {
  Bench bench(rows);
  // The best of three, in turn, so that both meet the same machine.
  double gate = 1e9, shell = 1e9, pseudonyms = 1e9, shell_pseudonyms = 1e9;
  for (int round = 0; round < 3; ++round) {
    shell = std::min(shell, bench.shell_seconds(kPlain));
    gate = std::min(gate, bench.gate_seconds(kPlain));
    if (!bench.same_files()) stop("the gate's CSV is not the shell's");
    shell_pseudonyms = std::min(shell_pseudonyms, bench.shell_seconds(kPseudonyms));
    pseudonyms = std::min(pseudonyms, bench.gate_seconds(kPseudonyms));
  }
  const auto speed = [rows](double seconds) { return static_cast<double>(rows) / seconds / 1e6; };
  print("extract_ratio_sqlite", shell / gate, "ratio", 1);
  print("extract_mrows_per_s", speed(gate), "Mrow/s", speed(shell));
  print("extract_pseudonyms_ratio_sqlite", shell_pseudonyms / pseudonyms, "ratio", 1);
  print("extract_pseudonyms_mrows_per_s", speed(pseudonyms), "Mrow/s", speed(shell_pseudonyms));
  std::printf("{\"name\":\"gate_rss_mb\",\"value\":%.1f,\"unit\":\"MB\"}\n", bench.peak_megabytes());
}

}  // namespace

int main(int argc, char** argv) {
  try {
    measure(argc > 1 ? std::strtol(argv[1], nullptr, 10) : 5'000'000);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "extraction speed: %s\n", problem.what());
    return 1;
  }
  return 0;
}
