// The command that README and design give to anyone: stock `openssl cms -verify -cades`, run for real.
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "forge.h"
#include "sceau/base/files.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau;
using namespace sceau::evidence;
using namespace sceau::test;

namespace {

// The exit status of a program found on the path; its output is thrown away.
int run_program(const std::vector<std::string>& arguments) {
  std::vector<char*> raw;
  for (const auto& argument : arguments) raw.push_back(const_cast<char*>(argument.c_str()));
  raw.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", 1, 0);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", 1, 0);
  pid_t child = 0;
  const int failed = posix_spawnp(&child, raw[0], &actions, nullptr, raw.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  int status = -1;
  if (failed != 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

}  // namespace

TEST_GROUP(StockOpenSsl) {
  std::string folder;
  std::string vectors = std::string(SCEAU_TEST_VECTORS) + "/evidence/";

  void setup() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "sceau-cms-XXXXXX").string();
    folder = mkdtemp(pattern.data());
  }
  void teardown() override { std::filesystem::remove_all(folder); }

  int verify(const std::string& signature, const std::string& content, const std::string& roots, Time at) {
    return run_program({"openssl", "cms",        "-verify", "-cades",           "-binary",  "-inform",
                        "DER",     "-in",        signature, "-content",         content,    "-CAfile",
                        roots,     "-crl_check", "-attime", std::to_string(at), "-purpose", "any",
                        "-out",    "/dev/null"});
  }
  std::string file(const std::string& name, ByteView bytes) {
    CHECK(write_file(folder + "/" + name, bytes).ok());
    return folder + "/" + name;
  }
};

TEST(StockOpenSsl, TakesEveryGoodVector) {
  for (const char* name :
       {"ecdsa-p256", "ecdsa-p384", "rsa-pkcs1", "rsa-pss", "token-statement", "with-chain", "two-signers"}) {
    LONGS_EQUAL_TEXT(0,
                     verify(vectors + "files/" + name + ".p7s", vectors + "statement.json",
                            vectors + "roots-and-crls.pem", now_time),
                     name);
  }
}

TEST(StockOpenSsl, RefusesAChangedStatementAndARevokedSigner) {
  Bytes changed = *read_file(vectors + "statement.json");
  changed[20] ^= 1;
  const std::string content = file("statement.json", changed);
  CHECK(verify(vectors + "files/ecdsa-p256.p7s", content, vectors + "roots-and-crls.pem", now_time) != 0);
  CHECK(verify(vectors + "files/revoked.p7s", vectors + "statement.json", vectors + "roots-and-crls.pem",
               now_time) != 0);
  CHECK(verify(vectors + "files/ecdsa-p256.p7s", vectors + "statement.json", vectors + "roots-and-crls.pem",
               now_time + 30 * 86400) != 0);
}

TEST(StockOpenSsl, TakesWhatThisAuthorityIssuesAndThisRoomSigns) {
  SystemRandom random;
  const auto key = *pki::SoftwareKey::generate();
  const auto authority_key = *pki::SoftwareKey::generate();
  const pki::Validity validity{begin_time, end_time};
  const auto authority = *pki::self_sign_authority(authority_key.spki(), {"Sceau authority", "", "cnam"},
                                                   validity, authority_key.signer(), random);
  const auto alice = *pki::issue(authority, key.spki(), {"Alice", "alice", "cnam"}, pki::KeyUse::sign,
                                 validity, authority_key.signer(), random);
  pki::TrustStore trust;
  CHECK(trust.add_authority(authority).ok());
  CHECK(trust
            .add_crl(*pki::Crl::from_der(
                *pki::issue_crl(authority, {}, 1, now_time - 60, now_time + 60, authority_key.signer())))
            .ok());
  const Bytes attributes = signed_attributes(sha256(as_bytes("{}")), alice, now_time);
  const Bytes cades = *assemble_cades(alice, {}, attributes, *key.sign(attributes));
  LONGS_EQUAL(0, verify(file("a.p7s", cades), file("a.json", as_bytes("{}")),
                        file("roots-and-crls.pem", as_bytes(trust.to_pem())), now_time));
}
