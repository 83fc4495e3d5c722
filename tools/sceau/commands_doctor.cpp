#include "commands.h"
#include "doctor.h"

namespace sceau::tool {

void add_doctor_command(Command& root, Workplace& place) {
  auto options = kept<DoctorOptions>();
  root.sub("doctor", "look at readers, cards, certificates, clocks and log-in here, and say what to do")
      .option("--record", options->record, "check one card fully, and write a report for a bug to this file")
      .option("--token", options->token, "the card for --record (default: the only one there is)")
      .option("--source", options->source,
              "a PostgreSQL source of this gate's sceau.toml: who can read it without the gate")
      .option("--catalogue", options->catalogue, "its catalogue, for --source: the tables to be protected")
      .option("--database", options->database,
              "connection string of the superuser who looks, for --source (default: the gate's role, which "
              "does not see pg_hba.conf)")
      .flag("--yes", options->yes, "do not ask before the card signs test texts for --record")
      .notes(
          "It changes nothing and asks for no PIN; only --record does, and never writes it down. Exit code 1 "
          "when\n"
          "something needs to be put right.\n\n"
          "Examples:\n  sceau doctor\n  sceau doctor --record my-card.json\n  sceau doctor --source "
          "snds --catalogue snds.toml --database 'host=/run/postgresql user=postgres dbname=snds'")
      .action([options, &place] { return doctor(place, *options); });
}

}  // namespace sceau::tool
