#include "commands.h"
#include "decide.h"
#include "extract.h"
#include "submit_file.h"

namespace sceau::tool {
namespace {

constexpr const char* kToken = "your token (default: the only one there is)";

// What `extract` needs depends on whether it asks anew or collects.
Status check_and_extract(Workplace& place, const ExtractOptions& options) {
  if (options.resume.empty() && (options.sql.empty() || options.project.empty() || options.purpose.empty())) {
    return Error{ErrorKind::invalid,
                 "a request needs --project, --purpose and SQL (or --resume ID): see 'sceau "
                 "extract --help'"};
  }
  return extract(place, options);
}

void add_extract(Command& root, Workplace& place) {
  auto options = kept<ExtractOptions>();
  root.sub("extract", "ask for data: sign the request with your token, send it, receive the rows")
      .option("sql", options->sql, "'SELECT …', or a file with it (FILE.sql)")
      .option("--project", options->project, "the authorisation you work under")
      .option("--purpose", options->purpose, "what it is for, in one sentence")
      .option("--kind", options->kind, "aggregate, individual or work")
      .option(
          "--parameters", options->parameters,
          "a file with the values of $1, $2, … in SQL of kind individual, one a line; - for standard input")
      .option("--source", options->source, "the database (default: the project's only one)")
      .option("--max-rows", options->max_rows, "the most rows you want (default: what the project allows)")
      .option("--decide-by", options->decide_by, "approvals count until then (default: policy's)")
      .option("-o,--output", options->output, "write the rows to this file (default: standard output)")
      .option("--evidence", options->evidence, "a folder for what was signed and what proves it")
      .option("--prepare", options->prepare,
              "sign into this folder and send nothing: 'sceau submit' does, later")
      .option("--valid", options->valid, "seconds in which the gate may admit the request")
      .option("--resume", options->resume, "collect the rows of a request made before, by its ID")
      .option("--token", options->token, kToken)
      .flag("--no-wait", options->no_wait, "do not wait for approval or rows: print the request's ID")
      .flag("--force", options->force, "replace the output file when it is there")
      .flag("-q,--quiet", options->quiet, "say nothing but errors")
      .notes(
          "What will be signed is shown before the PIN is asked for it. The file is written as FILE.part and "
          "gets its\n"
          "name only when its digest is the one that the gate signed. Requests for rows about single people\n"
          "(individual) wait for an approver's signature; Ctrl-C leaves them pending. A token with a "
          "clear-sign\n"
          "key shows the request itself, page by page, and the terminal the same lines: compare them, and "
          "press\n"
          "its button.\n\n"
          "Examples:\n"
          "  sceau extract --project p-42 --purpose 'people by sex' -o people.csv \\\n"
          "      'SELECT BEN_SEX_COD, count(DISTINCT BEN_NIR_PSA) AS people FROM IR_BEN_R GROUP BY "
          "BEN_SEX_COD'\n"
          "  sceau extract --project p-42 --purpose 'cohort' --kind individual -o cohort.csv \\\n"
          "      --evidence evidence cohort.sql\n"
          "  sceau extract --project p-42 --purpose 'one dossier' --kind individual --parameters - -o "
          "one.csv "
          "\\\n"
          "      'SELECT d.EXE_SOI_DTD FROM ER_PRS_F d WHERE d.BEN_NIR_PSA = $1' < nir.txt\n"
          "  sceau extract --resume 3f9a1c -o cohort.csv")
      .action([options, &place] { return check_and_extract(place, *options); });
}

void add_decisions(Command& root, Workplace& place) {
  auto token = kept<std::string>();
  auto all = kept<bool>();
  root.sub("pending", "requests that wait for an approver's signature, and answers in quarantine")
      .option("--token", *token, kToken)
      .flag("--all", *all, "those in any other state too")
      .action([token, all, &place] { return list_pending(place, *token, *all); });
  auto approve = kept<DecideOptions>();
  root.sub("approve", "sign somebody else's request, after seeing it")
      .option("request", approve->id, "the request's ID, or the beginning of it", true)
      .option("--token", approve->token, kToken)
      .flag("--yes", approve->yes, "do not ask for confirmation: for scripts")
      .notes(
          "The request's own signature and its place in the ledger are verified here before you are "
          "asked. A token with a clear-sign key then shows your decision and the request, to be compared "
          "with "
          "the\nsame lines here.\n\n"
          "Example:\n  sceau approve 3f9a1c")
      .action([approve, &place] { return decide(place, *approve); });
  auto refuse = kept<DecideOptions>();
  refuse->decision = Decision::refuse;
  root.sub("refuse", "refuse somebody else's request, or what is held of its answer, with your signature")
      .option("request", refuse->id, "the request's ID, or the beginning of it", true)
      .option("--reason", refuse->reason, "why", true)
      .option("--token", refuse->token, kToken)
      .flag("--yes", refuse->yes, "do not ask for confirmation: for scripts")
      .action([refuse, &place] { return decide(place, *refuse); });
  auto release = kept<DecideOptions>();
  release->decision = Decision::release;
  root.sub("release", "sign for an answer in quarantine, after seeing why it is there")
      .option("request", release->id, "the request's ID, or the beginning of it", true)
      .option("--reason", release->reason, "why it may leave")
      .option("--token", release->token, kToken)
      .flag("--yes", release->yes, "do not ask for confirmation: for scripts")
      .notes(
          "An answer that does not conform (more rows than were ordered; few people, where policy says so) "
          "waits\nencrypted at the gate. An approver who has not approved the request signs for exactly its "
          "bytes; its\nagent then collects them with 'sceau extract --resume ID'. Nobody releases more rows "
          "than project and\npolicy cover.\n\n"
          "Example:\n  sceau release 3f9a1c --reason 'the cohort grew since it was ordered'")
      .action([release, &place] { return decide(place, *release); });
}

void add_files(Command& root, Workplace& place) {
  auto submit = kept<SubmitOptions>();
  root.sub("submit", "send a statement that was signed elsewhere or earlier, as it is")
      .option("statement", submit->statement, "the statement (request.json)", true)
      .option("signature", submit->signatures, "its signatures (request.p7s), the first signer's first")
      .option("--blob", submit->blobs, "a certificate, list or catalogue that it names; may be given again")
      .notes(
          "Example:\n  sceau extract … --prepare later\n  sceau submit later/request.json later/request.p7s")
      .action([submit, &place] { return submit_files(place, *submit); });
  auto sign = kept<SignOptions>();
  root.sub("sign", "sign a prepared statement")
      .option("statement", sign->statement, "the statement, canonical JSON", true)
      .option("-o,--output", sign->signature, "the signature file to write", true)
      .option("--token", sign->token, kToken)
      .hidden()
      .action([sign, &place] { return sign_file(place, *sign); });
}

}  // namespace

void add_request_commands(Command& root, Workplace& place) {
  add_extract(root, place);
  add_decisions(root, place);
  add_files(root, place);
}

}  // namespace sceau::tool
