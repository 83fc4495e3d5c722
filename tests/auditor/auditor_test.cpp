// Two auditors that share no code agree on every ledger. Of each story's Python verdict the test asks one
// thing: is it the C++ audit's.
#include <unistd.h>

#include <cstdio>
#include <map>

#include "CppUTest/TestHarness.h"
#include "gate_home.h"
#include "ledgers.h"
#include "sceau/gate/audit.h"

using namespace sceau;

namespace {

// "ok" or "damaged", and why, by name; as the second auditor's lines say.
std::map<std::string, std::string> second_opinion(const std::filesystem::path& folder,
                                                  const std::vector<test::MadeLedger>& ledgers) {
  std::string command = "python3 -B '" SCEAU_AUDITOR "'";
  for (const auto& ledger : ledgers) command += " '" + (folder / (ledger.name + ".db")).string() + "'";
  std::map<std::string, std::string> verdicts;
  std::FILE* output = popen(command.c_str(), "r");  // NOLINT(cert-env33-c): a fixed program, our own names
  std::string line;
  for (int c = std::fgetc(output); c != EOF; c = std::fgetc(output)) {
    if (c != '\n') {
      line += static_cast<char>(c);
      continue;
    }
    const std::size_t path = line.find(folder.string());
    const std::size_t end = line.find(".db", path);
    if (path != std::string::npos && end != std::string::npos) {
      const std::size_t name = path + folder.string().size() + 1;
      verdicts[line.substr(name, end - name)] = line.substr(0, path - 1) + line.substr(end + 3);
    }
    line.clear();
  }
  pclose(output);
  return verdicts;
}

std::string first_opinion(const std::filesystem::path& path) {
  const auto report = gate::audit(path);
  if (!report) return "unreadable: " + report.error().message;
  return report->ok() ? "ok" : "damaged: " + report->findings.front().what;
}

}  // namespace

TEST_GROUP(TwoAuditors) {
  std::filesystem::path folder;
  void setup() override {
    std::string name = (std::filesystem::temp_directory_path() / "sceau-auditors-XXXXXX").string();
    folder = mkdtemp(name.data());
  }
  void teardown() override { std::filesystem::remove_all(folder); }
};

TEST(TwoAuditors, AgreeOnEveryLedger) {
  const auto ledgers = test::make_ledgers(folder);
  std::size_t damaged = 0;
  for (const auto& ledger : ledgers) damaged += ledger.damaged ? 1 : 0;
  CHECK(ledgers.size() >= 30);
  CHECK(damaged >= 20);
  std::string disagreements;
  auto second = second_opinion(folder, ledgers);
  for (const auto& ledger : ledgers) {
    const std::string first = first_opinion(folder / (ledger.name + ".db"));
    const std::string expected = ledger.damaged ? "damaged" : "ok";
    const std::string both = ledger.name + "\n  first:  " + first + "\n  second: " + second[ledger.name];
    if (first.starts_with(expected) && second[ledger.name].starts_with(expected)) continue;
    disagreements += both + "\n";
  }
  STRCMP_EQUAL("", disagreements.c_str());
}

namespace {

void deliver(test::GateHome& home, gate::Gate& gate, const std::string& kind) {
  const test::Signed request = home.request(gate, kind);
  must_be(gate, request, kind == "individual" ? "pending" : "admitted");
  if (kind == "individual") {
    must_be(
        gate,
        home.write(gate, "approval", {"carl"},
                   statement::Object{{"request", request.digest()}, {"evidence", request.evidence_digest()}}),
        "admitted");
  }
  auto delivery = gate.fetch(log_in(home, gate, "dora"), request.digest()).value();
  test::receive(*delivery);
  CHECK(delivery->complete().ok());
}

// All that a gate does in a day, and what it erases a year later.
void live(test::GateHome& home, gate::Gate& gate) {
  const auto first = gate.ledger().head()->size;
  deliver(home, gate, "aggregate");
  deliver(home, gate, "individual");
  const auto last = gate.ledger().head()->size;
  const test::Signed request = home.request(gate);
  must_be(gate, request, "admitted");
  must_be(gate, request, "refused");
  CHECK_FALSE(gate.submit({to_bytes(std::string_view("rubbish")), {}, {}}).ok());
  gate.fetch(log_in(home, gate, "dora"), request.digest()).value()->interrupt("the line broke");
  must_be(
      gate,
      home.write(gate, "token.revoke", {"ada"}, statement::Object{{"serial", "1004"}, {"reason", "lost"}}),
      "admitted");
  must_be(gate, home.request(gate), "refused");
  gate.finish();
  home.world.clock.advance(366 * 86400);
  statement::Array entries;
  for (std::uint64_t entry = first; entry < last; ++entry) entries.emplace_back(entry);
  must_be(gate,
          home.write(gate, "erasure", {"ada", "bea"},
                     statement::Object{{"entries", entries}, {"reason", "term"}}),
          "admitted");
}

}  // namespace

TEST(TwoAuditors, PassWhatARealGateWrote) {
  test::GateHome home;
  auto gate = home.open();
  live(home, *gate);
  gate.reset();
  std::filesystem::rename(home.path() / "ledger.db", folder / "gate.db");
  STRCMP_EQUAL("ok", first_opinion(folder / "gate.db").c_str());
  STRCMP_EQUAL("ok", second_opinion(folder, {{"gate", false}})["gate"].c_str());
}
