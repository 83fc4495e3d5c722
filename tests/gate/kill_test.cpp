// A gate is killed at seeded points of its life: before, after and in the middle of writing and syncing.
// Whatever the moment, the next start finds a whole ledger with every acknowledged entry in it, and says of
// every extraction what became of it.
#include <CppUTest/TestHarness.h>

#include <atomic>
#include <csignal>
#include <ctime>
#include <mutex>
#include <thread>

#include "gate_process.h"
#include "http.h"
#include "sceau/base/files.h"
#include "sceau/ledger/check.h"

using namespace sceau;
using namespace sceau::test;

namespace {

constexpr std::size_t kPoints = 200;
constexpr std::uint64_t kSeed = 20261122;
constexpr unsigned kAtOnce = 2;

struct Point {
  std::size_t call = 0;
  const char* how = "before";
};

// What a client does, signed beforehand, so that every run says the same.
struct Script {
  Signed login, aggregate, individual, approval, last;
};

// What the gate had acknowledged when it died.
struct Heard {
  std::vector<Digest> statements;
  std::map<Digest, Digest> delivered;  // request → SHA-256 of its rows, all of them received
};

class Home {
 public:
  explicit Home(const std::filesystem::path& prepared) {
    std::filesystem::copy(prepared, path(), std::filesystem::copy_options::recursive);
  }
  [[nodiscard]] std::filesystem::path path() const { return folder_.path() / "home"; }
  [[nodiscard]] std::filesystem::path counted() const { return folder_.path() / "calls"; }

 private:
  Folder folder_;
};

Heard play(const Script& script, GateProcess& gate) {
  Heard heard;
  const auto client = gate.connect();
  if (!client) return heard;
  const auto post = [&](const Signed& given) {
    const HttpAnswer answer = client->post("/statements", envelope_of(given));
    if (answer.whole && answer.status == 200) heard.statements.push_back(given.digest());
    return json_of(answer);
  };
  const std::string session = field(post(script.login), "session");
  const auto fetch = [&](const Signed& request) {
    const HttpAnswer rows = client->get("/requests/" + to_hex(request.digest()) + "/rows", session);
    if (rows.whole && rows.status == 200) heard.delivered[request.digest()] = sha256(as_bytes(rows.body));
  };
  post(script.aggregate);
  fetch(script.aggregate);
  client->post("/statements", "{\"blobs\":[],\"evidence\":\"e30=\",\"statement\":\"e30=\"}");
  post(script.individual);
  post(script.approval);
  fetch(script.individual);
  post(script.last);
  return heard;
}

std::vector<std::string> killing(const Home& home, const Point& point) {
  const std::string shim = SCEAU_TEST_KILL_SHIM;
  return {"LD_PRELOAD=" + shim, "ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0",
          "SCEAU_KILL_AT=" + std::to_string(point.call), std::string("SCEAU_KILL_HOW=") + point.how,
          "SCEAU_KILL_COUNT=" + home.counted().string()};
}

// Each request's result, when it has one.
std::map<Digest, std::vector<Value>> results_of(const gate::Gate& gate) {
  std::map<Digest, std::vector<Value>> results;
  (void)gate.ledger().for_each(
      [&](std::uint64_t index, ByteView leaf, const std::optional<ledger::Opening>& opening) -> Status {
        auto record = registry::read_record(index, leaf, opening);
        if (record && record->type == "extraction.result" && record->verdict->state == "admitted") {
          const Value body = statement::read_statement(opening->statement).value().body;
          results[statement::digest_field(body, "request").value()].push_back(body);
        }
        return {};
      });
  return results;
}

std::string check_requests(const gate::Gate& gate, const Heard& heard) {
  std::string wrong;
  const auto results = results_of(gate);
  gate.with_registry([&](const registry::Registry& registry) {
    for (const registry::Request* request : registry.requests()) {
      const bool ran = request->running.has_value();
      const auto found = results.find(request->digest);
      const std::size_t stated = found == results.end() ? 0 : found->second.size();
      if (ran && stated != 1) wrong = "a request that ran has " + std::to_string(stated) + " results";
      if (!ran && stated != 0) wrong = "a request that never ran has a result";
    }
  });
  for (const auto& [request, digest] : heard.delivered) {
    const auto found = results.find(request);
    if (found == results.end() || field(found->second.front(), "outcome") != "delivered" ||
        field(found->second.front(), "sha256") != to_hex(digest)) {
      wrong = "rows were received whole and the ledger does not say delivered";
    }
  }
  return wrong;
}

// What is wrong with a home after the kill; empty when nothing is.
std::string check_home(const Home& home, const Heard& heard) {
  const SystemClock clock;
  SystemRandom random;
  gate::GateOptions options;
  options.home = home.path();
  options.clock = &clock;
  options.random = &random;
  options.version = "test";
  auto gate = gate::Gate::open(std::move(options));
  if (!gate) return "it does not open: " + gate.error().message;
  const auto checked = ledger::check((*gate)->ledger(), &log_signer().verifier());
  if (!checked) return "its ledger does not check: " + checked.error().message;
  for (const Digest& statement : heard.statements) {
    if (!(*gate)->receipt_document(statement)) return "acknowledged and gone: " + to_hex(statement);
  }
  if (!std::filesystem::is_empty(home.path() / "spool")) return "something is left in the spool";
  return check_requests(**gate, heard);
}

}  // namespace

