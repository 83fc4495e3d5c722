#include <CppUTest/TestHarness.h>

#include <cstdlib>

#include "sceau/base/files.h"
#include "workplace.h"

using namespace sceau;
using namespace sceau::tool;

TEST_GROUP(WorkplaceHome) {
  std::string folder;
  Workplace place;
  void setup() override {
    char name[] = "/tmp/sceau-place-XXXXXX";
    folder = ::mkdtemp(name);
    place.options.home = folder;
  }
  void teardown() override { std::filesystem::remove_all(folder); }
  void write(const std::string& name, const std::string& text) const {
    CHECK(write_file(folder + "/" + name, as_bytes(text)).ok());
  }
};

TEST(WorkplaceHome, WithoutAnythingItSaysWhatToRun) {
  const auto address = place.gate_address();
  CHECK(!address.ok());
  CHECK(address.error().kind == ErrorKind::not_found);
  CHECK(address.error().message.find("sceau init") != std::string::npos);
}

TEST(WorkplaceHome, AGatesHomeWithoutItsGateSaysToStartIt) {
  write("sceau.toml", "realm = \"r\"\n");
  CHECK(place.gate_address().error().message.find("sceaud --home") != std::string::npos);
}

TEST(WorkplaceHome, ARunningGateIsFoundInItsHome) {
  write("gate.url", "https://127.0.0.1:4711\n");
  auto address = place.gate_address();
  CHECK(address.ok());
  STRCMP_EQUAL("https://127.0.0.1:4711", address->url.c_str());
  STRCMP_EQUAL((folder + "/tls.pem").c_str(), address->certificate.c_str());
}

TEST(WorkplaceHome, AClientsSettingsNameItsGate) {
  write("client.toml", "gate = \"https://gate.example.org\"\ncertificate = \"gate.pem\"\n");
  auto address = place.gate_address();
  CHECK(address.ok());
  STRCMP_EQUAL("https://gate.example.org", address->url.c_str());
  STRCMP_EQUAL((folder + "/gate.pem").c_str(), address->certificate.c_str());
}

TEST(WorkplaceHome, TheCommandLineComesFirst) {
  write("client.toml", "gate = \"https://gate.example.org\"\n");
  place.options.gate = "https://other.example.org";
  STRCMP_EQUAL("https://other.example.org", place.gate_address()->url.c_str());
}

TEST(WorkplaceHome, UnknownSettingsAreRefusedByName) {
  write("client.toml", "gate = \"https://gate.example.org\"\npin = \"123456\"\n");
  const auto address = place.gate_address();
  CHECK(!address.ok());
  CHECK(address.error().message.find("'pin'") != std::string::npos);
  write("client.toml", "gate = \n");
  CHECK(place.gate_address().error().message.find("line 1") != std::string::npos);
}
