// sceau: the command people use.
#include <csignal>
#include <memory>

#include "commands.h"
#include "connect/commands_connect.h"

namespace {

using sceau::tool::Command;
using sceau::tool::CommandLine;
using sceau::tool::Exit;
using sceau::tool::Workplace;

constexpr const char* kSummary =
    "Sceau: a token you hold signs what you ask of a data warehouse, and anyone can check it.";

constexpr const char* kNotes =
    "PINs are asked on the terminal, never taken from the command line; for scripts, SCEAU_ASKPASS names a\n"
    "program that gets the prompt as its argument and prints the PIN. A token is named by its reader (a part "
    "of\n"
    "the name is enough) or its serial number.\n\n"
    "Exit codes: 0 done, 1 something did not answer, 2 the command line or a file on it, 3 refused by the "
    "gate\n"
    "or policy, 4 PIN or session, 5 verification failed, 6 not found.\n\n"
    "Examples:\n"
    "  sceau token list\n"
    "  sceau extract --project p-42 --purpose 'people by sex' -o people.csv \\\n"
    "      'SELECT BEN_SEX_COD, count(DISTINCT BEN_NIR_PSA) AS people FROM IR_BEN_R GROUP BY BEN_SEX_COD'\n"
    "  sceau pending; sceau approve 3f9a1c\n"
    "  sceau verify evidence/";

// What commands without notes of their own end their help with.
constexpr const char* kMore =
    "'sceau --help' tells how tokens are named, how PINs are asked, and what exit codes mean.";

void add_common(Command& root, Workplace& place) {
  root.option("--home", place.options.home, "the home's folder (default: $SCEAU_HOME, else your own)");
  root.option("--gate", place.options.gate, "the gate's address, https://HOST:PORT (default: the home's)");
  root.option("--gate-certificate", place.options.gate_certificate,
              "PEM file with the certificate that the gate must show");
  root.flag("--json", place.options.json, "print results as JSON, one object a line");
  root.notes(kMore);
}

}  // namespace

int main(int count, char** arguments) {
  std::signal(SIGPIPE, SIG_IGN);  // NOLINT(cert-err33-c): a reader that left is an error of write()
  Workplace place;
  CommandLine line("sceau", kSummary, SCEAU_VERSION);
  auto root = line.root();
  add_common(root, place);
  sceau::tool::add_home_commands(root, place);
  sceau::tool::add_people_commands(root, place);
  sceau::tool::add_token_commands(root, place);
  sceau::tool::add_host_commands(root, place);
  sceau::tool::add_request_commands(root, place);
  sceau::connect::add_connect_commands(root, place);
  sceau::tool::add_evidence_commands(root, place);
  sceau::tool::add_doctor_command(root, place);
  root.notes(kNotes);  // after the commands, which take over what is there when they are added
  auto action = line.parse(count, arguments);
  if (!action) {
    place.output.error(action.error());
    return static_cast<int>(Exit::usage);
  }
  if (!*action) return static_cast<int>(Exit::ok);
  place.output.use_json(place.options.json);
  const auto done = (*action)();
  if (done) return static_cast<int>(Exit::ok);
  place.output.error(done.error());
  return static_cast<int>(sceau::tool::exit_of(done.error().kind));
}
