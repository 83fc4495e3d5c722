#include "act.h"
#include "ca.h"
#include "commands.h"
#include "fido.h"
#include "registry_view.h"
#include "remember.h"
#include "tokens.h"

namespace sceau::tool {
namespace {

constexpr const char* kAdministratorsToken = "an administrator's token; may be given again";

constexpr const char* kEnrolmentFile =
    "what 'sceau token init' wrote; none for a token behind a PKCS#11 module, whose keys have their "
    "certificates";
constexpr const char* kNewToken = "the new token (default: the one that the file names)";

struct LoginOptions {
  std::string token;
  bool remember = false;
};

Status log_in_now(Workplace& place, const LoginOptions& options) {
  auto holder = open_logged_in(place, options.token, true);
  if (!holder) return holder.error();
  auto who = (*holder)->signatory();
  if (!who) return who.error();
  auto connection = place.connect();
  if (!connection) return connection.error();
  const auto& gate = (*connection)->gate->url();
  if (options.remember) {
    if (auto kept = remember_gate(place); !kept) return kept;
  }
  place.output.result(statement::Object{{"gate", gate}, {"person", who->person}},
                      who->person + " is logged in at " + gate);
  return {};
}

void add_token_list(Command& group, Workplace& place) {
  struct ListOptions {
    std::string token;
    bool enrolled = false;
  };
  auto options = kept<ListOptions>();
  group.sub("list", "the tokens in this machine's readers, or all that are enrolled")
      .flag("--enrolled", options->enrolled, "those that the registry knows, whoever holds them")
      .option("--token", options->token, "your token, to log in with for --enrolled")
      .action([options, &place] {
        if (!options->enrolled) return list_tokens(place);
        return print_list(place, options->token, "tokens",
                          {{"SERIAL", "serial"},
                           {"PERSON", "person"},
                           {"STATE", "state"},
                           {"ATTESTATION", "attestation"},
                           {"KEYS", "keys"},
                           {"ENTRY", "entry"}});
      });
}

void add_token_init(Command& group, Workplace& place) {
  auto options = kept<TokenInitOptions>();
  group.sub("init", "make a blank token a person's: keys, PIN, certificates; writes an enrolment file")
      .option("--token", options->token, "the blank token", true)
      .option("--person", options->person, "whose it will be; registered with 'sceau person add' before",
              true)
      .option("--authority", options->authority,
              "the administrator's token that holds the authority's key; none for --fido2")
      .option("-o,--output", options->file, "the enrolment file to write", true)
      .option("--days", options->days, "how long its certificates hold")
      .flag("--touch", options->touch, "keys that want the token's button too")
      .flag("--clear-sign", options->clear_sign,
            "one more key, that signs only requests and decisions which the token itself has shown")
      .flag("--authority-key", options->authority_key, "one more key, for an authority of its own")
      .flag("--fido2", options->fido2, "make a credential on a FIDO2 key instead: no certificates, no escrow")
      .flag("--erase", options->erase, "erase it first: keys that it holds are lost")
      .notes(
          "Its holder chooses the PIN. PUK and management key are random and sealed to the recovery "
          "people.\n\n"
          "Example:\n  sceau token init --token 'Reader 02' --person carol --authority alice -o "
          "carol.enrolment\n"
          "  sceau token init --fido2 --token /dev/hidraw0 --person carol -o carol.enrolment")
      .action([options, &place] {
        return options->fido2 ? initialise_fido(place, *options) : initialise_token(place, *options);
      });
}

void add_token_enrolment(Command& group, Workplace& place) {
  auto enrol = kept<EnrolOptions>();
  group.sub("enrol", "enrol an initialised token: its new key signs, and so do those who vouch for it")
      .option("file", enrol->file, kEnrolmentFile)
      .option("--token", enrol->token, kNewToken)
      .option("--administrator", enrol->administrators, kAdministratorsToken, true)
      .option("--replaces", enrol->replaces, "serial number of a lost or broken token that this one replaces")
      .option("--reason", enrol->reason, "why it is replaced")
      .notes(
          "One of the administrators must not be the one whose token issued the certificates; for a FIDO2 "
          "key, an "
          "approver or\n"
          "administrator two are needed.\n\n"
          "A token without attestation is enrolled where policy lists the authority that certified its keys\n"
          "(sceau policy set hardware_authorities=AUTHORITY.pem).\n\n"
          "Examples:\n  sceau token enrol carol.enrolment --administrator bob\n"
          "  sceau token enrol --token 'pkcs11:serial=…?module-path=/usr/lib/vendor.so' --administrator bob")
      .action([enrol, &place] { return enrol_token(place, *enrol); });
  auto renew = kept<EnrolOptions>();
  renew->renew = true;
  group.sub("renew", "enrol a token in the place of an earlier one that can still sign")
      .option("file", renew->file, kEnrolmentFile)
      .option("--token", renew->token, kNewToken)
      .option("--previous", renew->previous, "the holder's earlier token, which vouches for the new one")
      .option("--administrator", renew->administrators, kAdministratorsToken)
      .action([renew, &place] { return enrol_token(place, *renew); });
}

void add_token_states(Command& group, Workplace& place) {
  const struct {
    const char* name;
    const char* summary;
  } states[] = {{"suspend", "stop a token for a while"},
                {"resume", "end a suspension; two administrators sign"},
                {"revoke", "stop a token for ever"}};
  for (const auto& state : states) {
    auto options = kept<TokenStateOptions>();
    options->type = std::string("token.") + state.name;
    group.sub(state.name, state.summary)
        .option("serial", options->serial, "the token's serial number, as 'sceau token list' shows it", true)
        .option("--reason", options->reason, "why", true)
        .option("--administrator", options->administrators, kAdministratorsToken)
        .action([options, &place] { return set_token_state(place, *options); });
  }
}

void add_tokens(Command& root, Workplace& place) {
  auto group = root.sub("token", "tokens in readers, and in the registry");
  add_token_list(group, place);
  add_token_init(group, place);
  add_token_enrolment(group, place);
  add_token_states(group, place);
  auto unblock = kept<UnblockOptions>();
  group.sub("unblock", "give a blocked token a new PIN, with the recovery people")
      .option("--token", unblock->token, "the blocked token", true)
      .option("--recovery", unblock->recovery, "a recovery person's token; as many as policy asks for", true)
      .option("--administrator", unblock->administrators, "who signs (default: the first recovery person)")
      .option("--reason", unblock->reason, "why", true)
      .notes(
          "Example:\n  sceau token unblock --token carol --recovery alice --recovery bob --reason 'PIN "
          "forgotten'")
      .action([unblock, &place] { return unblock_token(place, *unblock); });
  auto journal = kept<JournalOptions>();
  group.sub("journal", "hand in the journal of a token with clear-sign keys: what it signed, all of it")
      .option("--token", journal->token, "whose journal (default: the only token there is)")
      .option("--signer", journal->signer, "whose signature it goes under (default: the same token's)")
      .notes(
          "The gate compares it with its entries. A signature that never reached it, and a journal that is\n"
          "not the one of before, are alarms: in the ledger, in the gate's log, and here.\n\n"
          "Example:\n  sceau token journal --token carol")
      .action([journal, &place] { return hand_in_journal(place, *journal); });
  auto token = kept<std::string>();
  group.sub("pin", "change a token's PIN")
      .option("--token", *token, "the token (default: the only one there is)")
      .action([token, &place] { return change_pin(place, *token); });
}

void add_authorities(Command& root, Workplace& place) {
  auto group = root.sub("ca", "a small authority whose key is in an administrator's token");
  auto init = kept<CaInitOptions>();
  group.sub("init", "have another authority trusted; two administrators sign")
      .option("--token", init->token, "the token that holds its key, in slot 83", true)
      .option("--name", init->name, "the authority's name", true)
      .option("--organisation", init->organisation, "the organisation it is of", true)
      .option("--days", init->days, "how long it holds")
      .option("--administrator", init->administrators, kAdministratorsToken)
      .action([init, &place] { return ca_init(place, *init); });
  auto add = kept<CaAddOptions>();
  group.sub("add", "have an organisation's own authority trusted; two administrators sign")
      .option("certificate", add->certificate, "its certificate, PEM or DER", true)
      .option("--list", add->list, "its revocation list, PEM or DER", true)
      .option("--administrator", add->administrators, kAdministratorsToken)
      .notes(
          "Its key is nowhere here. 'sceau policy set hardware_authorities=FILE' says that it certifies only "
          "keys "
          "held in\nhardware.\n\n"
          "Example:\n  sceau ca add igc-sante.pem --list igc-sante.crl --administrator alice --administrator "
          "bob")
      .action([add, &place] { return ca_add(place, *add); });
  auto publish = kept<CaPublishOptions>();
  group.sub("publish", "publish a revocation list of an authority whose key is nowhere here")
      .option("list", publish->list, "the list, PEM or DER", true)
      .option("--administrator", publish->administrators, kAdministratorsToken)
      .action([publish, &place] { return ca_publish(place, *publish); });
  auto issue = kept<CaIssueOptions>();
  group.sub("issue", "a certificate for a request (PKCS#10) made elsewhere")
      .option("request", issue->request, "the request, PEM or DER", true)
      .option("--token", issue->token, "the token that holds the authority's key", true)
      .option("--person", issue->person, "whom the certificate names", true)
      .option("--use", issue->use, "sign (nonRepudiation) or login (digitalSignature)")
      .option("--days", issue->days, "how long it holds")
      .option("-o,--output", issue->file, "the PEM file to write", true)
      .action([issue, &place] { return ca_issue(place, *issue); });
  auto crl = kept<CaCrlOptions>();
  group.sub("crl", "publish the next revocation list")
      .option("--token", crl->token, "the token that holds the authority's key", true)
      .option("--revoke", crl->serials,
              "a token whose certificates are revoked from now on; may be given again")
      .option("--days", crl->days, "how long the list holds: publish the next one before")
      .option("--administrator", crl->administrators, "who signs (default: the same token)")
      .notes("Example:\n  sceau ca crl --token alice --revoke 12345678")
      .action([crl, &place] { return ca_crl(place, *crl); });
  group.notes(
      "'sceau init' makes the first authority, in the first administrator's token. A second one, in "
      "carol's:\n"
      "  sceau token init --token carol --person carol --authority alice --authority-key -o carol.enrolment\n"
      "  sceau token enrol carol.enrolment --administrator alice --administrator bob\n"
      "  sceau ca init --token carol --name 'Second authority' --organisation caisse \\\n"
      "      --administrator alice --administrator bob\n"
      "  sceau token init --token dora --person dora --authority carol -o dora.enrolment\n"
      "  sceau ca crl --token carol --revoke 12345678");
}

}  // namespace

void add_token_commands(Command& root, Workplace& place) {
  add_tokens(root, place);
  add_authorities(root, place);
  auto login = kept<LoginOptions>();
  root.sub("login", "open a session at the gate with your card")
      .option("--token", login->token, "your token (default: the only one there is)")
      .flag("--remember", login->remember, "write the gate and its certificate down in your home")
      .notes(
          "Other commands log in by themselves when there is no session. With --remember the gate need not "
          "be\n"
          "named again.\n\n"
          "Example:\n  sceau --gate https://gate.example.org:8443 --gate-certificate gate.pem login "
          "--remember")
      .action([login, &place] { return log_in_now(place, *login); });
}

}  // namespace sceau::tool
