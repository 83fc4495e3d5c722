// A real sceaud over TLS on loopback: the whole way through, and clients that misbehave.
#include <CppUTest/TestHarness.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>
#include <ctime>

#include "gate_process.h"
#include "http.h"
#include "sceau/base/files.h"

using namespace sceau;
using namespace sceau::test;

namespace {

constexpr int kManyPeople = 400'000;  // about 15 MB of rows: more than the sockets between hold

Time machine_time() { return std::time(nullptr); }

}  // namespace

TEST_GROUP(Sceaud) {
  GateHome home{World::Until::project, machine_time()};
  GateProcess gate{home.path()};
  std::unique_ptr<HttpsClient> client = gate.connect();

  Signed request(const std::string& kind = "aggregate", std::int64_t max_rows = 1000) {
    Object body = home.world.request_body(kind);
    body["max_rows"] = max_rows;
    return home.write("extraction.request", {"dora"}, body, newest_tree(*client));
  }
  HttpAnswer post(const Signed& given) { return client->post("/statements", envelope_of(given)); }
  Signed approval(const Signed& given) {
    return home.write("approval", {"carl"},
                      Object{{"request", given.digest()}, {"evidence", given.evidence_digest()}},
                      newest_tree(*client));
  }
};

TEST(Sceaud, ShowsItsStateAndRemovesItsAddressWhenItStops) {
  CHECK(client != nullptr);
  STRCMP_EQUAL(kRealm, field(json_of(client->get("/state")), "realm").c_str());
  CHECK(std::filesystem::exists(home.path() / "gate.url"));
  client.reset();
  const int status = gate.stop(SIGTERM);
  CHECK(WIFEXITED(status));
  LONGS_EQUAL(0, WEXITSTATUS(status));
  CHECK(!std::filesystem::exists(home.path() / "gate.url"));
}

TEST(Sceaud, MakesItsFilesForItsUserAlone) {
  const std::string status = to_text(read_file("/proc/" + std::to_string(gate.id()) + "/status").value());
  CHECK(status.find("Umask:\t0077\n") != std::string::npos);
}

TEST(Sceaud, NobodyWhoOnlyHoldsTheLineKeepsItFromStopping) {
  const auto silent = connect_socket(gate.port());  // never begins its handshake
  auto half = gate.connect();
  CHECK(half->send("POST /statements HTTP/1.1\r\nHost: l\r\nContent-Le"));
  LONGS_EQUAL(200, client->get("/state").status);  // and stays open
  const int status = gate.stop(SIGTERM);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  CHECK(gate.log().find("cutting off") == std::string::npos);
}

TEST(Sceaud, WithAPostgresqlSourceItStartsInNoEnvironmentThatCouldLeadItElsewhere) {
  gate.stop(SIGTERM);
  const auto file = home.path() / "sceau.toml";
  const std::string config = to_text(*read_file(file));
  {
    GateProcess sqlite(home.path(), {}, {"PGHOST=/elsewhere"});
    CHECK(sqlite.port() != 0);
  }
  CHECK(write_file(file, as_bytes(config + "[sources.pg]\npostgresql = \"host=/nowhere user=gate\"\n")).ok());
  GateProcess led(home.path(), {}, {"PGHOST=/elsewhere"});
  LONGS_EQUAL(0, led.port());
  const int status = led.wait();
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 1);
  STRCMP_CONTAINS("opening source \"pg\": the environment has PGHOST", led.log().c_str());
}

TEST(Sceaud, SpeaksNothingOlderThanTls13) {
  CHECK(HttpsClient::connect(gate.port(), (home.path() / "tls.pem").string(), true) == nullptr);
}

TEST(Sceaud, ServesTheLogAsTiles) {
  CHECK(client->get("/checkpoint").body.starts_with(std::string(kRealm) + "\n"));
  const auto size = newest_tree(*client).size;
  LONGS_EQUAL(32 * size, client->get("/tile/0/000.p/" + std::to_string(size)).body.size());
  LONGS_EQUAL(200, client->get("/tile/entries/000.p/" + std::to_string(size)).status);
  LONGS_EQUAL(404, client->get("/tile/0/001").status);
  CHECK(client->get("/trust").body.starts_with("-----BEGIN CERTIFICATE-----"));
  LONGS_EQUAL(200, client->get("/blobs/" + to_hex(home.world.authority->digest())).status);
}

