// What `sceau doctor` says of set-ups that are broken, each in a folder that stands for a machine.
#include <CppUTest/TestHarness.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "crafted.h"
#include "doctor_checks.h"
#include "sceau/base/files.h"
#include "sceau/pki/authority.h"

using namespace sceau;
using namespace sceau::tool;

namespace {

namespace fs = std::filesystem;

constexpr Time kNow = 1795000000;
constexpr Time kDay = 86400;

bool says(const Symptoms& findings, Health health, const std::string& part) {
  for (const auto& finding : findings)
    if (finding.health == health && finding.text.find(part) != std::string::npos)
      return health == Health::good || !finding.advice.empty();
  return false;
}

bool advises(const Symptoms& findings, const std::string& part) {
  for (const auto& finding : findings)
    if (finding.advice.find(part) != std::string::npos) return true;
  return false;
}

pki::Certificate certificate_from(Time from, Time until) {
  auto key = pki::SoftwareKey::generate().value();
  SeededRandom random(1);
  return pki::self_signed_gate(key, "carol", {from, until}, random).value();
}

}  // namespace

TEST_GROUP(Doctor) {
  fs::path root;
  void setup() override {
    std::string name = fs::temp_directory_path() / "sceau-doctor-XXXXXX";
    root = mkdtemp(name.data());
  }
  void teardown() override { fs::remove_all(root); }
  void put(const std::string& file, const std::string& text) {
    fs::create_directories((root / file).parent_path());
    CHECK(write_file(root / file, as_bytes(text)).ok());
  }
};

TEST(Doctor, NoServiceIsToldApartFromOneThatIsNotInstalled) {
  const auto missing = check_service(root, root / "pcscd.comm");
  CHECK(says(missing, Health::bad, "not installed"));
  CHECK(advises(missing, "apt-get install pcscd"));
  put("usr/sbin/pcscd", "");
  const auto stopped = check_service(root, root / "pcscd.comm");
  CHECK(says(stopped, Health::bad, "is not running"));
  CHECK(advises(stopped, "systemctl"));
}

TEST(Doctor, ADeadSocketAndALiveOneAreToldApart) {
  put("usr/sbin/pcscd", "");
  const std::string path = root / "pcscd.comm";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM, 0));
  CHECK_EQUAL(0, ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address));
  CHECK(says(check_service(root, path), Health::bad, "left a socket behind"));
  CHECK_EQUAL(0, ::listen(socket.get(), 1));
  CHECK(says(check_service(root, path), Health::good, "answers"));
}

TEST(Doctor, AReaderThatIsPluggedInAndNotShownIsNamed) {
  CHECK(says(check_drivers(root, 0), Health::bad, "no reader driver"));
  put("usr/lib/pcsc/drivers/ifd-ccid.bundle/x", "");
  CHECK(says(check_drivers(root, 0), Health::good, "ifd-ccid.bundle"));
  CHECK_EQUAL(1U, check_drivers(root, 0).size());
  put("sys/bus/usb/devices/1-2:1.0/bInterfaceClass", "0b\n");
  put("sys/bus/usb/devices/1-2/product", "SCR3310 Reader\n");
  put("sys/bus/usb/devices/1-3:1.0/bInterfaceClass", "03\n");
  const auto hidden = check_drivers(root, 0);
  CHECK(says(hidden, Health::bad, "SCR3310 Reader"));
  CHECK(advises(hidden, "scdaemon"));
  CHECK_EQUAL(1U, check_drivers(root, 1).size());
}

TEST(Doctor, NoReaderNoCardAndAFullReaderAreThreeThings) {
  CHECK(says(check_readers({}), Health::bad, "no reader"));
  const auto empty = check_readers({{"R1", false, {}}, {"R2", false, {}}});
  CHECK(says(empty, Health::bad, "no card in any reader"));
  CHECK_FALSE(says(check_readers({{"R1", false, {}}, {"R2", true, {}}}), Health::bad, ""));
}

TEST(Doctor, ACardsTroublesAreSaidOneByOne) {
  token::FoundToken card;
  card.reader = "R1";
  CHECK(says(check_card(card, kNow), Health::note, "not a PIV card"));
  card.kind = token::TokenKind::piv;
  card.tries_left = 0;
  const auto blocked = check_card(card, kNow);
  CHECK(says(blocked, Health::bad, "PIN is blocked"));
  CHECK(says(blocked, Health::bad, "no certificate to sign with"));
  card.tries_left = 1;
  CHECK(says(check_card(card, kNow), Health::note, "one PIN try"));
  card.keys.push_back({token::Slot::signature, certificate_from(kNow - kDay, kNow + 400 * kDay).der()});
  CHECK_FALSE(says(check_card(card, kNow), Health::bad, ""));
  card.keys[0].certificate.resize(20);
  CHECK(says(check_card(card, kNow), Health::bad, "slot 9C"));
  card.problem = "the card does not answer";
  CHECK(says(check_card(card, kNow), Health::bad, "does not answer"));
}

