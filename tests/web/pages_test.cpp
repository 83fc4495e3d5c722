// What the pages hold, in which language, and under which headers.
#include <CppUTest/TestHarness.h>

#include <map>
#include <set>

#include "web/pages.h"

using namespace sceau::web;

namespace {

std::string header(std::span<const Header> headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (key == name) return std::string(value);
  }
  return {};
}

std::size_t count_of(const std::string& text, std::string_view what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_GROUP(WebPages) {
  Facts facts{"registre.exemple.fr/entrepot", "localhost", {}, false};
  std::string page(const std::string& path, Language language = Language::english) {
    const auto found = find_page(path, language, facts);
    CHECK(found.has_value());
    return found ? found->body : std::string();
  }
};

TEST(WebPages, RunTheirOwnScriptAndNothingElse) {
  const std::string policy = header(page_headers(), "Content-Security-Policy");
  STRCMP_CONTAINS("default-src 'none'", policy.c_str());
  STRCMP_CONTAINS("script-src 'self'; style-src 'self'; connect-src 'self';", policy.c_str());
  STRCMP_CONTAINS("base-uri 'none'", policy.c_str());
  STRCMP_CONTAINS("form-action 'none'", policy.c_str());
  STRCMP_CONTAINS("frame-ancestors 'none'", policy.c_str());
  CHECK(policy.find("unsafe") == std::string::npos);
  for (const char* path : {"/login", "/approve", "/enrol"}) {
    const std::string body = page(path);
    LONGS_EQUAL(1, count_of(body, "<script"));
    STRCMP_CONTAINS("<script src=\"/pages/page.js\" defer></script>", body.c_str());
    LONGS_EQUAL(0, count_of(body, "<style"));
    LONGS_EQUAL(0, count_of(body, " style="));
    for (const char* handler : {" onclick", " onload", " onsubmit", "javascript:", "http:", "//cdn"}) {
      LONGS_EQUAL(0, count_of(body, handler));
    }
  }
}

TEST(WebPages, OfferKeysToThemselvesAlone) {
  const std::string policy = header(page_headers(), "Permissions-Policy");
  STRCMP_CONTAINS("publickey-credentials-get=(self)", policy.c_str());
  STRCMP_CONTAINS("publickey-credentials-create=(self)", policy.c_str());
  STRCMP_EQUAL("no-referrer", header(common_headers(), "Referrer-Policy").c_str());
  STRCMP_EQUAL("nosniff", header(common_headers(), "X-Content-Type-Options").c_str());
  STRCMP_CONTAINS("frame-ancestors 'none'", header(document_headers(), "Content-Security-Policy").c_str());
}

TEST(WebPages, TheScriptMakesNoMarkupAndKeepsNothing) {
  const std::string script = page("/pages/page.js");
  for (const char* word : {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(",
                           "Function(", "localStorage", "sessionStorage", "document.cookie"}) {
    LONGS_EQUAL(0, count_of(script, word));
  }
}

TEST(WebPages, EveryPlaceIsFilledInBothLanguages) {
  for (const Language language : {Language::english, Language::french}) {
    for (const char* path : {"/login", "/approve", "/enrol"}) {
      const std::string body = page(path, language);
      LONGS_EQUAL(0, count_of(body, "{{"));
      for (const char* empty :
           {"<h1></h1>", "<h2 tabindex=\"-1\"></h2>", "\"></label>", "<button type=\"submit\"></"}) {
        LONGS_EQUAL(0, count_of(body, empty));
      }
      STRCMP_CONTAINS(language == Language::french ? "<html lang=\"fr\"" : "<html lang=\"en\"", body.c_str());
      STRCMP_CONTAINS(language == Language::french ? "href=\"?lang=en\"" : "href=\"?lang=fr\"", body.c_str());
    }
  }
}

TEST(WebPages, EverySentenceIsThereOnceAndInBothLanguages) {
  std::set<std::string_view> names;
  for (const auto& texts : {page_texts(), spoken_texts()}) {
    for (const Text& text : texts) {
      CHECK(names.insert(text.name).second);
      CHECK(!text.english.empty());
      CHECK(!text.french.empty());
      LONGS_EQUAL(count_of(std::string(text.english), "{"), count_of(std::string(text.french), "{"));
    }
  }
}

TEST(WebPages, WhatTheScriptSaysIsInThePage) {
  const std::string script = page("/pages/page.js"), body = page("/approve");
  std::size_t asked = 0;
  for (std::size_t at = script.find("text('"); at != std::string::npos; at = script.find("text('", at + 1)) {
    const std::string name = script.substr(at + 6, script.find('\'', at + 6) - at - 6);
    STRCMP_CONTAINS(("data-text=\"" + name + "\"").c_str(), body.c_str());
    ++asked;
  }
  CHECK(asked > 10);
}

TEST(WebPages, AScreenReaderFindsItsWay) {
  for (const char* path : {"/login", "/approve", "/enrol"}) {
    const std::string body = page(path);
    for (const char* part : {"<main id=\"main\"", "<header>", "<footer>",
                             "<nav aria-label=", "role=\"alert\"", "role=\"status\" aria-live=\"polite\"",
                             "class=\"skip\" href=\"#main\"", "<label for=\"person\">"}) {
      STRCMP_CONTAINS(part, body.c_str());
    }
    LONGS_EQUAL(1, count_of(body, "<h1>"));
    LONGS_EQUAL(1, count_of(body, "aria-current=\"page\""));
    // Every field has its label, every section its heading.
    LONGS_EQUAL(count_of(body, "<input "), count_of(body, "<label for="));
    LONGS_EQUAL(count_of(body, "<section "),
                count_of(body, " aria-labelledby=\"") - count_of(body, "<pre id=\"lines\""));
  }
}

TEST(WebPages, WhatEnrolmentAddsIsSaidAtItsButton) {
  STRCMP_CONTAINS("one more, which counts once it is enrolled", page("/enrol").c_str());
  STRCMP_CONTAINS("aria-describedby=\"one-more\"", page("/enrol").c_str());
}

TEST(WebPages, WhatComesFromOutsideIsNoMarkup) {
  facts.realm = "<script>alert(\"1\")</script>&";
  facts.rp_id = "a\"onload=\"b";
  const std::string body = page("/login");
  LONGS_EQUAL(1, count_of(body, "<script"));
  STRCMP_CONTAINS("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;", body.c_str());
  STRCMP_CONTAINS("data-rp-id=\"a&quot;onload=&quot;b\"", body.c_str());
}

TEST(WebPages, OtherPathsAreNone) {
  for (const char* path :
       {"/", "/login/", "/pages/", "/pages/shell.html", "/Login", "login", "/enrolx", "//login"}) {
    CHECK_FALSE(find_page(path, Language::english, facts).has_value());
  }
}

TEST_GROUP(WebLanguage){bool french(std::string_view accept, std::string_view chosen = {}){
    return choose_language(chosen, accept) == Language::french;
}
}
;

TEST(WebLanguage, IsTheOneThatTheBrowserPrefers) {
  CHECK(french("fr"));
  CHECK(french("fr-CA,fr;q=0.9,en;q=0.8"));
  CHECK(french("de, FR;q=0.5"));
  CHECK(french("en;q=0.2, fr;q=0.25"));
  CHECK_FALSE(french(""));
  CHECK_FALSE(french("en-GB,en;q=0.9,fr;q=0.8"));
  CHECK_FALSE(french("fr;q=0"));
  CHECK_FALSE(french("fro, frr"));
  CHECK_FALSE(french(";;;,,,q=,fr;q=x"));
  CHECK_FALSE(french("*"));
}

TEST(WebLanguage, ALinksChoiceCounts) {
  CHECK(french("en", "fr"));
  CHECK_FALSE(french("fr", "en"));
  CHECK(french("fr", "<script>"));
}
