// The spool gives back what was written, or says that it cannot.
#include "spool.h"

#include <CppUTest/TestHarness.h>

#include "gate_home.h"
#include "outgoing.h"

using namespace sceau;
using namespace sceau::test;

TEST_GROUP(Spool) {
  Folder folder;
  SystemRandom random;

  static Bytes numbers(std::size_t size) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 31 >> 3);
    return bytes;
  }
  Bytes through(const Bytes& bytes, std::size_t step) {
    auto spool = gate::Spool::create(folder.path(), random).value();
    for (std::size_t at = 0; at < bytes.size(); at += step) {
      CHECK(spool.write(ByteView(bytes).subspan(at, std::min(step, bytes.size() - at))).ok());
    }
    CHECK(spool.seal().ok());
    Bytes back;
    for (;;) {
      const Bytes piece = spool.read().value();
      if (piece.empty()) return back;
      append(back, piece);
    }
  }
};

TEST(Spool, GivesBackEveryByteAtEverySize) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, gate::kSpoolPiece - 1, gate::kSpoolPiece,
                                 gate::kSpoolPiece + 1, 3 * gate::kSpoolPiece}) {
    const Bytes bytes = numbers(size);
    CHECK(bytes == through(bytes, 100'003));
  }
}

TEST(Spool, LeavesNoNameInItsFolder) {
  auto spool = gate::Spool::create(folder.path(), random).value();
  CHECK(spool.write(numbers(10)).ok());
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST(Spool, AFolderThatIsNotThereIsSaid) {
  CHECK(gate::Spool::create(folder.path() / "no", random).error().kind == ErrorKind::unavailable);
}

TEST(Spool, WhatACrashLeftIsCleared) {
  CHECK(write_file(folder.path() / "extraction-abcdef", numbers(10)).ok());
  gate::clear_spool(folder.path());
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_GROUP(RecordCounter){
    static std::int64_t records(std::string_view text, std::size_t step){gate::RecordCounter counter;
for (std::size_t at = 0; at < text.size(); at += step) counter.update(as_bytes(text.substr(at, step)));
return counter.records();
}
}
;

TEST(RecordCounter, CountsLineEndsOutsideQuotesWhereverThePiecesEnd) {
  constexpr std::string_view text = "a,b\r\n1,\"x\r\ny\"\r\n2,\"he said \"\"no\"\"\n\"\r\n3,";
  for (std::size_t step = 1; step <= text.size(); ++step) LONGS_EQUAL(3, records(text, step));
}