TEST(Doctor, ACertificatesEndIsSeenComing) {
  const auto certificate = certificate_from(kNow, kNow + 100 * kDay);
  CHECK(says(check_certificate("c", certificate, kNow), Health::good, "until"));
  CHECK(says(check_certificate("c", certificate, kNow + 70 * kDay), Health::good, "until"));
  const auto soon = check_certificate("c", certificate, kNow + 71 * kDay);
  CHECK(says(soon, Health::note, "in 29 days"));
  CHECK(advises(soon, "token renew"));
  CHECK(says(check_certificate("c", certificate, kNow + 100 * kDay), Health::bad, "expired"));
  CHECK(says(check_certificate("c", certificate, kNow - 1), Health::bad, "not valid before"));
}

TEST(Doctor, OfAnAuditorsCertificateItIsSaidWhetherAnythingIsSealedToIt) {
  const gate::Home home(root);
  CHECK(says(check_auditors(home, kNow), Health::note, "refuses requests with parameters"));
  CHECK(advises(check_auditors(home, kNow), "(PEM, a name ending in .pem)"));
  test::Plan plan;
  plan.name = "Anna Blanc";
  plan.key = test::craft_key("P-256");
  plan.key_usage = "critical,keyAgreement";
  plan.from = kNow;
  plan.until = kNow + 100 * kDay;
  put("auditors/anna.pem", test::craft(plan).to_pem());
  CHECK(says(check_auditors(home, kNow), Health::good, "anna.pem, of "));
  CHECK(says(check_auditors(home, kNow - 1), Health::bad, "not valid before"));
  CHECK(says(check_auditors(home, kNow + 71 * kDay), Health::note, "ends on"));
  CHECK(says(check_auditors(home, kNow + 100 * kDay), Health::bad, "expired"));
  CHECK(advises(check_auditors(home, kNow + 100 * kDay), "next certificate beside it"));
}

TEST(Doctor, AnAuditorsFileThatTheGateWouldNotStartWithIsNamed) {
  const gate::Home home(root);
  put("auditors/note.txt", "not looked at");
  put("auditors/empty.pem", "");
  test::Plan plan;
  plan.key = test::craft_key("P-256");
  plan.key_usage = "critical,digitalSignature";
  put("auditors/signs.pem", test::craft(plan).to_pem());
  const auto found = check_auditors(home, kNow);
  CHECK_EQUAL(2, found.size());
  CHECK(says(found, Health::bad, "empty.pem"));
  CHECK(says(found, Health::bad, "is not for keyAgreement"));
  CHECK(advises(found, "does not start with it"));
}

TEST(Doctor, AClockIsMeasuredAgainstTheGates) {
  CHECK(says(check_clock(kNow, kNow + 9), Health::good, "agree"));
  CHECK(says(check_clock(kNow, kNow + 30), Health::note, "30 seconds behind"));
  CHECK(says(check_clock(kNow + 3600, kNow), Health::bad, "3600 seconds ahead"));
  CHECK(advises(check_clock(kNow + 3600, kNow), "timedatectl"));
}

TEST(Doctor, AModuleThatDoesNotLoadIsNamed) {
  token::Modules modules({"/nonexistent/cps.so"});
  CHECK(says(check_modules(modules, {}, kNow), Health::bad, "/nonexistent/cps.so"));
}

TEST(Doctor, APamStackWithoutItsModuleLocksEverybodyOut) {
  put("etc/pam.d/sudo", "auth sufficient pam_sceau.so cue\n@include common-auth\n");
  put("etc/pam.d/other", "# auth required pam_sceau.so\nauth required pam_unix.so\n");
  const auto missing = check_pam(root);
  CHECK_EQUAL(1U, missing.size());
  CHECK(says(missing, Health::bad, "log-in to sudo"));
  put("usr/lib/x86_64-linux-gnu/security/pam_sceau.so", "");
  CHECK(says(check_pam(root), Health::good, "takes the card"));
  put("etc/pam.d/sudo", "auth [success=1 default=ignore] pam_env.so\nauth required pam_sceau.so card_only\n");
  const auto alone = check_pam(root);
  CHECK(says(alone, Health::note, "card alone"));
  CHECK(advises(alone, "console"));
}

TEST(Doctor, EveryConsumerGetsALineWithTheModule) {
  std::string all;
  for (const auto& one : consumers("/opt/x/libsceau-pkcs11.so")) {
    CHECK_TEXT(one.line.find("/opt/x/libsceau-pkcs11.so") != std::string::npos, one.name.c_str());
    all += one.name + "\n";
  }
  for (const char* name : {"ssh", "NSS", "Java", "OpenSSL", "curl", "p11-kit"})
    CHECK_TEXT(all.find(name) != std::string::npos, name);
}
