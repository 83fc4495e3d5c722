// Tokens behind other makers' PKCS#11 modules: SoftHSM, and a module that does all it can to do harm.
#include "sceau/token/module_signer.h"

#include <CppUTest/TestHarness.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "fixed_pins.h"
#include "sceau/base/files.h"
#include "sceau/token/modules.h"

using namespace sceau;
using namespace sceau::token;
using sceau::test::FixedPins;

namespace {

namespace fs = std::filesystem;

const Bytes kBytes{'a', 'c', 't'};

std::string folder() {
  static const std::string made = [] {
    std::string name = fs::temp_directory_path() / "sceau-softhsm-XXXXXX";
    return std::string(mkdtemp(name.data()));
  }();
  return made;
}

// One SoftHSM for all tests here: nothing in them changes it. Removed when the process ends.
void prepare() {
  static const struct Prepared {
    Prepared() {
      const std::string command =
          std::string(SCEAU_SOFTHSM_SCRIPT) + " " + folder() + " " SCEAU_SOFTHSM_MODULE;
      if (std::system(command.c_str()) != 0) FAIL("SoftHSM could not be filled");
      setenv("SOFTHSM2_CONF", (folder() + "/softhsm2.conf").c_str(), 1);
      setenv("HOSTILE_CERTIFICATE", (folder() + "/signing.der").c_str(), 1);
    }
    ~Prepared() { fs::remove_all(folder()); }
    Prepared(const Prepared&) = delete;
    Prepared& operator=(const Prepared&) = delete;
  } prepared;
}

bool contains(const Error& error, const std::string& part) {
  return error.message.find(part) != std::string::npos;
}

// Whether OpenSSL takes the signature for this certificate's key.
bool holds(ByteView der, const Signed& made) {
  const unsigned char* at = der.data();
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      d2i_X509(nullptr, &at, static_cast<long>(der.size())), X509_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_PKEY_CTX* parameters = nullptr;
  if (EVP_DigestVerifyInit(context.get(), &parameters, EVP_sha256(), nullptr,
                           X509_get0_pubkey(certificate.get())) != 1)
    return false;
  if (made.rsa_pss) EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING);
  return EVP_DigestVerify(context.get(), made.signature.data(), made.signature.size(), made.attributes.data(),
                          made.attributes.size()) == 1;
}

std::unique_ptr<ModuleSigner> softhsm(Modules& modules, const std::string& choice,
                                      ModuleSignerOptions options = {}) {
  auto found = modules.find(choice);
  if (!found) FAIL(found.error().message.c_str());
  return std::make_unique<ModuleSigner>(found->module, found->token, std::move(options));
}

}  // namespace

TEST_GROUP(ForeignModule) {
  Modules modules{{SCEAU_SOFTHSM_MODULE}};
  FixedPins pins{"123456"};
  void setup() override { prepare(); }
};

TEST(ForeignModule, EveryInitialisedTokenIsListedAndAnEmptySlotIsNot) {
  std::vector<std::string> labels;
  for (const auto& one : modules.tokens({})) labels.push_back(one.token.label);
  std::sort(labels.begin(), labels.end());
  CHECK((labels == std::vector<std::string>{"carol", "rsa", "wide"}));
}

TEST(ForeignModule, TheKeyMadeForThePurposeIsChosenByItsKeyUsage) {
  CHECK_EQUAL(std::string("signing"), softhsm(modules, "carol")->key()->slot);
  ModuleSignerOptions login;
  login.use = ModuleKeyUse::login;
  CHECK_EQUAL(std::string("opening"), softhsm(modules, "carol", login)->key()->slot);
  const auto none = softhsm(modules, "rsa", login)->key();
  CHECK(none.error().kind == ErrorKind::not_found);
  CHECK(contains(none.error(), "digitalSignature"));
}

TEST(ForeignModule, ASignatureOfEachKindOfKeyHolds) {
  for (const auto* name : {"carol", "wide", "rsa"}) {
    auto signer = softhsm(modules, name);
    const auto made = signer->sign({{}, kBytes}, pins);
    if (!made) FAIL(made.error().message.c_str());
    CHECK(holds(signer->key()->certificate, *made));
    CHECK_EQUAL(std::string(name) == "rsa", made->rsa_pss);
  }
  CHECK_EQUAL(3, pins.asked);
}

