#include "act.h"
#include "commands.h"
#include "init.h"
#include "policy.h"
#include "policy_check.h"
#include "registry_view.h"
#include "sceau/base/files.h"
#include "sceau/gate/home.h"
#include "sceau/source/source.h"

namespace sceau::tool {
namespace {

using statement::Value;

// The file's own lines, each without what a terminal would do something about.
std::string shown_lines_of(std::string_view text) {
  std::string lines;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    lines.append("  ").append(shown(std::string(text.substr(at, end - at)))).append("\n");
    at = end + 1;
  }
  return lines;
}

Status show_policy(Workplace& place) {
  auto policy = policy_now(place);
  if (!policy) return policy.error();
  std::string text = policy_text(*policy);
  if (policy->find("rules") != nullptr) {
    auto file = statement::base64_field((*place.connect())->state.all, "policy_file");
    if (!file) return file.error();
    text.append("\n\nand its file:\n").append(shown_lines_of(as_text(*file)));
  }
  place.output.result(*policy, text);
  return {};
}

Status set_policy(Workplace& place, const std::vector<std::string>& changes,
                  const std::vector<std::string>& administrators, const std::string& metadata_root) {
  auto policy = policy_now(place);
  if (!policy) return policy.error();
  PolicyFiles files{metadata_root, SystemClock().now()};
  auto changed = changed_policy(std::move(*policy), changes, files);
  if (!changed) return changed.error();
  return perform(place, {"policy.set", statement::Object{{"policy", *changed}}, administrators,
                         std::move(files.blobs), "the policy is set"});
}

struct SourceOptions {
  std::string source, engine, catalogue;
  std::vector<std::string> administrators;
};

// What the gate's sceau.toml says, where it is on this machine: a source keeps the engine that it is
// registered with.
std::string engine_of(const Workplace& place, const SourceOptions& options) {
  if (!options.engine.empty()) return options.engine;
  const auto folder = place.home();
  const auto config = folder ? gate::read_home_config(gate::Home(*folder)) : folder.error();
  if (!config) return "sqlite";
  const auto found = config->sources.find(options.source);
  const bool server = found != config->sources.end() && found->second.engine == source::Engine::postgresql;
  return server ? "postgresql" : "sqlite";
}

Status add_source(Workplace& place, const SourceOptions& options) {
  auto catalogue = read_file(options.catalogue, 512U << 10U);
  if (!catalogue) return catalogue.error();
  const std::string engine = engine_of(place, options);
  return perform(
      place,
      {"source.add",
       statement::Object{{"catalogue", sha256(*catalogue)}, {"engine", engine}, {"source", options.source}},
       options.administrators,
       {*catalogue},
       "source " + options.source + " is registered (" + engine + "), with its catalogue " +
           to_hex(sha256(*catalogue)).substr(0, 12)});
}

struct WorkspaceOptions {
  std::string catalogue, schema = "public", gate = "gate", role = "gate_work";
};

Status print_workspace(Workplace& place, const WorkspaceOptions& options) {
  auto bytes = read_file(options.catalogue, 512U << 10U);
  if (!bytes) return bytes.error();
  auto catalogue = source::Catalogue::from_toml(as_text(*bytes));
  if (!catalogue) return catalogue.error();
  const std::string sql = source::workspace_sql({{}, options.schema, options.role}, options.gate, *catalogue);
  place.output.result(statement::Object{{"sql", sql}}, sql);
  return {};
}

void add_init(Command& root, Workplace& place) {
  auto options = kept<InitOptions>();
  root.sub("init", "make a new home: tokens, authority and the genesis that its administrators sign")
      .option("--realm", options->realm, "the ledger's origin, such as registre.exemple.fr/entrepot", true)
      .option("--organisation", options->organisation, "the first organisation, ID=NAME", true)
      .option("--administrator", options->administrators,
              "ID=NAME@READER, with a blank token in that reader; at least twice", true)
      .option("--attestation-root", options->attestation_roots,
              "PEM file of a maker whose tokens are believed; may be given again")
      .option("--source", options->sources,
              "ID=FILE: where the gate finds a source's SQLite database; or "
              "ID=postgresql://USER@HOST/DATABASE, without a "
              "password (see SECURITY.md)")
      .option("--gate-id", options->gate, "the gate's name in the registry")
      .option("--listen", options->listen, "HOST:PORT for sceaud (default 127.0.0.1:8443)")
      .option("--recovery-k", options->recovery_k,
              "how many administrators together can open an escrow; 0: two, or one with --single")
      .flag("--touch", options->touch, "keys that want the token's button too")
      .flag("--erase", options->erase, "erase tokens that were initialised before: their keys are lost")
      .flag("--single", options->single, "one administrator is enough: for trying things out only")
      .notes(
          "The first administrator's token also gets the key of the organisation's authority (slot 83). "
          "Each\n"
          "administrator chooses a PIN; PUKs and management keys are random, and sealed to the others.\n\n"
          "Example:\n"
          "  sceau --home /srv/sceau init --realm registre.exemple.fr/entrepot --organisation 'caisse=La "
          "Caisse' \\\n"
          "      --administrator 'alice=Alice Martin@Reader 00' --administrator 'bob=Bob Petit@Reader 01' "
          "\\\n"
          "      --attestation-root maker.pem")
      .action([options, &place] { return init(place, *options); });
}

void add_policy_check(Command& policy, Workplace& place) {
  auto options = kept<PolicyCheckOptions>();
  policy.sub("check", "what a person could ask for, and why a request would be refused; nothing is signed")
      .option("person", options->person, "whom it is about (default: you)")
      .option("--project", options->project, "in this project only (default: in all of hers)")
      .option("--source", options->source, "of this source only")
      .option("--kind", options->kind, "work, aggregate or individual (default: each)")
      .option("--rows", options->rows, "so many rows (default: one)")
      .option("--sql", options->sql, "SQL, or a file that holds it: what would leave, or why it would not")
      .option("--with", options->changes,
              "under a policy changed like this: FILE.toml or NAME=VALUE as 'sceau policy set' takes them")
      .option("--metadata-root", options->metadata_root, "with --with fido_metadata=FILE")
      .option("--token", options->token, "your token (default: the only one there is)")
      .notes(
          "Approvers, administrators and auditors may ask about everybody, others about themselves. What "
          "only a "
          "signature\nshows (that its certificate's path holds) is not looked at.\n\n"
          "Examples:\n  sceau policy check carol --project p-42 --kind individual --sql cohort.sql\n"
          "  sceau policy check carol --with policy.toml")
      .action([options, &place] { return check_policy(place, *options); });
}

void add_policy(Command& root, Workplace& place) {
  auto policy = root.sub("policy", "show or set what may be asked, and how");
  policy.sub("show", "the policy in force").action([&place] { return show_policy(place); });
  add_policy_check(policy, place);
  auto changes = kept<std::vector<std::string>>();
  auto administrators = kept<std::vector<std::string>>();
  auto metadata_root = kept<std::string>();
  policy.sub("set", "change it; two administrators sign")
      .option("change", *changes,
              "FILE.toml, with all of it; or NAME=NUMBER, as 'sceau policy show' names them; "
              "hardware_authorities=FILE,FILE; rp_id=NAME; "
              "origins=https://HOST:PORT,…; attestation_roots=FILE,FILE; fido_metadata=FILE",
              true)
      .option("--administrator", *administrators, "an administrator's token; twice", true)
      .option("--metadata-root", *metadata_root,
              "PEM file: the root that the certificate of the FIDO Metadata Service leads to")
      .notes(
          "hardware_authorities: certificates of authorities that certify only keys held in hardware; tokens "
          "with "
          "their\ncertificates may be enrolled without attestation. None unless it is set.\n\n"
          "rp_id and origins: the name that FIDO2 keys sign for, and the pages that may ask them. Without "
          "them: localhost.\nA key enrolled for one rp_id does not sign for another.\n\n"
          "attestation_roots: makers whose word is taken for a key's being in hardware, beside those of "
          "'sceau init'.\n"
          "fido_metadata: the FIDO Metadata Service's file (a JWS), which gives each model of FIDO2 key its "
          "own "
          "roots;\nmodels that were revoked or compromised are refused.\n"
          "fido_self_attestation=allow takes FIDO2 keys that attest only themselves, or nothing.\n"
          "u2f_import=allow lets 'sceau host import-u2f' enrol what pamu2fcfg made.\n\n"
          "clear_sign=1 lets only tokens that show what they sign ask, approve and refuse.\n\n"
          "FILE.toml holds approvals, keys, hours and profiles too: sceau(1) shows one, under THE POLICY'S "
          "FILE. It is kept "
          "in\nthe ledger, and refused with the line of what it does not know or what contradicts itself.\n\n"
          "Examples:\n  sceau policy set policy.toml --administrator alice --administrator bob\n"
          "  sceau policy set minimum_people=20 --administrator alice --administrator bob")
      .action([changes, administrators, metadata_root, &place] {
        return set_policy(place, *changes, *administrators, *metadata_root);
      });
}

void add_sources(Command& root, Workplace& place) {
  auto source = root.sub("source", "databases that the gate runs requests on");
  auto options = kept<SourceOptions>();
  source.sub("add", "register a source with its catalogue of labelled columns; two administrators sign")
      .option("source", options->source, "the source's id, as the gate's sceau.toml names it", true)
      .option("--catalogue", options->catalogue, "TOML file that labels every column", true)
      .option("--engine", options->engine,
              "sqlite or postgresql (default: as the home's sceau.toml says, else sqlite); stays")
      .option("--administrator", options->administrators, "an administrator's token; twice", true)
      .notes(
          "A source that is registered already gets the new catalogue.\n\n"
          "Example:\n  sceau source add snds --catalogue snds.toml --administrator alice --administrator bob")
      .action([options, &place] { return add_source(place, *options); });
  auto workspace = kept<WorkspaceOptions>();
  source.sub("workspace", "print the SQL that lets requests of kind work make tables at a PostgreSQL source")
      .option("--catalogue", workspace->catalogue, "the source's catalogue", true)
      .option("--schema", workspace->schema, "where the catalogue's tables are")
      .option("--gate", workspace->gate, "the role that the gate logs in as")
      .option("--role", workspace->role, "the role to make: workspace = \"ROLE\" in the gate's sceau.toml")
      .notes(
          "The database's administrator runs it, once a source and again after a new catalogue. Nothing is "
          "changed here.\n\n"
          "Example:\n  sceau source workspace --catalogue snds.toml | psql -v ON_ERROR_STOP=1 warehouse")
      .action([workspace, &place] { return print_workspace(place, *workspace); });
  auto token = kept<std::string>();
  source.sub("list", "registered sources").option("--token", *token, "your token").action([token, &place] {
    return print_list(place, *token, "sources",
                      {{"SOURCE", "source"}, {"ENGINE", "engine"}, {"CATALOGUE", "catalogue"}});
  });
}

}  // namespace

void add_home_commands(Command& root, Workplace& place) {
  add_init(root, place);
  add_policy(root, place);
  add_sources(root, place);
}

}  // namespace sceau::tool
