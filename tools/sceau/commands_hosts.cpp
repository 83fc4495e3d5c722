#include "accounts.h"
#include "commands.h"
#include "registry_view.h"
#include "sceau/host/folder.h"
#include "watch.h"

namespace sceau::tool {
namespace {

constexpr const char* kAdministrator = "a token of an administrator of all organisations";
constexpr const char* kFolder = "where this machine keeps its copy (default: /var/lib/sceau/host)";

std::shared_ptr<HostOptions> host_options() {
  auto options = kept<HostOptions>();
  options->folder = host::kDefaultFolder;
  return options;
}

void add_accounts(Command& root, Workplace& place) {
  auto group = root.sub("account", "who may use which account of which machine, by card");
  auto add = kept<AccountOptions>();
  group.sub("add", "let a person use an account of a machine, or move the end")
      .option("host", add->host, "the machine's id, as it joined", true)
      .option("account", add->account, "the local account's name", true)
      .option("person", add->person, "the person's id", true)
      .option("--until", add->until, "last day (default: a year from now)")
      .option("--administrator", add->administrators, kAdministrator)
      .notes("Example:\n  sceau account add laptop-12 croux carol --administrator alice")
      .action([add, &place] { return bind_account(place, *add); });
  auto token = kept<std::string>();
  group.sub("list", "what the registry says")
      .option("--token", *token, "your token (default: the only one there is)")
      .action([token, &place] {
        return print_list(
            place, *token, "accounts",
            {{"HOST", "host"}, {"ACCOUNT", "account"}, {"PERSON", "person"}, {"UNTIL", "until"}});
      });
  auto end = kept<AccountOptions>();
  group.sub("end", "end a person's use of an account, at once")
      .option("host", end->host, "the machine's id", true)
      .option("account", end->account, "the local account's name", true)
      .option("person", end->person, "the person's id", true)
      .option("--reason", end->reason, "why", true)
      .option("--administrator", end->administrators, kAdministrator)
      .action([end, &place] { return end_account(place, *end); });
}

void add_u2f_import(Command& group, Workplace& place) {
  auto import = kept<U2fImportOptions>();
  group
      .sub("import-u2f",
           "enrol what pamu2fcfg made for a machine, for logging in to it; two administrators sign")
      .option("host", import->host, "the machine's id; its credentials were made for pam://HOST", true)
      .option("file", import->file, "pam_u2f's mapping file", true)
      .option("--administrator", import->administrators, "an administrator's token; twice", true)
      .notes(
          "Nobody attests such keys: policy must allow it (sceau policy set u2f_import=allow), and they log "
          "in to "
          "that machine\nand do nothing else. Each account must be bound to one person (sceau account add). "
          "The PIN "
          "is asked for, whatever\nthe file says; a credential made with -r, or of another kind than es256, "
          "is left "
          "out.\n\n"
          "Example:\n  sceau host import-u2f laptop-12 u2f_mappings --administrator alice --administrator "
          "bob")
      .action([import, &place] { return import_u2f(place, *import); });
}

void add_hosts(Command& root, Workplace& place) {
  auto group = root.sub("host", "this machine, where people log in by card (see pam_sceau(8))");
  auto join = host_options();
  group.sub("join", "believe a gate from now on, and fetch its copy of the registry for this machine")
      .option("host", join->host, "this machine's id: lower-case letters, digits, '.', '_', '-'", true)
      .option("--folder", join->folder, kFolder)
      .option("--administrator", join->administrator,
              "an administrator's token (default: the only one there is)")
      .notes(
          "An administrator's session gets the machine the pass that fetches its copy from then on. Run it "
          "as\n"
          "root, and compare the certificate that it prints with an administrator's.\n\n"
          "Example:\n  sceau host join laptop-12 --gate https://gate.example:8443 --gate-certificate "
          "gate.pem")
      .action([join, &place] { return join_host(place, *join); });
  auto refresh = host_options();
  group.sub("refresh", "send the log-ins that wait, in order, and fetch a new copy")
      .option("--folder", refresh->folder, kFolder)
      .action([refresh, &place] { return refresh_host(place, *refresh); });
  add_u2f_import(group, place);
  auto show = host_options();
  group.sub("status", "how old the copy is, and what waits")
      .option("--folder", show->folder, kFolder)
      .action([show, &place] { return show_host(place, *show); });
}

void add_watch(Command& root, Workplace& place) {
  auto options = kept<WatchOptions>();
  root.sub("watch", "lock the session when the card leaves")
      .option("--token", options->token, "the card (default: the only one there is)")
      .option("--command", options->command,
              "what locks it, word by word (default: loginctl lock-session); give it once for each word")
      .flag("--once", options->once, "end after the first time")
      .notes("Example:\n  sceau watch --command swaylock --command -f")
      .action([options, &place] { return watch(place, *options); });
}

}  // namespace

void add_host_commands(Command& root, Workplace& place) {
  add_accounts(root, place);
  add_hosts(root, place);
  add_watch(root, place);
}

}  // namespace sceau::tool
