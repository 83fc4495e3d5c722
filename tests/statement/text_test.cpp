#include <string>

#include "sceau/statement/value.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau;
using namespace sceau::statement;

namespace {
bool allowed(std::string_view text) { return check_text(text).ok(); }
void says(std::string_view text, std::string_view part) {
  const auto status = check_text(text);
  CHECK_FALSE_TEXT(status.ok(), std::string(part).c_str());
  CHECK_TEXT(status.error().message.find(part) != std::string::npos, status.error().message.c_str());
}
}  // namespace

TEST_GROUP(Text){};

TEST(Text, TakesComposedTextInAnyScript) {
  for (const char* text :
       {"", "Alice Martin", "Éloïse, œuvre n° 3 — 50 €", "日本語", "שלום", "नमस्ते", "😀 𝔘"}) {
    CHECK_TEXT(allowed(text), text);
  }
}

TEST(Text, RefusesWhatIsNotShortestUtf8) {
  for (const char* text : {"\x80", "\xC0\xAF", "\xC1\x81", "\xE0\x80\xAF", "\xF0\x80\x80\xAF", "\xED\xA0\x80",
                           "\xED\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xC3", "\xE2\x82",
                           "\xF0\x9F\x98", "\xC3(", "a\xFE"}) {
    says(text, "not UTF-8");
  }
}

TEST(Text, RefusesControlCharacters) {
  using namespace std::string_view_literals;
  for (const auto text : {"\0"sv, "a\nb"sv, "\t"sv, "\x1B[2J"sv, "\x7F"sv, "\xC2\x80"sv, "\xC2\x9F"sv}) {
    says(text, "a control character");
  }
}

TEST(Text, RefusesBidirectionalControls) {
  for (const char* text : {"\u061C", "\u200E", "\u200F", "\u202A", "\u202B", "\u202C", "\u202D", "a\u202Eb",
                           "\u2066", "\u2067", "\u2068", "\u2069"}) {
    says(text, "a bidirectional control");
  }
}

TEST(Text, RefusesNoncharacters) {
  for (const char* text : {"\xEF\xBF\xBE", "\xEF\xBF\xBF", "\xEF\xB7\x90", "\xF4\x8F\xBF\xBF"})
    says(text, "a noncharacter");
}

TEST(Text, RefusesWhatIsNotNfc) {
  says("e\u0301", "not in Unicode form NFC");       // decomposed é
  says("\u212B", "not in Unicode form NFC");        // Ångström sign
  says("a\u0323\u0307\u0301x\u0301\u0323", "NFC");  // marks out of order
  says("\u1100\u1161", "NFC");                      // Hangul jamo
  says("\u0958", "NFC");                            // composition exclusion
}
