// A real sceaud that asks browsers for a card's certificate: whom it lets read, and that she does nothing
// else.
#include <CppUTest/TestHarness.h>

#include <cstdlib>
#include <ctime>

#include "gate_process.h"
#include "http.h"
#include "sceau/base/files.h"

using namespace sceau;
using namespace sceau::test;

TEST_GROUP(SceaudCards) {
  GateHome home{World::Until::project, std::time(nullptr)};
  GateProcess gate{home.path(), {"--card-listen", "127.0.0.1:0"}};
  std::unique_ptr<HttpsClient> client = gate.connect();

  // A browser that shows this key's certificate where cards are asked for; none: no certificate.
  std::unique_ptr<HttpsClient> browser(const CardKey* key) {
    const std::string url = to_text(read_file(home.path() / "card.url").value());
    const auto port =
        static_cast<unsigned short>(std::strtoul(url.c_str() + url.rfind(':') + 1, nullptr, 10));
    const auto own = home.path() / "own.pem";
    if (key != nullptr) {
      Bytes pem = to_bytes(key->key.to_pem().view());
      append(pem, as_bytes(key->certificate->to_pem()));
      CHECK(write_file(own, pem, 0600).ok());
    }
    return HttpsClient::connect(port, (home.path() / "tls.pem").string(), false,
                                key == nullptr ? "" : own.string());
  }
  HttpAnswer log_in(const CardKey* key) { return browser(key)->post("/login/card", R"({"type":"card"})"); }
  HttpAnswer post(const Signed& given) { return client->post("/statements", envelope_of(given)); }
  void refused(const CardKey* key, const char* why) {
    const HttpAnswer answer = log_in(key);
    LONGS_EQUAL(403, answer.status);
    STRCMP_CONTAINS(why, answer.body.c_str());
    CHECK(answer.body.find("session\"") == std::string::npos);
  }
};

TEST(SceaudCards, ACardsCertificateOpensASessionThatReads) {
  const Signed given =
      home.write("extraction.request", {"dora"}, home.world.request_body("individual"), newest_tree(*client));
  LONGS_EQUAL(200, post(given).status);
  const HttpAnswer answer = log_in(&home.world.card("carl").login);
  LONGS_EQUAL(200, answer.status);
  STRCMP_EQUAL("carl", field(json_of(answer), "person").c_str());
  const std::string session = field(json_of(answer), "session");
  const HttpAnswer seen = client->get("/requests/" + to_hex(given.digest()), session);
  LONGS_EQUAL(200, seen.status);
  STRCMP_EQUAL("pending", field(json_of(seen), "state").c_str());
}

TEST(SceaudCards, SuchASessionTakesNoRowsOpeningsOrPasses) {
  const Signed given =
      home.write("extraction.request", {"dora"}, home.world.request_body("aggregate"), newest_tree(*client));
  STRCMP_EQUAL("admitted", field(json_of(post(given)), "state").c_str());
  const std::string dora = field(json_of(log_in(&home.world.card("dora").login)), "session");
  const HttpAnswer rows = client->get("/requests/" + to_hex(given.digest()) + "/rows", dora);
  LONGS_EQUAL(403, rows.status);
  STRCMP_CONTAINS("reads only", rows.body.c_str());
  const std::string ada = field(json_of(log_in(&home.world.card("ada").login)), "session");
  LONGS_EQUAL(403, client->get("/hosts/laptop/pass", ada).status);
  LONGS_EQUAL(401, client->get("/hosts/laptop/copy", ada).status);
  LONGS_EQUAL(403, client->get("/openings/1", ada).status);
  // Its rows are still there for a session that was signed for.
  const std::string signed_for = test::log_in(home, *client, "dora");
  LONGS_EQUAL(200, client->get("/requests/" + to_hex(given.digest()) + "/rows", signed_for).status);
}

TEST(SceaudCards, OnlyTheLogInCertificateOfATokenThatMayBeUsedDoes) {
  refused(nullptr, "showed none");
  refused(&home.world.card("carl").sign, "not the log-in certificate");
  CardKey stranger{pki::SoftwareKey::generate().value(), std::nullopt, {}};
  stranger.certificate =
      home.world.issue(stranger.key, "carl", pki::KeyUse::login);  // not enrolled, if by the authority
  refused(&stranger, "not the log-in certificate");
  const Signed revoked = home.write("token.revoke", {"ada"},
                                    Object{{"serial", home.world.card("carl").serial}, {"reason", "lost"}},
                                    newest_tree(*client));
  const std::string before = field(json_of(log_in(&home.world.card("carl").login)), "session");
  LONGS_EQUAL(200, client->get("/requests?state=none", before).status);
  LONGS_EQUAL(200, post(revoked).status);
  refused(&home.world.card("carl").login, "not the log-in certificate");
  LONGS_EQUAL(401, client->get("/requests?state=none", before).status);
}

TEST(SceaudCards, ACertificateWithoutItsKeyIsNoHandshake) {
  const CardKey copied{pki::SoftwareKey::generate().value(), home.world.card("carl").login.certificate, {}};
  const auto connection = browser(&copied);
  LONGS_EQUAL(403, connection == nullptr ? 403 : connection->post("/login/card", "{}").status);
}

TEST(SceaudCards, ElsewhereNoCertificateIsAskedFor) {
  LONGS_EQUAL(403, client->post("/login/card", "{}").status);
  STRCMP_CONTAINS(":", client->get("/login").body.c_str());
  CHECK(client->get("/login").body.find("id=\"log-in-card\"") == std::string::npos);
  CHECK(browser(nullptr)->get("/login").body.find("id=\"log-in-card\"") != std::string::npos);
}
