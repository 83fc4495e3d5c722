// How many requests a second a real gate admits over TLS: each signed by itself, verified, labelled, judged
// and durable in the ledger before it is answered; with idle clients connected beside. Run by
// tests/bench/admission; prints one JSON object a line.
//
//   sceau-admission-speed REQUESTS
//
// First as fast as 16 clients can (gate_admit_per_s); then at half that rate, sent at fixed times whether or
// not the last was answered, the wait counted from those times (gate_admit_p99_ms). Then other kinds, a fifth
// as many: an individual request is recorded and waits for its approver. The load is made on the same
// machine; its signatures are made before the clock starts.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "speed_gate.h"

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

std::string sql_of(const std::string& kind, std::size_t number) {
  const std::string n = std::to_string(number);
  if (kind == "work")
    return "CREATE TABLE t" + n + " AS SELECT PERSON, ACT, sum(AMOUNT) AS TOTAL FROM CARE WHERE AMOUNT > " +
           n + " GROUP BY PERSON, ACT";
  if (kind == "aggregate")
    return "SELECT ACT, sum(AMOUNT) AS TOTAL FROM CARE WHERE AMOUNT > " + n + " GROUP BY ACT";
  return "SELECT PERSON, ACT, AMOUNT FROM CARE WHERE AMOUNT > " + n;
}

class Bench {
 public:
  Bench() {
    gate_.start({"postgresql", "postgresql = \"host=/nowhere dbname=care\"", kCatalogue},
                {"work", "aggregate", "individual"});
    for (std::size_t i = 0; i < kIdle; ++i) {
      idle_.push_back(gate_.process().connect());
      if (!idle_.back()) stop("an idle client could not connect");
    }
    for (std::size_t i = 0; i < kClients; ++i) busy_.push_back(gate_.process().connect());
  }

  // From here on these requests are sent.
  void prepare(const std::string& kind, std::size_t requests) {
    const auto tree = gate_.tree();
    requests_.clear();
    expected_ = kind == "individual" ? "\"pending\"" : "\"admitted\"";
    for (std::size_t i = 0; i < requests; ++i)
      requests_.push_back(envelope_of(gate_.request(kind, sql_of(kind, i), 1, tree)));
  }

  // Requests [begin, end) a second, as fast as they are answered.
  double rate_of(std::size_t begin, std::size_t end) {
    std::atomic<std::size_t> next = begin;
    const auto started = Steady::now();
    on_every_client([&](HttpsClient& client) {
      for (std::size_t i = next++; i < end; i = next++) admit(client, i);
    });
    return static_cast<double>(end - begin) / std::chrono::duration<double>(Steady::now() - started).count();
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
  void on_every_client(const std::function<void(HttpsClient&)>& work) {
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
    if (answer.status != 200 || answer.body.find(expected_) == std::string::npos)
      stop("a request was not admitted: " + answer.body + gate_.process().log());
  }

  SpeedGate gate_;
  std::vector<std::unique_ptr<HttpsClient>> idle_, busy_;
  std::vector<std::string> requests_;
  std::string expected_;
  std::mutex mutex_;
  std::string problem_;
};

void print_rate(const std::string& name, double rate) {
  std::printf("{\"name\":\"%s\",\"value\":%.0f,\"unit\":\"requests/s\",\"idle_clients\":%zu}\n", name.c_str(),
              rate, kIdle);
}

void measure(std::size_t requests) {
  Bench bench;
  bench.prepare("work", requests);
  const std::size_t warm = requests / 10, fast = requests * 6 / 10;
  bench.rate_of(0, warm);
  const double rate = bench.rate_of(warm, fast);
  const auto waits = bench.waits_at(rate / 2, fast, requests);
  const auto at = [&](double part) {
    return waits[static_cast<std::size_t>(part * static_cast<double>(waits.size() - 1))];
  };
  print_rate("gate_admit_per_s", rate);
  std::printf(
      "{\"name\":\"gate_admit_p99_ms\",\"value\":%.2f,\"unit\":\"ms\",\"median\":%.2f,\"at_per_s\":%.0f,"
      "\"requests\":%zu}\n",
      at(0.99), at(0.5), rate / 2, waits.size());
  for (const std::string kind : {"aggregate", "individual"}) {
    bench.prepare(kind, requests / 5);
    print_rate("gate_admit_" + kind + "_per_s", bench.rate_of(0, requests / 5));
  }
  bench.check_idle();
}

}  // namespace

int main(int argc, char** argv) {
  return measured("admission speed",
                  [&] { measure(argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 10'000); });
}
