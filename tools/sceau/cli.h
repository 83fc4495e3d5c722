// The command line, as the rest of this program sees it: a tree of commands with options and one action each.
//
// The parser's own header is large; only cli.cpp includes it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sceau/base/result.h"

namespace sceau::tool {

// Documented in sceau(1).
enum class Exit : int {
  ok = 0,
  failed = 1,          // internal, or something did not answer
  usage = 2,           // the command line, or a file given on it
  refused = 3,         // by the gate, policy or a token's policy
  authentication = 4,  // PIN, session, or the wrong gate
  bad_evidence = 5,    // verification failed
  not_found = 6,       // what was named is not there; a list that was asked for is empty
};
Exit exit_of(ErrorKind kind);

class Command {
 public:
  struct Parser;
  explicit Command(std::shared_ptr<Parser> parser) : parser_(std::move(parser)) {}

  // `names` as "-o,--output"; a name without dashes is positional. What the variable holds is the default.
  Command& option(const std::string& names, std::string& value, const std::string& help,
                  bool required = false);
  Command& option(const std::string& names, std::int64_t& value, const std::string& help);
  Command& option(const std::string& names, std::vector<std::string>& values, const std::string& help,
                  bool required = false);
  Command& flag(const std::string& names, bool& value, const std::string& help);
  // Lines shown at the end of --help.
  Command& notes(const std::string& text);
  Command& hidden();
  // What runs when this command was chosen.
  Command& action(std::function<Status()> action);
  Command sub(const std::string& name, const std::string& summary);

 private:
  std::shared_ptr<Parser> parser_;
};

class CommandLine {
 public:
  CommandLine(const std::string& name, const std::string& summary, const std::string& version);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  Command root();
  // The chosen action; nothing when help or the version was printed. A line that does not parse is invalid.
  Result<std::function<Status()>> parse(int count, char** arguments);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sceau::tool