TEST_GROUP(KilledGate) {
  GateHome original{World::Until::project, std::time(nullptr), 40};

  Script write_script() {
    const statement::After after{original.world.entries.size(), original.world.roots.back()};
    const auto ask = [&](const std::string& kind) {
      Object body = original.world.request_body(kind);
      return original.write("extraction.request", {"dora"}, body, after);
    };
    Script script;
    script.login = original.write("login", {"dora"}, Object{{"audience", "gate"}}, after);
    script.aggregate = ask("aggregate");
    script.individual = ask("individual");
    script.approval = original.write(
        "approval", {"carl"},
        Object{{"request", script.individual.digest()}, {"evidence", script.individual.evidence_digest()}},
        after);
    script.last = ask("aggregate");
    return script;
  }

  // Every call of a run that nothing disturbs: w and s, in order.
  std::string measure(const Script& script) {
    const Home home(original.path());
    GateProcess gate(home.path(), {}, killing(home, {0, "before"}));
    const Heard heard = play(script, gate);
    LONGS_EQUAL(5, heard.statements.size());
    LONGS_EQUAL(2, heard.delivered.size());
    gate.stop(SIGTERM);
    STRCMP_EQUAL("", check_home(home, heard).c_str());
    return to_text(read_file(home.counted()).value());
  }

  static std::vector<Point> choose(const std::string& calls) {
    std::vector<Point> points;
    SeededRandom random(kSeed);
    for (std::size_t call = 1; call <= calls.size(); ++call) {
      if (calls[call - 1] != 's') continue;
      points.push_back({call, "before"});
      points.push_back({call, "after"});
    }
    while (points.size() < kPoints) {
      points.push_back({1 + random.next() % calls.size(), points.size() % 2 == 0 ? "torn" : "after"});
    }
    return points;
  }
};

TEST(KilledGate, KeepsWhatItAcknowledgedAtEveryPoint) {
  const Script script = write_script();
  const std::vector<Point> points = choose(measure(script));
  std::atomic<std::size_t> next{0}, killed{0};
  std::mutex mutex;
  std::string wrong;
  const auto work = [&] {
    for (std::size_t i = next++; i < points.size(); i = next++) {
      const Home home(original.path());
      GateProcess gate(home.path(), {}, killing(home, points[i]));
      const Heard heard = play(script, gate);
      const int status = gate.stop(SIGTERM);
      if (WIFSIGNALED(status)) ++killed;
      const std::string found = check_home(home, heard);
      if (found.empty()) continue;
      const std::lock_guard held(mutex);
      wrong += "\n" + std::string(points[i].how) + " call " + std::to_string(points[i].call) + ": " + found;
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < kAtOnce; ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  STRCMP_EQUAL("", wrong.c_str());
  CHECK(points.size() >= kPoints);
  CHECK(killed > points.size() * 9 / 10);  // the last calls of a run may not come in another one
}
