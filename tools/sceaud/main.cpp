// sceaud: the gate's shell. Opens a home, serves it over HTTPS until told to stop.
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <tuple>

#include "sandbox.h"
#include "sceau/base/unleaping_clock.h"
#include "sceau/source/environment.h"
#include "server.h"
#include "tls.h"

// Inside the sandbox LeakSanitizer cannot look at the process that it runs in.
extern "C" int __lsan_is_turned_off();  // NOLINT(bugprone-reserved-identifier,cert-*)
static bool leak_check_is_off = false;  // set once, before serving
extern "C" int __lsan_is_turned_off() { return leak_check_is_off ? 1 : 0; }  // NOLINT(bugprone-*,cert-*)

namespace sceau::sceaud {
namespace {

constexpr int kUnavailable = 1, kUsage = 2, kRefused = 3;

struct Arguments {
  std::filesystem::path home;
  std::string listen, card_listen;
  bool no_sandbox = false;
};

int exit_code(const Error& error) { return error.kind == ErrorKind::refused ? kRefused : kUnavailable; }

int complain(const Error& error) {
  std::cerr << "sceaud: " << error.message << "\n";
  return exit_code(error);
}

std::function<void(gate::LogLevel, const std::string&)> logger() {
  auto log = spdlog::stderr_logger_mt("sceaud");
  log->set_pattern("%Y-%m-%dT%H:%M:%SZ %l %v", spdlog::pattern_time_type::utc);
  return [log](gate::LogLevel level, const std::string& line) {
    switch (level) {
      case gate::LogLevel::info:
        log->info(line);
        break;
      case gate::LogLevel::warning:
        log->warn(line);
        break;
      case gate::LogLevel::alarm:
        log->critical(line);
        break;
    }
  };
}

// "127.0.0.1:8443", "[::1]:0"
Result<std::pair<std::string, unsigned short>> read_address(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon != std::string::npos) {
    std::string host = text.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    if (host == "localhost") host = "127.0.0.1";
    unsigned short port = 0;
    const auto [end, problem] = std::from_chars(text.data() + colon + 1, text.data() + text.size(), port);
    if (!host.empty() && problem == std::errc{} && end == text.data() + text.size() &&
        colon + 1 < text.size()) {
      return std::pair{host, port};
    }
  }
  return Error{ErrorKind::invalid,
               "reading the address \"" + text + "\": write HOST:PORT, as 127.0.0.1:8443"};
}

// The gate.url file, there while the gate serves.
class UrlFile {
 public:
  explicit UrlFile(std::filesystem::path path) : path_(std::move(path)) {}
  ~UrlFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  UrlFile(const UrlFile&) = delete;
  UrlFile& operator=(const UrlFile&) = delete;
  [[nodiscard]] Status write(const std::string& url) const {
    return write_file(path_, as_bytes(url + "\n"), 0644);
  }

 private:
  std::filesystem::path path_;
};

// Where the gate listens, and where it asks browsers for cards' certificates (an empty host: nowhere).
Status read_addresses(const Arguments& arguments, const gate::HomeConfig& config, ServerOptions& options) {
  auto address = read_address(arguments.listen.empty() ? config.listen : arguments.listen);
  if (!address) return address.error();
  std::tie(options.host, options.port) = *address;
  const std::string& cards = arguments.card_listen.empty() ? config.card_listen : arguments.card_listen;
  if (cards.empty()) return {};
  address = read_address(cards);
  if (!address) return address.error();
  std::tie(options.card_host, options.card_port) = *address;
  return {};
}

// Says where, and serves until told to stop.
Status run(Server& server, const gate::Home& home, const decltype(ServerOptions::log)& log) {
  const UrlFile url_file(home.file("gate.url"));
  if (auto status = url_file.write(server.url()); !status) return status;
  const UrlFile card_url_file(home.file("card.url"));
  const std::string& card_url = server.card_url();
  if (!card_url.empty()) {
    if (auto status = card_url_file.write(card_url); !status) return status;
  }
  log(gate::LogLevel::info, "serving " + home.folder().string() + " at " + server.url());
  if (!card_url.empty()) log(gate::LogLevel::info, "asking browsers for cards' certificates at " + card_url);
  server.run();
  return {};
}

// Nobody who starts the gate leads its connections elsewhere than its configuration says.
Status check_sources(const gate::HomeConfig& config) {
  for (const auto& [name, place] : config.sources) {
    if (place.engine != source::Engine::postgresql) continue;
    if (auto checked = source::check_environment(); !checked)
      return checked.error().within("opening source \"" + name + "\"");
  }
  return {};
}

// An entry of the future would end everybody's rights, and nothing takes an entry back.
UnleapingClock::Tell told_of_leaps(const decltype(ServerOptions::log)& log) {
  return [log](Time ahead) {
    log(gate::LogLevel::alarm, "the machine's clock leapt ahead by " + std::to_string(ahead / 86400) +
                                   " days: this gate goes on with its own time: set the clock right, or "
                                   "restart sceaud if it is right now");
  };
}

// As many connections as leave descriptors for ledger, spool and databases. A user who starts it by hand has
// often no more than 1024 until she asks for those that she may have.
unsigned room_for_connections(unsigned wanted) {
  constexpr rlim_t enough = 8192, for_the_rest = 256;
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return wanted;
  files.rlim_cur = std::max(files.rlim_cur, std::min(files.rlim_max, enough));
  (void)::setrlimit(RLIMIT_NOFILE, &files);
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= wanted + wanted / 10 + for_the_rest)
    return wanted;
  return static_cast<unsigned>(std::max<rlim_t>(files.rlim_cur / 2, 1));
}

