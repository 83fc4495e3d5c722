// What the token shows: golden files for every act, texts that would deceive, and the host's own rendering.
//
// SCEAU_WRITE_LINES=1 writes the golden files anew; look at what changed before keeping them.
#include <cstdlib>
#include <filesystem>
#include <random>
#include <set>
#include <vector>

#include "samples.h"
#include "sceau/base/files.h"
#include "sceau/statement/lines.h"
#include "statement/lines.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using sceau::Bytes;
namespace host = sceau::statement;
namespace token = sceau::firmware::statement;

namespace {

class Collector final : public token::LineSink {
 public:
  void line(std::string_view text) override {
    lines += text;
    lines += '\n';
    std::size_t columns = 0;
    for (const char c : text) columns += (static_cast<unsigned char>(c) & 0xC0U) != 0x80 ? 1 : 0;
    CHECK(columns <= token::kLineColumns);
    CHECK(!text.empty() && text.back() != ' ');
  }
  std::string lines;
};

std::string token_lines(const Bytes& statement, const Bytes* request = nullptr) {
  const auto read = token::read_statement(statement);
  CHECK(read.ok());
  Collector collector;
  if (request == nullptr) {
    token::write_lines(read.value(), nullptr, collector);
  } else {
    const auto about = token::read_statement(*request);
    CHECK(about.ok());
    token::write_lines(read.value(), &about.value(), collector);
  }
  return collector.lines;
}

std::string host_lines(const Bytes& statement, const Bytes* request = nullptr) {
  const auto read = host::read_statement(statement);
  CHECK(read.ok());
  if (request == nullptr) return host::shown_lines(*read);
  const auto about = host::read_statement(*request);
  CHECK(about.ok());
  return host::shown_lines(*read, &*about);
}

std::filesystem::path folder() { return std::string(SCEAU_TEST_VECTORS) + "/lines"; }

void check_golden(const std::string& name, const Bytes& statement, const std::string& lines) {
  if (std::getenv("SCEAU_WRITE_LINES") != nullptr) {  // NOLINT(concurrency-mt-unsafe): one thread
    CHECK(sceau::write_file(folder() / (name + ".json"), statement).ok());
    CHECK(sceau::write_file(folder() / (name + ".txt"), sceau::to_bytes(lines)).ok());
  }
  const auto kept_statement = sceau::read_file(folder() / (name + ".json"));
  const auto kept_lines = sceau::read_file(folder() / (name + ".txt"));
  CHECK_TEXT(kept_statement.ok() && kept_lines.ok(), name.c_str());
  STRCMP_EQUAL(sceau::to_text(*kept_lines).c_str(), token_lines(*kept_statement).c_str());
  STRCMP_EQUAL(sceau::to_text(*kept_lines).c_str(), host_lines(*kept_statement).c_str());
}

Bytes with_purpose(const std::string& purpose) {
  auto body = host::read_statement(sceau::test::sample(*host::find_type("extraction.request"), false))->body;
  body.as_object()["purpose"] = purpose;
  return sceau::test::sample_with("extraction.request", body);
}

std::string purpose_shown(const std::string& purpose) {
  const std::string lines = token_lines(with_purpose(purpose));
  const auto from = lines.find("\npurpose:") + 1;
  return lines.substr(from, lines.find("\nsource: ") - from);
}

}  // namespace

TEST_GROUP(ShownLines){};

TEST(ShownLines, EveryActHasItsGoldenLines) {
  for (const auto& type : host::all_types()) {
    const Bytes statement = sceau::test::sample(type, true);
    check_golden(std::string(type.name), statement, token_lines(statement));
  }
}

// What a token really shows of one: it signs none without its request.
TEST(ShownLines, EveryDecisionHasItsGoldenLinesBesideItsRequest) {
  for (const std::string type : {"approval", "refusal", "export.release"}) {
    const std::string about = type == "export.release" ? "export.request" : "extraction.request";
    const Bytes decision = sceau::test::sample(*host::find_type(type), true);
    const Bytes request = sceau::test::sample(*host::find_type(about), true);
    const std::string lines = token_lines(decision, &request);
    const auto path = folder() / (type + ".with-request.txt");
    if (std::getenv("SCEAU_WRITE_LINES") != nullptr)  // NOLINT(concurrency-mt-unsafe): one thread
      CHECK(sceau::write_file(path, sceau::to_bytes(lines)).ok());
    const auto kept = sceau::read_file(path);
    CHECK_TEXT(kept.ok(), type.c_str());
    STRCMP_EQUAL(sceau::to_text(*kept).c_str(), lines.c_str());
    STRCMP_EQUAL(sceau::to_text(*kept).c_str(), host_lines(decision, &request).c_str());
  }
}

TEST(ShownLines, ADecisionIsShownWithItsRequest) {
  const Bytes request = sceau::test::sample(*host::find_type("extraction.request"), true);
  const Bytes refusal = sceau::test::decision_on(request, sceau::test::evidence_by("alice"), "refusal");
  const std::string lines = token_lines(refusal, &request);
  STRCMP_EQUAL(host_lines(refusal, &request).c_str(), lines.c_str());
  CHECK(lines.find("refuse a request\nby: alice\n") == 0);
  CHECK(lines.find("\nreason: \"not justified\"\n-- the request: --\nask for an extraction\n") !=
        std::string::npos);
  CHECK(lines.ends_with("\nsignatures: 2 with yours\n"));
}

