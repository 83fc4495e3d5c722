#include <CppUTest/TestHarness.h>

#include "people.h"
#include "sceau/base/files.h"
#include "sceau/client/gate_client.h"

using namespace sceau;
using namespace sceau::client;

TEST_GROUP(GateClient) {
  test::Folder folder;
  const test::People people;
  std::filesystem::path certificate() {
    auto file = folder / "gate.pem";
    (void)write_file(file, as_bytes(people.certificate.to_pem()));
    return file;
  }
};

TEST(GateClient, NeedsTheCertificateThatTheGateMustShow) {
  const auto client = GateClient::open({"https://127.0.0.1:1", folder / "missing.pem"});
  CHECK(!client.ok());
  CHECK(client.error().kind == ErrorKind::not_found);
}

TEST(GateClient, SpeaksHttpsOnly) {
  const auto client = GateClient::open({"http://127.0.0.1:1", certificate()});
  CHECK(!client.ok());
  CHECK(client.error().message.find("https://") != std::string::npos);
}

TEST(GateClient, AGateThatIsNotThereIsUnavailableAndNamed) {
  auto client = GateClient::open({"https://127.0.0.1:1", certificate()});
  CHECK(client.ok());
  const auto state = (*client)->state();
  CHECK(!state.ok());
  CHECK(state.error().kind == ErrorKind::unavailable);
  CHECK(state.error().message.find("https://127.0.0.1:1") != std::string::npos);
}
