// A home: made once, read strictly, its keys kept to their owner.
#include <CppUTest/TestHarness.h>
#include <sys/stat.h>

#include "gate_home.h"
#include "sceau/base/files.h"

using namespace sceau;
using namespace sceau::test;

TEST_GROUP(Home) {
  Folder folder;
  gate::Home home{folder.path() / "a" / "home"};
  SystemClock clock;
  SystemRandom random;
  gate::HomeConfig config;

  void setup() override {
    config.realm = "example.org/warehouse";
    config.sources["snds"].file = "/srv/snds.db";
  }
  Result<gate::HomeConfig> read(const std::string& text) {
    std::filesystem::create_directories(home.folder());
    CHECK(write_file(home.file("sceau.toml"), as_bytes(text)).ok());
    return gate::read_home_config(home);
  }
  std::string complaint(const std::string& text) {
    const auto config_read = read(text);
    return config_read ? "" : config_read.error().message;
  }
};

TEST(Home, IsMadeWithKeysThatOnlyItsOwnerReads) {
  const auto made = gate::create_home(home, config, clock, random);
  CHECK(made.ok());
  CHECK(made->log.starts_with("example.org/warehouse+"));
  for (const char* name : {"gate.key", "checkpoint.key", "pseudonym.key", "sceau.toml"}) {
    struct stat status {};
    LONGS_EQUAL(0, ::stat(home.file(name).c_str(), &status));
    LONGS_EQUAL(0600, status.st_mode & 0777U);
  }
  const auto read_back = gate::read_home_config(home);
  STRCMP_EQUAL("example.org/warehouse", read_back->realm.c_str());
  STRCMP_EQUAL("/srv/snds.db", read_back->sources.at("snds").file.c_str());
}

TEST(Home, OpensAsAGateThatAwaitsItsGenesis) {
  CHECK(gate::create_home(home, config, clock, random).ok());
  gate::GateOptions options;
  options.home = home.folder();
  options.clock = &clock;
  options.random = &random;
  auto gate = gate::Gate::open(options);
  CHECK(gate.ok());
  LONGS_EQUAL(0, (*gate)->ledger().head()->size);
}

TEST(Home, IsNeverMadeOverAnother) {
  CHECK(gate::create_home(home, config, clock, random).ok());
  const Bytes key = read_file(home.file("gate.key")).value();
  CHECK(gate::create_home(home, config, clock, random).error().kind == ErrorKind::refused);
  CHECK(key == read_file(home.file("gate.key")).value());
}

TEST(Home, ARealmThatCannotNameALogLeavesNothingBehind) {
  config.realm = "two words";
  CHECK(!gate::create_home(home, config, clock, random).ok());
  CHECK(!std::filesystem::exists(home.file("gate.key")));
}

TEST(Home, AKeyThatOthersMayReadIsRefused) {
  GateHome made;
  std::filesystem::permissions(made.path() / "gate.key", std::filesystem::perms(0644));
  const auto opened = gate::Gate::open(made.options());
  CHECK(opened.error().kind == ErrorKind::refused);
  STRCMP_CONTAINS("chmod 600", opened.error().message.c_str());
}

TEST(Home, KeysThatAreNotTheEnrolledOnesAreRefused) {
  GateHome made;
  const auto key = pki::SoftwareKey::generate().value();
  const auto certificate = pki::self_signed_gate(key, "gate", {kBegin - 10, kBegin + 1000}, random).value();
  CHECK(write_file(made.path() / "gate.key", key.to_pem().view(), 0600).ok());
  CHECK(write_file(made.path() / "gate.pem", as_bytes(certificate.to_pem())).ok());
  STRCMP_CONTAINS("enrolled with other keys", gate::Gate::open(made.options()).error().message.c_str());
}

TEST(Home, ConfigurationIsReadStrictlyAndComplaintsNameTheLine) {
  STRCMP_CONTAINS("line 2", complaint("realm = \"r\"\nrealm = \"s\"\n").c_str());
  STRCMP_CONTAINS("names no realm", complaint("[gate]\nruns = 1\n").c_str());
  STRCMP_CONTAINS("line 3", complaint("realm = \"r\"\n[gate]\nlissten = \"x\"\n").c_str());
  STRCMP_CONTAINS("1 to 64", complaint("realm = \"r\"\n[gate]\nruns = 0\n").c_str());
  STRCMP_CONTAINS("path", complaint("realm = \"r\"\n[sources.a]\n").c_str());
  STRCMP_CONTAINS("must be a text", complaint("realm = 3\n").c_str());
  CHECK(read("realm = \"r\"\n[client]\ngate = \"https://x\"\n").ok());
}

TEST(Home, ASourcesRelativePathIsRelativeToTheHome) {
  STRCMP_EQUAL(home.file("data/x.db").c_str(),
               read("realm = \"r\"\n[sources.a]\npath = \"data/x.db\"\n")->sources.at("a").file.c_str());
}

TEST(Home, ASourceIsASqliteFileOrAPostgresqlDatabase) {
  const auto database =
      read("realm = \"r\"\n[sources.a]\npostgresql = \"dbname=snds user=gate\"\nschema = \"care\"\n");
  CHECK(database.ok());
  const auto& place = database->sources.at("a");
  CHECK(place.engine == source::Engine::postgresql);
  STRCMP_EQUAL("dbname=snds user=gate", place.postgresql.place.c_str());
  STRCMP_EQUAL("care", place.postgresql.schema.c_str());
  config.sources = database->sources;
  std::filesystem::remove_all(home.folder());
  CHECK(gate::create_home(home, config, clock, random).ok());
  const auto again = gate::read_home_config(home);
  STRCMP_EQUAL("care", again->sources.at("a").postgresql.schema.c_str());
  STRCMP_CONTAINS("either path",
                  complaint("realm = \"r\"\n[sources.a]\npath = \"x\"\npostgresql = \"y\"\n").c_str());
  STRCMP_CONTAINS("schema", complaint("realm = \"r\"\n[sources.a]\npath = \"x\"\nschema = \"y\"\n").c_str());
}
