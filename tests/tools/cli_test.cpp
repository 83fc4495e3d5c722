#include <CppUTest/TestHarness.h>

#include "commands.h"

using namespace sceau;
using namespace sceau::tool;

namespace {

// Parses a line for the real tree of commands; nothing of it runs.
Result<std::function<Status()>> parse(std::vector<std::string> words) {
  Workplace place;
  CommandLine line("sceau", "test", "0");
  auto root = line.root();
  root.option("--home", place.options.home, "");
  add_home_commands(root, place);
  add_people_commands(root, place);
  add_token_commands(root, place);
  add_request_commands(root, place);
  add_evidence_commands(root, place);
  words.insert(words.begin(), "sceau");
  std::vector<char*> arguments;
  arguments.reserve(words.size());
  for (auto& word : words) arguments.push_back(word.data());
  return line.parse(static_cast<int>(arguments.size()), arguments.data());
}

bool understood(std::vector<std::string> words) {
  auto action = parse(std::move(words));
  return action.ok() && *action;
}

}  // namespace

TEST_GROUP(CommandLine){};

TEST(CommandLine, EveryCommandOfTheManualIsThere) {
  CHECK(understood({"init", "--realm", "r", "--organisation", "o", "--administrator", "a=A@R"}));
  CHECK(understood({"organisation", "list"}));
  CHECK(understood({"person", "end", "carol", "--reason", "left"}));
  CHECK(understood({"project", "add", "p", "--title", "t", "--source", "s", "--kind", "aggregate"}));
  CHECK(understood({"token", "list"}));
  CHECK(understood({"token", "enrol", "f", "--administrator", "a", "--administrator", "b"}));
  for (const char* state : {"suspend", "resume", "revoke"}) {
    CHECK_TEXT(understood({"token", state, "17", "--reason", "r"}), state);
  }
  CHECK(understood({"token", "renew", "f"}));
  CHECK(understood({"token", "unblock", "--token", "t", "--recovery", "a", "--reason", "r"}));
  CHECK(understood({"ca", "init", "--token", "t", "--name", "n", "--organisation", "o"}));
  CHECK(understood({"ca", "issue", "r", "--token", "t", "--person", "p", "-o", "c"}));
  CHECK(understood({"ca", "crl", "--token", "t", "--revoke", "17", "--revoke", "18"}));
  CHECK(understood({"role", "grant", "carol", "agent"}));
  CHECK(understood({"role", "withdraw", "carol", "agent", "--reason", "r"}));
  CHECK(understood({"login"}));
  CHECK(understood({"extract", "--project", "p", "--purpose", "q", "SELECT 1"}));
  CHECK(understood({"pending"}));
  CHECK(understood({"approve", "3f9a"}));
  CHECK(understood({"refuse", "3f9a", "--reason", "r"}));
  CHECK(understood({"verify", "a", "b"}));
  CHECK(understood({"audit"}));
  CHECK(understood({"who", "rows.csv"}));
}

TEST(CommandLine, CommonOptionsMayComeLast) { CHECK(understood({"token", "list", "--home", "h"})); }

TEST(CommandLine, WhatIsMissingOrUnknownIsOneLineThatPointsToHelp) {
  for (const auto& words : std::vector<std::vector<std::string>>{
           {}, {"extrat"}, {"person"}, {"person", "add", "carol"}, {"token", "list", "--pin", "123456"}}) {
    const auto action = parse(words);
    CHECK(!action.ok());
    CHECK(action.error().message.find('\n') == std::string::npos);
    CHECK(action.error().message.find("--help'") != std::string::npos);
  }
}

TEST(CommandLine, AWordThatIsNoCommandIsNamed) {
  STRCMP_EQUAL("there is no command 'sceau extrat': see 'sceau --help'",
               parse({"extrat"}).error().message.c_str());
  STRCMP_EQUAL("there is no command 'sceau token lost': see 'sceau token --help'",
               parse({"token", "lost"}).error().message.c_str());
  STRCMP_EQUAL("'sceau ca' needs a command after it: see 'sceau ca --help'",
               parse({"ca"}).error().message.c_str());
}

TEST(CommandLine, NoOptionTakesAPin) {
  CHECK(!understood({"login", "--pin", "123456"}));
  CHECK(!understood({"extract", "--pin", "123456", "SELECT 1"}));
}

TEST(CommandLine, ExitCodesAreThoseOfTheManual) {
  CHECK_EQUAL(1, static_cast<int>(exit_of(ErrorKind::unavailable)));
  CHECK_EQUAL(1, static_cast<int>(exit_of(ErrorKind::internal)));
  CHECK_EQUAL(2, static_cast<int>(exit_of(ErrorKind::invalid)));
  CHECK_EQUAL(3, static_cast<int>(exit_of(ErrorKind::refused)));
  CHECK_EQUAL(4, static_cast<int>(exit_of(ErrorKind::authentication)));
  CHECK_EQUAL(5, static_cast<int>(exit_of(ErrorKind::corrupt)));
  CHECK_EQUAL(6, static_cast<int>(exit_of(ErrorKind::not_found)));
}
