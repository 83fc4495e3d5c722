#include "speed_gate.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace sceau::test {

void stop(const std::string& why) { throw std::runtime_error(why); }

void SpeedGate::start(const SpeedSource& source, const std::vector<std::string>& kinds) {
  std::ofstream(home() / "sceau.toml", std::ios::app) << "[sources.care]\n" << source.place << "\n";
  gate_ = std::make_unique<GateProcess>(home());
  client_ = gate_->connect();
  if (!client_) stop("sceaud did not start: " + gate_->log());
  open_project(source, kinds);
}

void SpeedGate::open_project(const SpeedSource& source, const std::vector<std::string>& kinds) {
  const Bytes catalogue = to_bytes(std::string_view(source.catalogue));
  const Time now = home_.world.clock.now();
  const std::string until = to_rfc3339(now + 86400);
  act("source.add", {"ada", "bea"},
      Object{{"source", "care"}, {"engine", source.engine}, {"catalogue", sha256(catalogue)}}, {catalogue});
  Object policy = World::policy_body();
  policy["row_limit"] = 1'000'000'000;
  policy["time_limit"] = 3600;
  act("policy.set", {"ada", "bea"}, Object{{"policy", policy}});
  act("project.open", {"ada"},
      Object{{"project", "speed"},
             {"title", "Speed"},
             {"sources", Array{"care"}},
             {"kinds", statement::texts(kinds)},
             {"from", to_rfc3339(now - 60)},
             {"until", until},
             {"max_rows", 1'000'000'000}});
  act("project.assign", {"ada"}, Object{{"project", "speed"}, {"person", "dora"}, {"until", until}});
}

Signed SpeedGate::request(const std::string& kind, const std::string& sql, long max_rows,
                          const statement::After& tree) {
  Object body = home_.world.request_body(kind);
  body["project"] = "speed";
  body["source"] = "care";
  body["sql"] = Array{sql};
  body["max_rows"] = max_rows;
  return home_.write("extraction.request", {"dora"}, std::move(body), tree);
}

void SpeedGate::act(const std::string& type, const std::vector<std::string>& people, Object body,
                    const std::vector<Bytes>& blobs) {
  post(home_.write(type, people, std::move(body), tree()), blobs);
}

void SpeedGate::post(const Signed& given, const std::vector<Bytes>& blobs) {
  const HttpAnswer answer = client_->post("/statements", envelope_of(given, blobs));
  if (answer.status != 200) stop("a statement was not admitted: " + answer.body);
}

double SpeedGate::peak_megabytes() const {
  std::ifstream status("/proc/" + std::to_string(gate_->id()) + "/status");
  std::string line;
  while (std::getline(status, line)) {
    if (line.starts_with("VmHWM:")) return std::strtod(line.c_str() + 6, nullptr) / 1024;
  }
  return 0;
}

int measured(const char* name, const std::function<void()>& work) {
  try {
    work();
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "%s: %s\n", name, problem.what());
    return 1;
  }
  return 0;
}

}  // namespace sceau::test