TEST(ForeignModule, ThePinIsAskedForEachSignatureAndNotKept) {
  auto signer = softhsm(modules, "carol");
  CHECK(signer->sign({{}, kBytes}, pins).ok());
  CHECK(signer->sign({{}, kBytes}, pins).ok());
  CHECK_EQUAL(2, pins.asked);
  FixedPins wrong("000000");
  const auto refused = signer->sign({{}, kBytes}, wrong);
  CHECK(refused.error().kind == ErrorKind::authentication);
  CHECK(contains(refused.error(), "wrong PIN"));
  CHECK_EQUAL(1, wrong.asked);
}

TEST(ForeignModule, ATokenIsChosenByLabelSerialOrUri) {
  const auto by_label = modules.find("wide");
  CHECK_EQUAL(by_label->token.serial, modules.find(by_label->token.serial)->token.serial);
  const auto uri = "pkcs11:token=wide;object=wide?module-path=" SCEAU_SOFTHSM_MODULE;
  CHECK_EQUAL(by_label->token.serial, modules.find(uri)->token.serial);
  CHECK_EQUAL(std::string("wide"), *modules.find(uri)->object);
  CHECK(modules.find("nobody").error().kind == ErrorKind::not_found);
  CHECK(modules.find("").error().kind == ErrorKind::invalid);
  CHECK(contains(modules.find("").error(), "choose one"));
}

TEST(ForeignModule, AnObjectThatAUriNamesIsTheKey) {
  ModuleSignerOptions options;
  options.id = Bytes{2};
  CHECK_EQUAL(std::string("opening"), softhsm(modules, "carol", options)->key()->slot);
  options.object = "signing";
  CHECK(softhsm(modules, "carol", options)->key().error().kind == ErrorKind::not_found);
}

TEST(ForeignModule, WhatIsNoModuleIsRefusedByName) {
  const auto missing = Module::load("/nonexistent/module.so");
  CHECK(missing.error().kind == ErrorKind::not_found);
  CHECK(contains(missing.error(), "/nonexistent/module.so"));
  const auto other = Module::load("libc.so.6");
  CHECK(other.error().kind == ErrorKind::invalid);
  CHECK(contains(other.error(), "no PKCS#11 module"));
}

TEST(ForeignModule, ALibraryThatOnlyNeedsAModuleIsNone) {
  setenv("HOSTILE", "", 1);
  CHECK(Module::load(SCEAU_HOSTILE_MODULE).ok());
  const auto borrowed = Module::load(SCEAU_BORROWED_MODULE);
  unsetenv("HOSTILE");
  CHECK(!borrowed.ok());
  CHECK(borrowed.error().kind == ErrorKind::invalid);
  CHECK(contains(borrowed.error(), "no PKCS#11 module"));
}

TEST_GROUP(HostileModule) {
  FixedPins pins{"123456"};
  void setup() override { prepare(); }
  void teardown() override { unsetenv("HOSTILE"); }
  // What using the module in the usual way ends with.
  Result<Signed> use(const char* how) {
    setenv("HOSTILE", how, 1);
    Modules modules({SCEAU_HOSTILE_MODULE});
    auto found = modules.find("pkcs11:?module-path=" SCEAU_HOSTILE_MODULE);
    if (!found) return found.error();
    ModuleSigner signer(found->module, found->token, {});
    return signer.sign({{}, kBytes}, pins);
  }
};

