// The token's reader of statements beside the host's: what one takes, the other takes.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>

#include "samples.h"
#include "sceau/base/files.h"
#include "statement/statement.h"
#include "statement/text.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using sceau::Bytes;
namespace host = sceau::statement;
namespace token = sceau::firmware::statement;

namespace {

// In memory of exactly its size, so that AddressSanitizer sees one byte read too many.
bool token_takes(const Bytes& bytes) {
  const std::unique_ptr<std::uint8_t[]> exact(new std::uint8_t[bytes.size()]);
  std::copy(bytes.begin(), bytes.end(), exact.get());
  return token::read_statement({exact.get(), bytes.size()}).ok();
}

bool agree(const Bytes& bytes) {
  const auto read = host::read_statement(bytes);
  return token_takes(bytes) == (read.ok() && host::tokens_read(read->type, read->body));
}

std::string printable(const Bytes& bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) {
    char code[8];
    std::snprintf(code, sizeof code, "\\x%02x", byte);
    if (byte >= 0x20 && byte < 0x7F) {
      text += static_cast<char>(byte);
    } else {
      text += code;
    }
  }
  return text;
}

// What a mutation puts in: spellings that one reader might take for another.
const std::vector<std::string> kPieces{"\"",
                                       "\\\"",
                                       "\\\\",
                                       "\\u0041",
                                       "\\n",
                                       "\\/",
                                       "\n",
                                       " ",
                                       ",",
                                       ":",
                                       "{",
                                       "}",
                                       "[",
                                       "]",
                                       "{}",
                                       "[]",
                                       "null",
                                       "true",
                                       "false",
                                       "-0",
                                       "0",
                                       "00",
                                       "01",
                                       "-1",
                                       "1.0",
                                       "1e3",
                                       "9007199254740992",
                                       "9007199254740993",
                                       "99999999999999999999",
                                       "\xC3\xA9",
                                       "e\xCC\x81",
                                       "\xCC\x81",
                                       "\xCC\xA3\xCC\x81",
                                       "\xCC\x81\xCC\xA3",
                                       "\xE2\x80\xAE",
                                       "\xE2\x80\x99",
                                       "\xED\xA0\x80",
                                       "\xC0\x80",
                                       "\xF0\x9F\x98\x80",
                                       "\xEF\xBF\xBF",
                                       "\xEA\xB0\x80\xE1\x86\xA8",
                                       "\xE1\x84\x80\xE1\x85\xA1",
                                       "\xC2\xA0",
                                       "\xC2\x85",
                                       "\x7F",
                                       "\x01",
                                       "\"sceau\":1,",
                                       "\"type\":\"login\",",
                                       "\"body\":{},",
                                       "extraction.request",
                                       "approval",
                                       "=",
                                       "A",
                                       "a",
                                       "2026-02-29T00:00:00Z",
                                       "2028-02-29T00:00:00Z",
                                       "Z",
                                       "T",
                                       "-",
                                       "work",
                                       "*"};

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  void mutate(Bytes& bytes) {
    const std::size_t at = below(bytes.size() + 1);
    const auto place = bytes.begin() + static_cast<long>(at);
    const auto& piece = kPieces[below(kPieces.size())];
    const std::size_t left = bytes.size() - at;
    switch (below(6)) {
      case 0:
        if (left > 0) *place = static_cast<std::uint8_t>(random_());
        break;
      case 1:
        bytes.insert(place, piece.begin(), piece.end());
        break;
      case 2:
        bytes.erase(place, place + static_cast<long>(std::min<std::size_t>(left, 1 + below(4))));
        break;
      case 3:  // a stretch twice
        repeat(bytes, at, std::min<std::size_t>(left, 1 + below(40)));
        break;
      case 4:  // a piece in the place of something as long
        for (std::size_t i = 0; i < piece.size() && i < left; ++i) {
          bytes[at + i] = static_cast<std::uint8_t>(piece[i]);
        }
        break;
      default:
        if (left > 1) std::swap(bytes[at], bytes[at + 1]);
    }
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }
  static void repeat(Bytes& bytes, std::size_t at, std::size_t size) {
    const Bytes part(bytes.begin() + static_cast<long>(at), bytes.begin() + static_cast<long>(at + size));
    bytes.insert(bytes.begin() + static_cast<long>(at), part.begin(), part.end());
  }

  std::mt19937 random_;
};

