#include "audit_command.h"
#include "commands.h"
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
      .notes(
          "Examples:\n  sceau who drugs.csv\n  sceau who "
          "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")
      .action([question, &place] { return who(place, *question); });
}

}  // namespace

void add_evidence_commands(Command& root, Workplace& place) {
  add_verify(root, place);
  add_audit(root, place);
}

}  // namespace sceau::tool
