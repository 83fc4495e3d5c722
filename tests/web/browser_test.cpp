// Whose POSTs the gate takes.
#include <CppUTest/TestHarness.h>

#include <vector>

#include "web/browser.h"

using namespace sceau;

TEST_GROUP(WebBrowser) {
  std::vector<std::string> origins{"https://gate.example", "https://localhost:*"};

  bool takes(const web::Browser& browser) { return web::check_post(browser, origins).ok(); }
};

TEST(WebBrowser, ItsOwnPagesMayAsk) {
  CHECK(takes({"https://gate.example", "same-origin", "application/json"}));
  CHECK(takes({"https://localhost:8443", "same-origin", "Application/JSON; charset=utf-8"}));
  CHECK(takes({"https://gate.example", "", "application/json"}));  // a browser without fetch metadata
}

TEST(WebBrowser, AProgramThatIsNoBrowserMayAsk) {
  CHECK(takes({}));
  CHECK(takes({"", "", "application/x-www-form-urlencoded"}));
}

TEST(WebBrowser, OtherOriginsAreRefused) {
  for (const char* origin :
       {"https://evil.example", "http://gate.example", "https://gate.example:8443",
        "https://gate.example.evil", "https://localhost", "https://localhost:", "https://localhost:1234567",
        "https://localhost:80a", "https://localhost.evil:8443", "null", "https://GATE.example"}) {
    CHECK_FALSE(takes({origin, "", "application/json"}));
  }
}

TEST(WebBrowser, WhatTheBrowserCallsAnotherSitesIsRefusedWhateverItsOrigin) {
  for (const char* site : {"cross-site", "same-site", "none", "anything"}) {
    CHECK_FALSE(takes({"https://gate.example", site, "application/json"}));
    CHECK_FALSE(takes({"", site, "application/json"}));
  }
}

TEST(WebBrowser, WhatAFormCanSendIsRefused) {
  for (const char* type : {"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data",
                           "application/jsonp", "application"}) {
    const auto checked = web::check_post({"https://gate.example", "same-origin", type}, origins);
    CHECK_FALSE(checked.ok());
    CHECK(checked.error().kind == ErrorKind::invalid);
  }
}