std::string encode(std::uint32_t c) {
  std::string out;
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | (c >> 12));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (c >> 18));
    out += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
  return out;
}

bool host_takes_text(const std::string& text) {
  return host::parse_canonical(sceau::to_bytes("\"" + text + "\"")).ok();
}
bool token_takes_text(const std::string& text) {
  const Bytes bytes = sceau::to_bytes("\"" + text + "\"");
  token::Scanner scanner(bytes);
  token::Text read;
  return scanner.text(read) && scanner.done();
}

}  // namespace

TEST_GROUP(TokenReader){};

TEST(TokenReader, TakesEveryTypeThatTheTableHas) {
  for (const auto& type : host::all_types()) {
    for (const bool full : {false, true}) {
      const Bytes bytes = sceau::test::sample(type, full);
      CHECK_TEXT(!bytes.empty(), std::string(type.name).c_str());
      const auto read = token::read_statement(bytes);
      CHECK_TEXT(read.ok(), std::string(type.name).c_str());
      CHECK(read.value().type->name() == type.name);
    }
  }
}

TEST(TokenReader, TakesTheGoodVectorsAndRefusesTheHostileOnes) {
  const std::filesystem::path folder = std::string(SCEAU_TEST_VECTORS) + "/statement";
  std::size_t count = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder / "good")) {
    CHECK_TEXT(token_takes(*sceau::read_file(file.path())), file.path().c_str());
    ++count;
  }
  for (const auto& file : std::filesystem::directory_iterator(folder / "hostile")) {
    CHECK_FALSE_TEXT(token_takes(*sceau::read_file(file.path())), file.path().c_str());
    ++count;
  }
  CHECK(count > 40);
}

// A result of kind work names the tables that it made: gates sign that, and tokens refuse it.
TEST(TokenReader, RefusesWhatGatesAloneSign) {
  auto result = host::read_statement(sceau::test::sample(*host::find_type("extraction.result"), true));
  CHECK(result.ok());
  host::Object body = result->body.as_object();
  body["dropped"] = host::Array{"T"};
  const Bytes bytes = sceau::test::sample_with("extraction.result", std::move(body));
  CHECK(host::read_statement(bytes).ok());
  CHECK_FALSE(token_takes(bytes));
  CHECK(agree(bytes));
}

TEST(TokenReader, AgreesWithTheHostOnEveryOneByteChange) {
  Bytes bytes = sceau::test::sample(*host::find_type("approval"), true);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::uint8_t was = bytes[i];
    for (const unsigned now :
         {0x00U, 0x20U, 0x22U, 0x2CU, 0x30U, 0x39U, 0x41U, 0x5CU, 0x61U, 0x7BU, 0x7DU, 0x80U, 0xFFU}) {
      bytes[i] = static_cast<std::uint8_t>(now);
      CHECK_TEXT(agree(bytes), printable(bytes).c_str());
    }
    bytes[i] = was;
  }
}

TEST(TokenReader, AgreesWithTheHostOnEveryBeginning) {
  const Bytes bytes = sceau::test::sample(*host::find_type("project.open"), true);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK_FALSE(token_takes(Bytes(bytes.begin(), bytes.begin() + static_cast<long>(size))));
  }
  Bytes longer = bytes;
  longer.push_back('\n');
  CHECK_FALSE(token_takes(longer));
}