TEST(Sceaud, CarriesARequestFromItsSignatureToItsRows) {
  const Signed given = request();
  const Value admitted = json_of(post(given));
  STRCMP_EQUAL("admitted", field(admitted, "state").c_str());
  STRCMP_EQUAL(to_hex(given.digest()).c_str(), field(admitted, "request").c_str());
  const std::string path = "/requests/" + to_hex(given.digest());
  LONGS_EQUAL(401, client->get(path + "/rows").status);
  const std::string session = log_in(home, *client, "dora");
  const HttpAnswer rows = client->get(path + "/rows", session);
  CHECK(rows.whole);
  LONGS_EQUAL(200, rows.status);
  const Value result = json_of(client->get(path + "/result", session));
  const auto stated = statement::read_statement(from_base64(field(result, "statement")).value()).value();
  STRCMP_EQUAL(to_hex(sha256(as_bytes(rows.body))).c_str(), field(stated.body, "sha256").c_str());
  LONGS_EQUAL(403, client->get(path + "/rows", session).status);
  LONGS_EQUAL(200, client->get("/receipts/" + to_hex(given.digest())).status);
}

TEST(Sceaud, AnswersARefusalWithItsReceipt) {
  const Signed given = request();
  post(given);
  const HttpAnswer again = post(given);
  LONGS_EQUAL(403, again.status);
  const Value body = json_of(again);
  STRCMP_EQUAL("refused", field(body, "kind").c_str());
  CHECK(!field(body, "error").empty());
  CHECK(body.contains("receipt"));
}

TEST(Sceaud, ALongPollAnswersAsSoonAsTheApproverHasSigned) {
  const Signed given = request("individual");
  STRCMP_EQUAL("pending", field(json_of(post(given)), "state").c_str());
  const std::string session = log_in(home, *client, "dora");
  auto waiting = gate.connect();
  CHECK(waiting->send("GET /requests/" + to_hex(given.digest()) +
                      "?wait=20 HTTP/1.1\r\nHost: l\r\nAuthorization: Bearer " + session + "\r\n\r\n"));
  LONGS_EQUAL(200, post(approval(given)).status);
  STRCMP_EQUAL("admitted", field(json_of(waiting->read_answer()), "state").c_str());
}

