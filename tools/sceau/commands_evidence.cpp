#include "audit_command.h"
#include "commands.h"
#include "reconcile.h"
#include "verify.h"

namespace sceau::tool {
namespace {

void add_verify(Command& root, Workplace& place) {
  auto options = kept<VerifyOptions>();
  root.sub("verify", "check evidence, receipts and results offline")
      .option("file", options->files, "FILE.p7s (with FILE.json beside it), a receipt, or an evidence folder",
              true)
      .option("--content", options->content, "the statement that the .p7s is over")
      .option("--trust", options->trust,
              "PEM with roots and CRLs (default: roots-and-crls.pem beside the file)")
      .option("--log", options->log, "the log's public key, as a vkey (default: as seen before)")
      .option("--at", options->at, "when it must have been good (default: when the ledger took it in)")
      .notes(
          "Exit code 5 when anything is bad. The same evidence with stock tools:\n"
          "  openssl cms -verify -cades -binary -inform DER -in request.p7s -content request.json \\\n"
          "      -CAfile roots-and-crls.pem -crl_check -purpose any -out /dev/null")
      .action([options, &place] { return verify(place, *options); });
}

void add_audit(Command& root, Workplace& place) {
  auto options = kept<AuditOptions>();
  root.sub("audit", "derive everything again from the ledger's raw entries: who did what, and what is wrong")
      .option("where", options->where,
              "a home, a ledger's file, or a gate's URL (default: the home, else the gate)")
      .option("--genesis", options->genesis, "the genesis' digest, as you know it from elsewhere")
      .option("--log", options->log, "the log's public key (vkey), as you know it from elsewhere")
      .option("--token", options->token, "your token, an auditor's: for a gate's URL")
      .option("--key", options->key,
              "a file with your private key (PEM), an auditor's: it opens requests with parameters")
      .notes(
          "Exit code 5 when the ledger is damaged.\n\n"
          "Examples:\n  sceau audit /srv/sceau\n  sceau audit https://gate.example.org:8443")
      .action([options, &place] { return audit(place, *options); });
  auto question = kept<WhoOptions>();
  root.sub("who", "which statement, person, token and approvers stand behind some bytes")
      .option("what", question->what,
              "a SHA-256 (64 hexadecimal characters), a file, or its signature (.p7s)", true)
      .option("--ledger", question->where, "a home, a ledger's file, or a gate's URL (default: the home)")
      .option("--token", question->token, "your token, an auditor's: for a gate's URL")
      .option("--key", question->key,
              "a file with your private key (PEM), an auditor's: it opens requests with parameters")
      .notes(
          "Examples:\n  sceau who drugs.csv\n  sceau who "
          "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")
      .action([question, &place] { return who(place, *question); });
}

void add_reconcile(Command& root, Workplace& place) {
  auto options = kept<ReconcileOptions>();
  root.sub("reconcile", "hold PostgreSQL's own log against the ledger: every read without a statement")
      .option("where", options->where,
              "a home, a ledger's file, or a gate's URL (default: the home, else the gate)")
      .option("--source", options->source, "the source's id in the registry", true)
      .option("--log", options->logs, "csvlog's and jsonlog's files (.csv, .json), or folders of them", true)
      .option(
          "--from", options->from,
          "only what came at this time or later, as 2026-11-22T09:30:00Z (default: all that is in the log, "
          "the setting up of tables and grants too)")
      .option("--until", options->until, "only what came before this time")
      .option("--role", options->role, "the role that the gate logs in as (default: as sceau.toml says)")
      .option("--database", options->database,
              "the database that the tables are in (default: as sceau.toml says; else all)")
      .option("--schema", options->schema, "the schema that they are in (default: as sceau.toml says)")
      .option("--skew", options->skew, "seconds that the gate's and the database's clocks may differ (2)")
      .option("--known", options->known, "a table or view, NAME or SCHEMA.NAME, that shows nothing of them")
      .option("--probe", options->probes,
              "a role, no superuser's, that only looks whether the server answers: it need not ask anything")
      .flag("--literals", options->literals, "show constants in statements; they can name people")
      .option("--genesis", options->genesis, "the genesis' digest, as you know it from elsewhere")
      .option("--log-key", options->vkey, "the public key (vkey) of the ledger's checkpoints, likewise")
      .option("--token", options->token, "your token, an auditor's: for a gate's URL")
      .option("--key", options->key,
              "a file with your private key (PEM), an auditor's: it opens requests with parameters")
      .notes(
          "PostgreSQL must write its log with log_statement = 'all' (or pgaudit) and log_destination = "
          "'csvlog' or "
          "'jsonlog';\nlog_connections and log_disconnections let it say more. Exit code 5 when anything is "
          "not "
          "explained.\n\n"
          "Example:\n  sceau reconcile /srv/sceau --source snds --log /var/log/postgresql --from "
          "2026-11-01T00:00:00Z")
      .action([options, &place] { return reconcile(place, *options); });
}

}  // namespace

void add_evidence_commands(Command& root, Workplace& place) {
  add_verify(root, place);
  add_audit(root, place);
  add_reconcile(root, place);
}

}  // namespace sceau::tool