TEST(TokenReader, AgreesWithTheHostOnRandomMutations) {
  constexpr int kRounds = 4;
  int taken = 0;
  for (const auto& type : host::all_types()) {
    for (int round = 0; round < kRounds; ++round) {
      Mutator mutator(static_cast<unsigned>(round) * 1000 + static_cast<unsigned>(type.name.size()));
      Bytes bytes = sceau::test::sample(type, round % 2 == 0);
      for (int step = 0; step < 40; ++step) {
        Bytes changed = bytes;
        mutator.mutate(changed);
        if (step % 3 == 0) mutator.mutate(changed);
        CHECK_TEXT(agree(changed), printable(changed).c_str());
        if (!host::read_statement(changed)) continue;
        ++taken;
        bytes = changed;  // go on from what both still take
      }
    }
  }
  CHECK(taken > 30);
}

TEST(TokenReader, AgreesWithTheHostOnTheLargestStatement) {
  for (const int more : {0, 1}) {
    host::Object body =
        host::read_statement(sceau::test::sample(*host::find_type("extraction.request"), false))
            ->body.as_object();
    const auto filled = [&](std::size_t size) {
      body["sql"] = host::Array{std::string(size, 'x'), std::string(1000, 'y')};
      return sceau::test::sample_with("extraction.request", body);
    };
    const Bytes near = filled(14000);
    Bytes bytes = filled(14000 + token::kMaxStatement - near.size());
    CHECK_EQUAL(token::kMaxStatement, bytes.size());
    CHECK(token_takes(bytes));
    const std::string word = "yyyy";
    const auto at = std::search(bytes.begin(), bytes.end(), word.begin(), word.end());
    if (more == 1) bytes.insert(at, 'y');
    CHECK(agree(bytes));
    CHECK_EQUAL(more == 0, token_takes(bytes));
  }
}

TEST(TokenReader, AgreesWithTheHostOnEveryCharacter) {
  for (std::uint32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    if (c > 0x3200 && c < 0xA600 && c % 97 != 0) continue;                 // ideographs, all alike
    if (c > 0xAC20 && c < 0xD780 && c % 41 != 0) continue;                 // syllables
    if (c > 0x20000 && c < 0x2F700 && c % 997 != 0) continue;              // ideographs
    if (c > 0x2FB00 && c % 4001 != 0 && (c & 0xFFFE) != 0xFFFE) continue;  // nobody's
    const std::string text = encode(c);
    if (host_takes_text(text) == token_takes_text(text)) continue;
    char name[16];
    std::snprintf(name, sizeof name, "U+%04X", static_cast<unsigned>(c));
    FAIL(name);
  }
}

TEST(TokenReader, AgreesWithTheHostOnMarksThatCombineAndCompose) {
  // Letters with marks, marks, syllables in parts, and vowel signs that compose though they start.
  const std::vector<std::uint32_t> parts{
      0x61,  0x65,    0xE2,   0xEA,   0x1EA1,  0x1EAD,  0x323,  0x301, 0x302,  0x31B, 0x327,  0x338,
      0x345, 0x1D165, 0x1100, 0x1161, 0x11A8,  0xAC00,  0xAC01, 0x9C7, 0x9BE,  0x9D7, 0xDD9,  0xDCF,
      0xDCA, 0xDDC,   0x1025, 0x102E, 0x11131, 0x11127, 0x3B1,  0x313, 0x1F00, 0x342, 0x4E2D, 0x20};
  std::mt19937 random(7);  // NOLINT(cert-msc32-c,cert-msc51-cpp): a test repeats
  int normal = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    const std::size_t size = 1 + random() % 6;
    for (std::size_t i = 0; i < size; ++i) text += encode(parts[random() % parts.size()]);
    const bool taken = host_takes_text(text);
    normal += taken ? 1 : 0;
    CHECK_TEXT(taken == token_takes_text(text), printable(sceau::to_bytes(text)).c_str());
  }
  CHECK(normal > 1000);
}

TEST(TokenReader, TakesAnyNumberOfMarksAfterALetter) {
  std::string marks = "x";
  for (int i = 0; i < 3000; ++i) marks += encode(0x301);
  CHECK(host_takes_text(marks));
  CHECK(token_takes_text(marks));
  marks += encode(0x323);
  CHECK_FALSE(host_takes_text(marks));
  CHECK_FALSE(token_takes_text(marks));
}
