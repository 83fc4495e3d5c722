// Keys that pamu2fcfg made, which nobody attests: enrolled for logging in where they were made.
#include "fido_keys.h"
#include "sceau/registry/host_copy.h"

using namespace sceau;
using namespace sceau::test;

TEST_GROUP_BASE(ImportedKeys, FidoWorld) {
  Authenticator machine_key{"pam://laptop-12"};
  void setup() override {
    machine_key.credential = to_bytes("pamu2fcfg's credential");
    machine_key.origin = "pam://laptop-12";
  }
  void allow() {
    Object policy = World::policy_body();
    policy["u2f_import"] = "allow";
    world.must("policy.set", {"ada", "bea"}, Object{{"policy", policy}});
  }
  Object imported() {
    const Object one{{"use", "login"},
                     {"slot", "fido2"},
                     {"public_key", to_base64(machine_key.public_key())},
                     {"credential", to_base64(machine_key.credential)},
                     {"rp_id", machine_key.rp_id}};
    return {{"serial", evidence::fido_serial(machine_key.credential)},
            {"kind", "fido2"},
            {"keys", Array{Value(one)}},
            {"attestation_chain", Array{}}};
  }
  registry::Judgement bring(const Object& token, const std::vector<std::string>& who = {"bea", "ada"}) {
    return world.ask("token.enrol", who, Object{{"person", "dora"}, {"token", token}});
  }
  registry::Judgement log_in(const std::string& audience) {
    const Bytes statement = world.write("login", "dora", Object{{"audience", audience}, {"account", "dora"}});
    return world.ask(statement, signed_by(machine_key, statement));
  }
  static Object binding(const std::string& host) {
    return {
        {"account", "dora"}, {"host", host}, {"person", "dora"}, {"until", to_rfc3339(kBegin + 30 * 86400)}};
  }
  void enrol_imported() {
    allow();
    world.must("token.enrol", {"bea", "ada"}, Object{{"person", "dora"}, {"token", imported()}});
  }
};

TEST(ImportedKeys, AreEnrolledByTwoAdministratorsWherePolicySaysSo) {
  CHECK_REFUSED("policy's u2f_import does not allow it", bring(imported()));
  allow();
  CHECK_REFUSED("needs two administrators", bring(imported(), {"bea"}));
  CHECK_REFUSED("is no administrator", bring(imported(), {"bea", "carl"}));
  CHECK_ACCEPTED(bring(imported()));
}

TEST(ImportedKeys, HaveOneCredentialOfAMachineForLoggingIn) {
  allow();
  Object token = imported();
  key_of(token)["use"] = "sign";
  CHECK_REFUSED("for login", bring(token));
  token = imported();
  key_of(token)["rp_id"] = "localhost";
  CHECK_REFUSED("only credentials of a machine", bring(token));
  token = imported();
  token["serial"] = "fido2-0000000000000000";
  CHECK_REFUSED("is not named after its credential", bring(token));
  token = imported();
  token["keys"].as_array().push_back(token["keys"].as_array().front());
  CHECK_REFUSED("has one credential", bring(token));
}

TEST(ImportedKeys, LogInToThatMachineAndDoNothingElse) {
  enrol_imported();
  world.must("account.bind", {"ada"}, binding("laptop-12"));
  CHECK_ACCEPTED(log_in("host:laptop-12"));
  STRCMP_EQUAL("not attested (imported from pam://laptop-12)",
               world.registry.attestation_text(world.registry.tokens().back()).c_str());
  CHECK_REFUSED("imported for logging in to laptop-12", log_in("host:laptop-13"));
  CHECK_REFUSED("imported for logging in to laptop-12", log_in("gate"));
  const Bytes asked = request();
  CHECK_REFUSED("imported for logging in to laptop-12", world.ask(asked, signed_by(machine_key, asked)));
}

TEST(ImportedKeys, AreInTheCopyOfTheirMachineAlone) {
  enrol_imported();
  for (const char* host : {"laptop-12", "laptop-13"}) world.must("account.bind", {"ada"}, binding(host));
  const auto blob = [this](const Digest& digest) -> Result<Bytes> { return world.blobs.at(digest); };
  const auto own = make_host_copy(world.registry, "laptop-12", kBegin, blob);
  CHECK(own.ok());
  CHECK_EQUAL(1, own->fido_keys.size());
  CHECK(own->fido_keys[0].id == machine_key.credential && own->fido_keys[0].rp_id == "pam://laptop-12");
  const auto again = registry::read_host_copy(write_host_copy(*own));
  CHECK(again.ok() && again->fido_keys[0].id == machine_key.credential);
  CHECK(make_host_copy(world.registry, "laptop-13", kBegin, blob)->fido_keys.empty());
}
