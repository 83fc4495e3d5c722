// A real sceaud that lets one query run at a time, and those who would keep others from their turn.
#include <CppUTest/TestHarness.h>

#include <ctime>

#include "gate_process.h"
#include "http.h"
#include "sceau/base/files.h"

using namespace sceau;
using namespace sceau::test;

namespace {

constexpr int kPlacesOfOne = 5;

std::string asking_for(const Digest& request, const std::string& session) {
  return "GET /requests/" + to_hex(request) + "/rows HTTP/1.1\r\nHost: l\r\nAuthorization: Bearer " +
         session + "\r\n\r\n";
}

}  // namespace

TEST_GROUP(SceaudLine) {
  GateHome home{World::Until::project, std::time(nullptr), 100'000};
  std::unique_ptr<GateProcess> gate;
  std::unique_ptr<HttpsClient> client;
  std::vector<std::unique_ptr<HttpsClient>> waiting;

  void setup() override {
    const auto file = home.path() / "sceau.toml";
    std::string config = to_text(read_file(file).value());
    const std::string section = "[gate]\n";
    config.insert(config.find(section) + section.size(), "runs = 1\n");
    CHECK(write_file(file, as_bytes(config), 0600).ok());
    gate = std::make_unique<GateProcess>(home.path());
    client = gate->connect();
    const std::string until = to_rfc3339(home.world.clock.now() + 86400);
    say("role.grant", {"ada", "bea"},
        {{"person", "erik"}, {"role", "agent"}, {"organisation", "cnam"}, {"until", until}});
    say("project.assign", {"ada"}, {{"project", "asthma"}, {"person", "erik"}, {"until", until}});
  }
  HttpAnswer post(const Signed& given) { return client->post("/statements", envelope_of(given)); }
  void say(const std::string& type, const std::vector<std::string>& people, Object body) {
    LONGS_EQUAL(200, post(home.write(type, people, std::move(body), newest_tree(*client))).status);
  }
  // Her approved request, for which the database works longer than any test.
  Digest approved(const std::string& person) {
    Object body = home.world.request_body("individual");
    body["sql"] = Array{
        "SELECT a.BEN_NIR_PSA, b.BEN_NAI_ANN FROM IR_BEN_R a CROSS JOIN IR_BEN_R b "
        "WHERE a.BEN_NAI_ANN > b.BEN_NAI_ANN + 5000"};
    const Signed given = home.write("extraction.request", {person}, body, newest_tree(*client));
    STRCMP_EQUAL("pending", field(json_of(post(given)), "state").c_str());
    say("approval", {"carl"}, {{"request", given.digest()}, {"evidence", given.evidence_digest()}});
    return given.digest();
  }
  // She asks so many times for its rows, each time on a line of its own. What was said before is taken up
  // before what is said later.
  Digest ask(const std::string& person, int times) {
    const Digest request = approved(person);
    const std::string session = log_in(home, *client, person);
    for (int i = 0; i < times; ++i) {
      waiting.push_back(gate->connect());
      CHECK(waiting.back()->send(asking_for(request, session)));
      LONGS_EQUAL(200, client->get("/state").status);
    }
    return request;
  }
};

TEST(SceaudLine, NobodyFillsItAlone) {
  const Digest request = ask("dora", 3 * kPlacesOfOne);
  // carl may not have these rows, and is told so at once.
  const HttpAnswer other =
      client->get("/requests/" + to_hex(request) + "/rows", log_in(home, *client, "carl"));
  LONGS_EQUAL(404, other.status);
  const HttpAnswer one_too_many = waiting.back()->read_answer();
  LONGS_EQUAL(503, one_too_many.status);
  STRCMP_CONTAINS("ask again in a while", one_too_many.body.c_str());
}

TEST(SceaudLine, StrangersDoNotStandInIt) {
  ask("dora", kPlacesOfOne);
  const Digest request = ask("erik", kPlacesOfOne);
  const std::string rows = "/requests/" + to_hex(request) + "/rows";
  LONGS_EQUAL(503, client->get(rows, log_in(home, *client, "carl")).status);  // it is full
  LONGS_EQUAL(401, client->get(rows).status);
  LONGS_EQUAL(401, client->get(rows, std::string(64, '0')).status);
  LONGS_EQUAL(401, client->post("/statements?run=1", "{}").status);
}
