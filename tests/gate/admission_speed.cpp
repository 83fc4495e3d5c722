// How many requests a second a real gate admits over TLS: each signed by itself, verified, labelled, judged
// and durable in the ledger before it is answered; with idle clients connected beside. Run by
// tests/bench/admission; prints one JSON object a line.
//
//   sceau-admission-speed REQUESTS
//
// First as fast as 16 clients can (gate_admit_per_s); then at half that rate, sent at fixed times whether or
// not the last was answered, the wait counted from those times (gate_admit_p99_ms). The load is made on the
// same machine; its signatures are made before the clock starts.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "gate_process.h"
#include "http.h"

using namespace sceau;
using namespace sceau::test;
using Steady = std::chrono::steady_clock;

namespace {

constexpr std::size_t kClients = 16;
constexpr std::size_t kIdle = 200;
constexpr const char* kCatalogue =
    "format = 1\n[tables.CARE]\nperson = \"PERSON\"\n[tables.CARE.columns]\n"
    "PERSON = { type = \"text\", label = \"person_key\" }\n"
    "ACT = { type = \"text\", label = \"measure\" }\n"
    "AMOUNT = { type = \"real\", label = \"measure\" }\n";

// Caught in main, so that the gate is stopped on the way.
[[noreturn]] void stop(const std::string& why) { throw std::runtime_error(why); }

class Bench {
 public:
  explicit Bench(std::size_t requests) {
    std::ofstream(home_.path() / "sceau.toml", std::ios::app)
        << "[sources.care]\npostgresql = \"host=/nowhere dbname=care\"\n";
    gate_ = std::make_unique<GateProcess>(home_.path());
    client_ = gate_->connect();
    if (!client_) stop("sceaud did not start: " + gate_->log());
    open_project();
    const auto tree = newest_tree(*client_);
    for (std::size_t i = 0; i < requests; ++i) requests_.push_back(envelope_of(request(tree, i)));
    for (std::size_t i = 0; i < kIdle; ++i) {
      idle_.push_back(gate_->connect());
      if (!idle_.back()) stop("an idle client could not connect");
    }
    for (std::size_t i = 0; i < kClients; ++i) busy_.push_back(gate_->connect());
  }

  // Seconds for requests [begin, end), as fast as they are answered.
  double seconds_for(std::size_t begin, std::size_t end) {
    std::atomic<std::size_t> next = begin;
    const auto started = Steady::now();
    on_every_client([&](HttpsClient& client) {
      for (std::size_t i = next++; i < end; i = next++) admit(client, i);
    });
    return std::chrono::duration<double>(Steady::now() - started).count();
  }

  // Milliseconds from when each was due until its answer, sorted.
  std::vector<double> waits_at(double rate, std::size_t begin, std::size_t end) {
    std::atomic<std::size_t> next = begin;
    std::vector<double> waits(end - begin);
    const auto started = Steady::now() + std::chrono::milliseconds(100);
    on_every_client([&](HttpsClient& client) {
      for (std::size_t i = next++; i < end; i = next++) {
        const auto due = started + std::chrono::duration_cast<Steady::duration>(
                                       std::chrono::duration<double>(static_cast<double>(i - begin) / rate));
        std::this_thread::sleep_until(due);
        admit(client, i);
        waits[i - begin] = std::chrono::duration<double, std::milli>(Steady::now() - due).count();
      }
    });
    std::sort(waits.begin(), waits.end());
    return waits;
  }

  // Every idle client is still served.
  void check_idle() {
    for (const auto& client : idle_) {
      if (client->get("/checkpoint").status != 200) stop("an idle client was dropped");
    }
  }

 private:
  template <typename Work>
  void on_every_client(const Work& work) {
    std::vector<std::thread> threads;
    for (const auto& client : busy_) {
      threads.emplace_back([&] {
        try {
          work(*client);
        } catch (const std::exception& problem) {
          const std::lock_guard held(mutex_);
          problem_ = problem.what();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    if (!problem_.empty()) stop(problem_);
  }
  void admit(HttpsClient& client, std::size_t request) {
    const HttpAnswer answer = client.post("/statements", requests_[request]);
    if (answer.status != 200 || answer.body.find("\"admitted\"") == std::string::npos)
      stop("a request was not admitted: " + answer.body + gate_->log());
  }
  Signed request(const statement::After& tree, std::size_t number) {
    Object body = home_.world.request_body("work");
    body["project"] = "speed";
    body["source"] = "care";
    body["sql"] = Array{"CREATE TABLE t" + std::to_string(number) +
                        " AS SELECT PERSON, ACT, sum(AMOUNT) AS TOTAL FROM CARE WHERE AMOUNT > " +
                        std::to_string(number) + " GROUP BY PERSON, ACT"};
    body["max_rows"] = 1;
    return home_.write("extraction.request", {"dora"}, std::move(body), tree);
  }
  void post(const Signed& given, const std::vector<Bytes>& blobs = {}) {
    const HttpAnswer answer = client_->post("/statements", envelope_of(given, blobs));
    if (answer.status != 200) stop("a statement was not admitted: " + answer.body);
  }
  void open_project() {
    const Bytes catalogue = to_bytes(std::string_view(kCatalogue));
    const std::string until = to_rfc3339(home_.world.clock.now() + 86400);
    post(home_.write("source.add", {"ada", "bea"},
                     Object{{"source", "care"}, {"engine", "postgresql"}, {"catalogue", sha256(catalogue)}},
                     newest_tree(*client_)),
         {catalogue});
    post(home_.write("project.open", {"ada"},
                     Object{{"project", "speed"},
                            {"title", "Speed"},
                            {"sources", Array{"care"}},
                            {"kinds", Array{"work"}},
                            {"from", to_rfc3339(home_.world.clock.now() - 60)},
                            {"until", until},
                            {"max_rows", 1000}},
                     newest_tree(*client_)));
    post(home_.write("project.assign", {"ada"},
                     Object{{"project", "speed"}, {"person", "dora"}, {"until", until}},
                     newest_tree(*client_)));
  }

  GateHome home_{World::Until::project, std::time(nullptr)};
  std::unique_ptr<GateProcess> gate_;
  std::unique_ptr<HttpsClient> client_;
  std::vector<std::unique_ptr<HttpsClient>> idle_, busy_;
  std::vector<std::string> requests_;
  std::mutex mutex_;
  std::string problem_;
};

void measure(std::size_t requests) {
  Bench bench(requests);
  const std::size_t warm = requests / 10, fast = requests * 6 / 10;
  bench.seconds_for(0, warm);
  const double rate = static_cast<double>(fast - warm) / bench.seconds_for(warm, fast);
  const auto waits = bench.waits_at(rate / 2, fast, requests);
  bench.check_idle();
  const auto at = [&](double part) {
    return waits[static_cast<std::size_t>(part * static_cast<double>(waits.size() - 1))];
  };
  std::printf("{\"name\":\"gate_admit_per_s\",\"value\":%.0f,\"unit\":\"requests/s\",\"idle_clients\":%zu}\n",
              rate, kIdle);
  std::printf(
      "{\"name\":\"gate_admit_p99_ms\",\"value\":%.2f,\"unit\":\"ms\",\"median\":%.2f,\"at_per_s\":%.0f,"
      "\"requests\":%zu}\n",
      at(0.99), at(0.5), rate / 2, waits.size());
}

}  // namespace

int main(int argc, char** argv) {
  try {
    measure(argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 10'000);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "admission speed: %s\n", problem.what());
    return 1;
  }
  return 0;
}
