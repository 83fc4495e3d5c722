#include "cli.h"

#include <CLI/CLI.hpp>
#include <iostream>

namespace sceau::tool {

Exit exit_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid:
      return Exit::usage;
    case ErrorKind::refused:
      return Exit::refused;
    case ErrorKind::not_found:
      return Exit::not_found;
    case ErrorKind::authentication:
      return Exit::authentication;
    case ErrorKind::corrupt:
      return Exit::bad_evidence;
    case ErrorKind::unavailable:
    case ErrorKind::internal:
      break;
  }
  return Exit::failed;
}

// What all commands of one line share.
struct Chosen {
  std::function<Status()> action;
  std::string path;
};

struct Command::Parser {
  CLI::App* app;
  std::shared_ptr<Chosen> chosen;
  std::string path;
};

Command& Command::option(const std::string& names, std::string& value, const std::string& help,
                         bool required) {
  parser_->app->add_option(names, value, help)->required(required)->capture_default_str();
  return *this;
}
Command& Command::option(const std::string& names, std::int64_t& value, const std::string& help) {
  parser_->app->add_option(names, value, help)->capture_default_str();
  return *this;
}
Command& Command::option(const std::string& names, std::vector<std::string>& values, const std::string& help,
                         bool required) {
  auto* option = parser_->app->add_option(names, values, help)->required(required);
  // An option takes one value each time it is given; only positional ones take all that follow.
  if (names.starts_with('-'))
    option->type_size(1)->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  return *this;
}
Command& Command::flag(const std::string& names, bool& value, const std::string& help) {
  parser_->app->add_flag(names, value, help);
  return *this;
}
Command& Command::notes(const std::string& text) {
  parser_->app->footer("\n" + text);
  return *this;
}
Command& Command::hidden() {
  parser_->app->group("");
  return *this;
}
Command& Command::action(std::function<Status()> action) {
  auto chosen = parser_->chosen;
  parser_->app->require_subcommand(0);
  parser_->app->callback([chosen, action = std::move(action)] { chosen->action = action; });
  return *this;
}
Command Command::sub(const std::string& name, const std::string& summary) {
  auto* app = parser_->app->add_subcommand(name, summary);
  app->fallthrough();
  parser_->app->require_subcommand(1);
  return Command(std::make_shared<Parser>(Parser{app, parser_->chosen, parser_->path + " " + name}));
}

struct CommandLine::State {
  CLI::App app;
  std::shared_ptr<Chosen> chosen = std::make_shared<Chosen>();
  std::string name;
};

CommandLine::CommandLine(const std::string& name, const std::string& summary, const std::string& version)
    : state_(std::make_unique<State>()) {
  state_->name = name;
  state_->app.name(name);
  state_->app.description(summary);
  state_->app.set_version_flag("--version", name + " " + version);
  state_->app.get_formatter()->column_width(34);
}
CommandLine::~CommandLine() = default;

Command CommandLine::root() {
  return Command(
      std::make_shared<Command::Parser>(Command::Parser{&state_->app, state_->chosen, state_->name}));
}

namespace {

// The innermost command that the line reached, and how a person would type it.
struct Reached {
  const CLI::App* app;
  std::string path;
};
Reached reached(const CLI::App& app, const std::string& name) {
  Reached at{&app, name};
  while (!at.app->get_subcommands().empty()) {
    at.app = at.app->get_subcommands().front();
    at.path += " " + at.app->get_name();
  }
  return at;
}

// What is wrong with the line, in one line.
std::string complaint(const CLI::App& root, const CLI::ParseError& wrong, const Reached& at) {
  const auto unknown = root.remaining(true);
  const bool group = !at.app->get_subcommands([](const CLI::App*) { return true; }).empty();
  if (group && !unknown.empty() && !unknown.front().starts_with('-')) {
    return "there is no command '" + at.path + " " + unknown.front() + "'";
  }
  if (group && unknown.empty() && wrong.get_exit_code() == static_cast<int>(CLI::ExitCodes::RequiredError)) {
    return "'" + at.path + "' needs a command after it";
  }
  std::string line = wrong.what();
  for (auto& character : line) {
    if (character == '\n') character = ' ';
  }
  return line;
}

}  // namespace

Result<std::function<Status()>> CommandLine::parse(int count, char** arguments) {
  try {
    state_->app.parse(count, arguments);
  } catch (const CLI::Success& asked) {
    state_->app.exit(asked, std::cout, std::cerr);
    return std::function<Status()>();
  } catch (const CLI::ParseError& wrong) {
    const auto at = reached(state_->app, state_->name);
    return Error{ErrorKind::invalid, complaint(state_->app, wrong, at) + ": see '" + at.path + " --help'"};
  }
  return state_->chosen->action;
}

}  // namespace sceau::tool