TEST(ShownLines, LettersThatLookAlikeAreShownByTheirNumbers) {
  STRCMP_EQUAL("purpose: \"p\\u{430}ris\"", purpose_shown("p\u0430ris").c_str());        // Cyrillic a
  STRCMP_EQUAL("purpose: \"\\u{391}\\u{415}\"", purpose_shown("\u0391\u0415").c_str());  // Greek, Cyrillic
  STRCMP_EQUAL("purpose: \"l\\u{2019}an\"", purpose_shown("l\u2019an").c_str());
  STRCMP_EQUAL("purpose: \"1\\u{2044}2\"", purpose_shown("1\u20442").c_str());
  STRCMP_EQUAL("purpose: \"\\u{FF41}\"", purpose_shown("\uFF41").c_str());
}

TEST(ShownLines, FrenchIsReadable) {
  STRCMP_EQUAL("purpose: \"Évaluer « à l'œil » 3 €\"", purpose_shown("Évaluer « à l'œil » 3 €").c_str());
}

TEST(ShownLines, CharactersWithoutAShapeAreSeen) {
  STRCMP_EQUAL("purpose: \"a\\u{A0}b\\u{200B}c\\u{AD}\"", purpose_shown("a\u00A0b\u200Bc\u00AD").c_str());
  STRCMP_EQUAL("purpose: \"x\\u{301}\"", purpose_shown("x\u0301").c_str());
  STRCMP_EQUAL("purpose: \"\\sa \\sb\\s\"", purpose_shown(" a  b ").c_str());
}

TEST(ShownLines, RightToLeftTextIsShownByItsNumbersAndOverridesAreRefused) {
  STRCMP_EQUAL("purpose: \"\\u{5D0}\\u{5D1} 12\"", purpose_shown("\u05D0\u05D1 12").c_str());
  CHECK(with_purpose("a\u202Eb").empty());
  std::string raw = sceau::to_text(with_purpose("aXXXb"));
  raw.replace(raw.find("aXXXb"), 5, "a\u202Eb");
  CHECK_FALSE(token::read_statement(sceau::to_bytes(raw)).ok());
}

TEST(ShownLines, AFieldCannotImitateAnother) {
  const std::string imitation = "ok\" source: a kind: work max rows: 1 signatures: 1 with yours";
  const std::string lines = token_lines(with_purpose(imitation));
  std::size_t labels = 0;
  for (std::size_t at = 0; at < lines.size(); at = lines.find('\n', at) + 1) {
    if (lines[at] != ' ') ++labels;
  }
  const std::string plain = token_lines(with_purpose("ok"));
  std::size_t expected = 0;
  for (std::size_t at = 0; at < plain.size(); at = plain.find('\n', at) + 1) {
    if (plain[at] != ' ') ++expected;
  }
  CHECK_EQUAL(expected, labels);
  CHECK(lines.find("purpose: \"ok\\\" source: a kind: work max\n  rows: 1 signatures: 1 with yours\"\n") !=
        std::string::npos);
}

TEST(ShownLines, VeryLongWordsGoOnWithAMark) {
  const std::string word(100, 'x');
  STRCMP_EQUAL(("purpose:\n  \"" + std::string(37, 'x') + "\n \\" + std::string(38, 'x') + "\n \\" +
                std::string(25, 'x') + "\"")
                   .c_str(),
               purpose_shown(word).c_str());
  CHECK(purpose_shown(std::string(37, 'x') + " x") != purpose_shown(std::string(38, 'x')));
}

TEST(ShownLines, TwoTextsNeverLookTheSame) {
  // All texts of up to 3 of these parts, at the edge of a line: what is seen tells them apart.
  const std::vector<std::string> parts{"", " ", "x", "\\", "s", "\"", "u{41}", "\u0430", "xxxxxxxxxxxxxx"};
  std::set<std::string> texts, seen;
  for (const auto& a : parts) {
    for (const auto& b : parts) {
      for (const auto& c : parts) {
        const std::string text = "a234567890 b23456789 " + a + b + c;
        if (!texts.insert(text).second) continue;
        CHECK_TEXT(seen.insert(purpose_shown(text)).second, text.c_str());
      }
    }
  }
}

TEST(ShownLines, TheHostRendersTheSameOfRandomTexts) {
  const std::vector<std::string> parts{" ",
                                       "x",
                                       "\\",
                                       "\"",
                                       "é",
                                       "\u0430",
                                       "€",
                                       "word",
                                       "longer-words ",
                                       "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                                       "\U0001F600",
                                       "中"};
  std::mt19937 random(5);  // NOLINT(cert-msc32-c,cert-msc51-cpp): a test repeats
  for (int round = 0; round < 300; ++round) {
    std::string purpose = "p";
    for (auto i = random() % 40; i > 0 && purpose.size() < 430; --i)
      purpose += parts[random() % parts.size()];
    const Bytes statement = with_purpose(purpose);
    STRCMP_EQUAL(host_lines(statement).c_str(), token_lines(statement).c_str());
  }
}