TEST(Sceaud, RefusesWhatIsNoStatementAndGoesOn) {
  LONGS_EQUAL(400, client->post("/statements", "{}").status);
  LONGS_EQUAL(400, client->post("/statements", "{\"a\":1,\"a\":2}").status);
  LONGS_EQUAL(400, client->post("/statements", std::string(100'000, '[')).status);
  LONGS_EQUAL(
      400, client->post("/statements", "{\"blobs\":[],\"evidence\":\"e30=\",\"statement\":\"e30=\"}").status);
  LONGS_EQUAL(404, client->get("/nothing/here").status);
  LONGS_EQUAL(404, client->post("/state", "{}").status);
  LONGS_EQUAL(400, client->get("/requests/xyz", log_in(home, *client, "dora")).status);
  LONGS_EQUAL(200, client->get("/state").status);
}

TEST(Sceaud, RefusesAnEnvelopeWithAnUnknownField) {
  std::string envelope = envelope_of(request());
  envelope.insert(envelope.size() - 1, ",\"z\":1");
  LONGS_EQUAL(400, client->post("/statements", envelope).status);
}

TEST(Sceaud, TurnsAwayABodyThatIsTooLargeBeforeReadingIt) {
  CHECK(client->send("POST /statements HTTP/1.1\r\nHost: l\r\nContent-Length: 900000000\r\n\r\n"));
  LONGS_EQUAL(413, client->read_answer().status);
}

TEST(Sceaud, AClientThatSendsTooMuchStillReadsWhyItWasTurnedAway) {
  LONGS_EQUAL(413, client->post("/statements", std::string(3'000'000, 'x')).status);
}

TEST(Sceaud, TurnsAwayAHeaderThatIsTooLarge) {
  client->send("GET /state HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n");
  LONGS_EQUAL(431, client->read_answer().status);
}

TEST(Sceaud, TurnsAwayWhatIsNoHttp) {
  CHECK(client->send("\x16\x03\x01 EHLO\r\n\r\n"));
  LONGS_EQUAL(400, client->read_answer().status);
  auto other = gate.connect();
  CHECK(other->send("DELETE /state HTTP/1.1\r\nHost: l\r\n\r\n"));
  LONGS_EQUAL(405, other->read_answer().status);
}

TEST(Sceaud, ABodyOfAnUnknownCodingIsNotTakenForTheNextRequest) {
  CHECK(client->send(
      "GET /state HTTP/1.1\r\nHost: l\r\nTransfer-Encoding: xchunked\r\n\r\nGET /state HTTP/1.1\r\n"
      "Host: l\r\n\r\n"));
  LONGS_EQUAL(400, client->read_answer().status);
  LONGS_EQUAL(0, client->read_answer().status);
}

TEST(Sceaud, HeadersThatContradictThemselvesAreRefused) {
  for (const char* headers :
       {"", "Host: a\r\nHost: b\r\n", "Host: l\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n"}) {
    auto one = gate.connect();
    CHECK(one->send(std::string("GET /state HTTP/1.1\r\n") + headers + "\r\n"));
    LONGS_EQUAL(400, one->read_answer().status);
  }
}

TEST(Sceaud, HeadIsAnsweredWithoutABody) {
  CHECK(client->send("HEAD /state HTTP/1.1\r\nHost: l\r\nConnection: close\r\n\r\n"));
  std::string answer;
  for (std::string some = client->read_some(); !some.empty(); some = client->read_some()) answer += some;
  STRCMP_CONTAINS(" 405 ", answer.c_str());
  CHECK(answer.ends_with("\r\n\r\n"));
}

TEST(Sceaud, ASlowClientLosesItsOwnConnectionAndNobodyElses) {
  auto slow = gate.connect();
  CHECK(slow->send("POST /statements HTTP/1.1\r\nHost:"));
  LONGS_EQUAL(200, client->get("/state").status);
  STRCMP_EQUAL("", slow->read_some().c_str());  // closed on it after ten seconds
  LONGS_EQUAL(200, client->get("/state").status);
}

TEST(Sceaud, TwoHundredIdleClientsLeaveRoomForTheNext) {
  std::vector<std::unique_ptr<HttpsClient>> idle;
  for (int i = 0; i < 200; ++i) {
    idle.push_back(gate.connect());
    CHECK(idle.back() != nullptr);
  }
  LONGS_EQUAL(200, post(request()).status);
  LONGS_EQUAL(200, idle.front()->get("/state").status);
  LONGS_EQUAL(200, idle.back()->get("/state").status);
}

TEST(Sceaud, ClientsThatSayNothingMakeRoomForTheNext) {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  std::vector<FileDescriptor> silent;
  for (int i = 0; i < 1500; ++i) {
    silent.push_back(connect_socket(gate.port()));
    CHECK(silent.back().valid());
  }
  auto next = gate.connect();
  CHECK(next != nullptr);
  LONGS_EQUAL(200, next->get("/state").status);
}

// As when it is started by hand: its descriptors would be used up before its connections are.
TEST(Sceaud, SilentClientsLeaveTheDescriptorsThatAnExtractionNeeds) {
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  client.reset();
  gate.stop(SIGTERM);
  rlimit few = before;
  few.rlim_cur = 128;
  ::setrlimit(RLIMIT_NOFILE, &few);
  GateProcess started(home.path());
  before.rlim_cur = before.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &before);
  client = started.connect();
  const Signed given = request();
  LONGS_EQUAL(200, post(given).status);
  const std::string session = log_in(home, *client, "dora");
  std::vector<FileDescriptor> silent;
  for (int i = 0; i < 300; ++i) silent.push_back(connect_socket(started.port()));
  LONGS_EQUAL(200, client->get("/requests/" + to_hex(given.digest()) + "/rows", session).status);
  client.reset();
}

TEST(Sceaud, ASecondOneOnTheSameHomeIsRefused) {
  GateProcess second(home.path());
  const int status = second.wait();
  LONGS_EQUAL(3, WEXITSTATUS(status));
  STRCMP_CONTAINS("is using this home", second.log().c_str());
}

TEST(Sceaud, AfterAKillItsHomeOpensAgain) {
  LONGS_EQUAL(200, post(request()).status);
  gate.stop(SIGKILL);
  const auto opened = home.open();
  LONGS_EQUAL(1, count(*opened, "extraction.request"));
}

TEST_GROUP(SceaudRows) {
  GateHome home{World::Until::project, machine_time(), kManyPeople};
  GateProcess gate{home.path()};
  std::unique_ptr<HttpsClient> client = gate.connect();
  std::string session;

  // An admitted request whose rows the client has asked for.
  Digest ask_for_rows(const std::string& sql = {}) {
    must_open_project();
    Object body = home.world.request_body("individual");
    body["max_rows"] = kManyPeople;
    body["project"] = "wide";
    if (!sql.empty()) body["sql"] = Array{sql};
    const Signed given = home.write("extraction.request", {"dora"}, body, newest_tree(*client));
    STRCMP_EQUAL("pending", field(json_of(client->post("/statements", envelope_of(given))), "state").c_str());
    const Signed approval = home.write(
        "approval", {"carl"}, Object{{"request", given.digest()}, {"evidence", given.evidence_digest()}},
        newest_tree(*client));
    LONGS_EQUAL(200, client->post("/statements", envelope_of(approval)).status);
    session = log_in(home, *client, "dora");
    CHECK(client->send("GET /requests/" + to_hex(given.digest()) +
                       "/rows HTTP/1.1\r\nHost: l\r\nAuthorization: Bearer " + session + "\r\n\r\n"));
    return given.digest();
  }
  // A request for many rows, whose sending has begun.
  void begin_rows() {
    ask_for_rows();
    for (std::size_t size = 0; size < 300'000;) {  // more than the first piece
      const std::string some = client->read_some();
      CHECK(!some.empty());
      size += some.size();
    }
  }
  // The world's project allows a thousand rows.
  void must_open_project() {
    const auto say = [&](const std::string& type, Object body) {
      const Signed given = home.write(type, {"ada"}, std::move(body), newest_tree(*client));
      LONGS_EQUAL(200, client->post("/statements", envelope_of(given)).status);
    };
    const Time now = home.world.clock.now();
    say("project.close", {{"project", "asthma"}, {"reason", "a larger one follows"}});
    say("project.open", {{"project", "wide"},
                         {"title", "All of them"},
                         {"sources", Array{"snds"}},
                         {"kinds", Array{"individual"}},
                         {"from", to_rfc3339(now - 60)},
                         {"until", to_rfc3339(now + 86400)},
                         {"max_rows", 1000000}});
    say("project.assign", {{"project", "wide"}, {"person", "dora"}, {"until", to_rfc3339(now + 86400)}});
  }
  Value result() {
    const auto opened = home.open();
    LONGS_EQUAL(1, count(*opened, "extraction.result"));
    return newest(*opened, "extraction.result");
  }
};

TEST(SceaudRows, AClientThatDiesLeavesAnExactInterruptedResult) {
  begin_rows();
  client->reset();
  gate.stop(SIGTERM);
  const Value stated = result();
  STRCMP_EQUAL("interrupted", field(stated, "outcome").c_str());
  CHECK(stated.find("exact")->as_bool());
  CHECK(stated.find("bytes")->as_int() > 0);
  CHECK(stated.find("rows")->as_int() < kManyPeople);
}

TEST(SceaudRows, AClientThatDiesEndsTheQueryThatRunsForIt) {
  const Digest request = ask_for_rows(
      "SELECT a.BEN_NIR_PSA, b.BEN_NAI_ANN FROM IR_BEN_R a CROSS JOIN IR_BEN_R b "
      "WHERE a.BEN_NAI_ANN > b.BEN_NAI_ANN + 5000");  // looks at 160 thousand million pairs, and finds none
  const auto other = gate.connect();
  const auto state = [&](const std::string& waiting) {
    return field(json_of(other->get("/requests/" + to_hex(request) + waiting, session)), "state");
  };
  while (state("") == "admitted") {
  }
  STRCMP_EQUAL("running", state("").c_str());
  client->reset();
  STRCMP_EQUAL("interrupted", state("?wait=30").c_str());
  gate.stop(SIGTERM);
  STRCMP_CONTAINS("the line broke while the request ran", field(result(), "reason").c_str());
}

TEST(SceaudRows, AGateThatIsStoppedSaysWhatItHadSent) {
  begin_rows();
  const int status = gate.stop(SIGTERM);
  CHECK(WIFEXITED(status));
  const Value stated = result();
  STRCMP_EQUAL("interrupted", field(stated, "outcome").c_str());
  CHECK(stated.find("exact")->as_bool());
}

TEST(SceaudRows, AGateThatIsKilledWritesTheUpperBoundAtItsNextStart) {
  begin_rows();
  gate.stop(SIGKILL);
  const Value stated = result();
  STRCMP_EQUAL("interrupted", field(stated, "outcome").c_str());
  CHECK(!stated.find("exact")->as_bool());
  LONGS_EQUAL(kManyPeople, stated.find("rows")->as_int());
}
