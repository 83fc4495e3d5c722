#include "commands_connect.h"

#include <charconv>

#include "agent.h"
#include "commands.h"
#include "gate_warehouse.h"
#include "password.h"
#include "sceau/base/files.h"
#include "server.h"
#include "settings.h"

namespace sceau::connect {
namespace {

struct ConnectOptions {
  std::string token, agent, socket, password_file;
  Wanted wanted;
  std::int64_t port = 5433, connections = 64;
};

Result<std::filesystem::path> password_path(const tool::Workplace& place, const ConnectOptions& options) {
  if (!options.password_file.empty()) return std::filesystem::path(options.password_file);
  auto home = place.home();
  if (!home) return home.error();
  auto folder = tool::memory_folder(*home);
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  return folder / "connect.password";
}

Status connect(tool::Workplace& place, const ConnectOptions& options) {
  if (options.port < 0 || options.port > 65535)
    return Error{ErrorKind::invalid, "--port is a number from 0 (any that is free) to 65535"};
  if (auto wrong = Settings::check(options.wanted))
    return Error{ErrorKind::invalid, wrong->message + ": " + wrong->hint};
  auto file = password_path(place, options);
  if (!file) return file.error();
  auto password = password_file(*file, place.random);
  if (!password) return password.error();
  auto keys = scram_keys(*password, place.random);
  if (!keys) return keys.error().within("the password in " + file->string());
  password->wipe();
  auto holder = tool::open_logged_in(place, options.agent.empty() ? options.token : "agent:" + options.agent);
  if (!holder) return holder.error();
  Desk desk(place, **holder);
  ServerOptions serving;
  serving.port = static_cast<std::uint16_t>(options.port);
  serving.socket = options.socket;
  serving.connections = static_cast<std::size_t>(std::max<std::int64_t>(options.connections, 1));
  serving.defaults = options.wanted;
  serving.keys = std::move(*keys);
  serving.warehouse = [&desk] { return std::make_unique<GateWarehouse>(desk); };
  serving.log = [&place](const std::string& line) { place.output.warning(line); };
  auto server = Server::open(std::move(serving), place.random);
  if (!server) return server.error();
  const std::string where = options.socket.empty()
                                ? "host=127.0.0.1 port=" + std::to_string((*server)->port())
                                : "host=" + options.socket;
  place.output.result(
      statement::Object{
          {"password_file", file->string()}, {"port", (*server)->port()}, {"socket", options.socket}},
      "listening for PostgreSQL clients: " + where + " dbname=sceau; password in " + file->string());
  (*server)->run();
  return {};
}

}  // namespace

void add_connect_commands(tool::Command& root, tool::Workplace& place) {
  auto options = tool::kept<ConnectOptions>();
  root.sub("connect", "let psql, R, Python, ODBC and JDBC ask: every statement a signed request")
      .option("--port", options->port, "on 127.0.0.1; 0: any that is free, which is printed")
      .option("--socket", options->socket, "a Unix socket instead, DIR/.s.PGSQL.5433")
      .option("--password-file", options->password_file,
              "where the clients' password is (default: in the home)")
      .option("--project", options->wanted.project, "the authorisation you work under (SET sceau.project)")
      .option("--purpose", options->wanted.purpose, "what it is for, in one sentence (SET sceau.purpose)")
      .option("--kind", options->wanted.kind, "aggregate or individual (SET sceau.kind)")
      .option("--source", options->wanted.source,
              "the database, where the project has several (SET sceau.source)")
      .option("--max-rows", options->wanted.max_rows, "the most rows of one answer (SET sceau.max_rows)")
      .option("--connections", options->connections, "the most clients at once")
      .option("--token", options->token, "your token (default: the only one there is)")
      .option("--agent", options->agent, "the socket of a 'sceau agent', which keeps the card and signs")
      .notes(
          "SELECT becomes a request of the kind that is set; CREATE TABLE AS, INSERT, UPDATE, DELETE and "
          "DROP work "
          "on your own\n"
          "tables. What clients ask the system catalogue is answered here, from what the gate says you may "
          "use.\n\n"
          "Examples:\n"
          "  sceau connect --project p-42 --purpose 'Drugs and care'\n"
          "  PGPASSWORD=$(cat ~/.local/share/sceau/remembered/connect.password) \\\n"
          "      psql -h 127.0.0.1 -p 5433 -d sceau -c '\\d'")
      .action([options, &place] { return connect(place, *options); });
  auto agent = tool::kept<tool::AgentOptions>();
  root.sub("agent", "keep your card for 'sceau connect', here or on a server over ssh")
      .option("--socket", agent->socket, "where to listen (default: $XDG_RUNTIME_DIR/sceau/agent.sock)")
      .option("--token", agent->token, "your token (default: the only one there is)")
      .notes(
          "The PIN is asked once; statements over your own tables are then signed without it, and listed "
          "here. What\n"
          "leaves the warehouse is shown here, and signed when the PIN is typed again. Only log-ins and "
          "requests for\n"
          "extractions are signed.\n\n"
          "Example, with the tool on a server and the card at the desk:\n"
          "  sceau agent --socket ~/agent.sock &\n"
          "  ssh -R /run/user/1000/sceau-agent.sock:$HOME/agent.sock server\n"
          "  server$ sceau connect --agent /run/user/1000/sceau-agent.sock --project p-42 --purpose 'Drugs "
          "and care'")
      .action([agent, &place] { return tool::serve_agent(place, *agent); });
}

}  // namespace sceau::connect
