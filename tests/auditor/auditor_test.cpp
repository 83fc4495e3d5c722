// Two auditors that share no code agree on every ledger. Of each story's Python verdict the test asks one
// thing: is it the C++ audit's.
#include <unistd.h>

#include <cstdio>
#include <map>

#include "CppUTest/TestHarness.h"
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