TEST(HostileModule, EveryMisbehaviourIsOneCleanError) {
  const struct {
    const char* how;
    ErrorKind kind;
  } cases[] = {
      {"no-list", ErrorKind::invalid},
      {"version", ErrorKind::invalid},
      {"no-functions", ErrorKind::unavailable},
      {"initialise-fails", ErrorKind::unavailable},
      {"slots-huge", ErrorKind::corrupt},
      {"slots-fail", ErrorKind::unavailable},
      {"slots-grow", ErrorKind::unavailable},
      {"slots-overflow", ErrorKind::corrupt},
      {"token-fails", ErrorKind::not_found},
      {"no-session", ErrorKind::unavailable},
      {"objects-overflow", ErrorKind::corrupt},
      {"objects-endless", ErrorKind::corrupt},
      {"attribute-huge", ErrorKind::not_found},
      {"attribute-overflow", ErrorKind::not_found},
      {"attribute-empty", ErrorKind::not_found},
      {"certificate-broken", ErrorKind::not_found},
      {"mechanisms-huge", ErrorKind::corrupt},
      {"mechanisms-overflow", ErrorKind::corrupt},
      {"no-mechanism", ErrorKind::unavailable},
      {"no-sign", ErrorKind::unavailable},
      {"sign-not-allowed", ErrorKind::unavailable},
      {"pulled", ErrorKind::unavailable},
      {"signature-overflow", ErrorKind::corrupt},
      {"signature-empty", ErrorKind::corrupt},
      {"signature-short", ErrorKind::corrupt},
      {"a-wrong-signature", ErrorKind::corrupt},
      {"odd-codes", ErrorKind::corrupt},
      {"control-characters", ErrorKind::corrupt},
      {"wrong-pin", ErrorKind::authentication},
      {"locked", ErrorKind::authentication},
      {"protected", ErrorKind::refused},
  };
  for (const auto& one : cases) {
    const auto outcome = use(one.how);
    CHECK_TEXT(!outcome.ok(), one.how);
    CHECK_TEXT(outcome.error().kind == one.kind,
               (std::string(one.how) + ": " + outcome.error().message).c_str());
    CHECK_TEXT(!outcome.error().message.empty() && outcome.error().message.find('\n') == std::string::npos,
               one.how);
  }
}

TEST(HostileModule, TheLastTryIsSaidBeforeAndAfter) {
  const auto outcome = use("wrong-pin");
  CHECK(contains(outcome.error(), "one try left"));
  CHECK_EQUAL(1, *pins.last.tries_left);
}

TEST(HostileModule, APinThatIsTypedOnTheReaderIsAskedOfNobody) {
  CHECK(contains(use("protected").error(), "cancelled at the reader"));
  CHECK(!use("locked").ok());
  CHECK_EQUAL(0, pins.asked);
}

TEST(HostileModule, ItHidesNoOtherModule) {
  setenv("HOSTILE", "slots-huge", 1);
  Modules modules({SCEAU_HOSTILE_MODULE, SCEAU_SOFTHSM_MODULE});
  std::vector<Error> problems;
  CHECK_EQUAL(3U, modules.tokens({}, &problems).size());
  CHECK_EQUAL(1U, problems.size());
}

TEST_GROUP(TokenUri){};

TEST(TokenUri, IsReadAsRfc7512WritesIt) {
  const auto uri =
      read_token_uri("pkcs11:token=A%20token;id=%01%fF;type=cert?module-name=x&module-path=/a%3B.so");
  CHECK_EQUAL(std::string("A token"), *uri->token);
  CHECK((*uri->id == Bytes{1, 0xFF}));
  CHECK_EQUAL(std::string("/a;.so"), uri->module_path);
  CHECK_EQUAL(std::string("pkcs11:token=A%20token;id=%01%FF?module-path=/a%3B.so&module-name=x"),
              write_token_uri(*uri));
}

TEST(TokenUri, WhatIsNotUnderstoodIsRefused) {
  for (const auto* text : {"pkcs11:token", "pkcs11:token=%4", "pkcs11:token=%zz", "pkcs11:token=a;token=b",
                           "pkcs11:colour=red", "pkcs11:token=a?pin-value=123456", "token=a"}) {
    const auto uri = read_token_uri(text);
    CHECK_TEXT(!uri.ok() && uri.error().kind == ErrorKind::invalid, text);
  }
  CHECK(contains(read_token_uri("pkcs11:?pin-value=123456").error(), "it is asked for"));
}