int serve(const Arguments& arguments) {
  const auto log = logger();
  const SystemClock system;
  const UptimeClock uptime;
  const UnleapingClock clock(system, uptime, told_of_leaps(log));
  SystemRandom random;
  gate::GateOptions options;
  options.home = arguments.home;
  options.clock = &clock;
  options.random = &random;
  options.version = SCEAU_VERSION;
  options.log = log;
  auto gate = gate::Gate::open(std::move(options));
  if (!gate) return complain(gate.error());
  if (auto checked = check_sources((*gate)->config()); !checked) return complain(checked.error());
  const gate::Home home(arguments.home);
  ServerOptions server_options;
  if (auto read = read_addresses(arguments, (*gate)->config(), server_options); !read)
    return complain(read.error());
  if (auto status = ensure_tls_files(home, server_options.host, clock.now()); !status)
    return complain(status.error());
  server_options.runs = (*gate)->config().runs;
  server_options.connections = room_for_connections(server_options.connections);
  server_options.clock = &clock;
  server_options.random = &random;
  server_options.log = log;
  auto server = Server::listen(**gate, home, std::move(server_options));
  if (!server) return complain(server.error());
  if (!arguments.no_sandbox) {
    leak_check_is_off = true;
    if (auto status = enter_sandbox(); !status) return complain(status.error());
  }
  if (auto status = run(**server, home, log); !status) return complain(status.error());
  (*gate)->finish();
  log(gate::LogLevel::info, "stopped");
  return 0;
}

int main_with(int argc, char** argv) {
  CLI::App app(
      "sceaud: the gate. Serves a home over HTTPS: admits signed statements, runs admitted extractions, "
      "keeps the "
      "ledger. Stops in good order on SIGTERM.");
  Arguments arguments;
  app.set_version_flag("--version", std::string("sceaud ") + SCEAU_VERSION);
  app.add_option(
      "--home", arguments.home,
      "The home's folder (default $SCEAU_HOME, else $XDG_DATA_HOME/sceau or ~/.local/share/sceau)");
  app.add_option("--listen", arguments.listen,
                 "HOST:PORT to listen on; port 0 takes a free one (default: sceau.toml's [gate] listen)");
  app.add_option(
      "--card-listen", arguments.card_listen,
      "HOST:PORT where browsers are asked for a card's certificate, to log in for reading (default: "
      "sceau.toml's [gate] card_listen, else nowhere)");
  app.add_flag("--no-sandbox", arguments.no_sandbox,
               "Run without seccomp and with core dumps, for debugging");
  app.footer(
      "While it serves, the address is in HOME/gate.url.\n"
      "For people with a browser and a FIDO2 key it has the pages /login, /approve and /enrol: sceaud(8).\n"
      "Exit codes: 0 stopped, 1 unavailable, 2 usage, 3 refused (another sceaud uses the home).");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? 0 : kUsage;
  }
  if (arguments.home.empty()) {
    auto home = gate::default_home();
    if (!home) return complain(home.error());
    arguments.home = *home;
  }
  std::signal(SIGPIPE, SIG_IGN);
  ::umask(0077);  // ledger and spool are nobody else's, whatever the folder they lie in allows
  // What a source's database sorts on disk stays in the home, as what was sorted there leaves from it.
  ::setenv("SQLITE_TMPDIR", (arguments.home / "spool").c_str(),
           1);  // NOLINT(concurrency-mt-unsafe): no thread yet
  return serve(arguments);
}

}  // namespace
}  // namespace sceau::sceaud

int main(int argc, char** argv) {
  try {
    return sceau::sceaud::main_with(argc, argv);
  } catch (const std::exception& problem) {
    std::cerr << "sceaud: stopped by a defect: " << problem.what() << "\n";
    return 1;
  }
}
