// What a project was given is there again, or its aggregates stop.
#include "given.h"

#include <CppUTest/TestHarness.h>

#include "gate_home.h"
#include "sceau/base/files.h"

using namespace sceau;
using namespace sceau::test;

TEST_GROUP(Given) {
  Folder folder;
  SystemRandom random;
  gate::GivenLocks locks;
  Secret key{Bytes(32, 8)};
  std::vector<Digest> let_out;

  std::unique_ptr<gate::Given> given(int request, const std::string& project = "p-42") {
    return std::make_unique<gate::Given>(gate::Given::Place{folder.path(), project, digest(request)}, key,
                                         locks, random, [this] { return let_out; });
  }
  static Digest digest(int number) { return sha256(as_bytes(std::to_string(number))); }

  // Keeps `answer`, and gives what was kept before; nothing when that fails.
  std::optional<std::vector<Bytes>> keep(int request, const std::string& answer,
                                         const std::string& project = "p-42") {
    std::vector<Bytes> before;
    const auto status =
        given(request, project)->with([&](const std::vector<Bytes>& earlier) -> Result<Bytes> {
          before = earlier;
          return to_bytes(answer);
        });
    if (!status) return std::nullopt;
    return before;
  }
  std::filesystem::path file() const { return std::filesystem::directory_iterator(folder.path())->path(); }
};

TEST(Given, ComesBackInItsOrderAndToItsProject) {
  CHECK(keep(1, "first")->empty());
  CHECK(keep(2, "second") == std::vector<Bytes>{to_bytes("first")});
  CHECK(keep(3, "elsewhere", "p-43")->empty());
  CHECK(keep(4, "third") == (std::vector<Bytes>{to_bytes("first"), to_bytes("second")}));
}

TEST(Given, IsNotReadableOnDisk) {
  CHECK(keep(1, "some words that would be seen").has_value());
  const Bytes bytes = read_file(file()).value();
  CHECK(as_text(bytes).find("some words") == std::string_view::npos);
}

TEST(Given, ARefusedDecisionKeepsNothing) {
  const auto refused = given(1)->with([](const auto&) -> Result<Bytes> {
    return Error{ErrorKind::refused, "too many values"};
  });
  CHECK(refused.error().kind == ErrorKind::refused);
  CHECK(keep(2, "answer")->empty());
}

// A crash between the first and the last byte of a frame.
TEST(Given, AFrameThatWasNotWrittenToItsEndIsWrittenOver) {
  keep(1, "first");
  const auto whole = std::filesystem::file_size(file());
  keep(2, "second");
  std::filesystem::resize_file(file(), whole + 7);
  CHECK(keep(3, "third") == std::vector<Bytes>{to_bytes("first")});
  CHECK(keep(4, "fourth") == (std::vector<Bytes>{to_bytes("first"), to_bytes("third")}));
}

TEST(Given, WhatTheRegistrySaysWasLetOutMustBeThere) {
  let_out = {digest(1)};
  CHECK_FALSE(keep(2, "second").has_value());
  let_out.clear();
  keep(1, "first");
  let_out = {digest(1)};
  CHECK(keep(2, "second").has_value());
  std::filesystem::remove(file());
  const auto status = given(3)->with([](const auto&) -> Result<Bytes> { return Bytes{}; });
  CHECK(status.error().kind == ErrorKind::corrupt);
}

TEST(Given, AChangedByteOrAnotherProjectsFileIsFound) {
  keep(1, "first");
  const auto ours = file();
  Bytes bytes = read_file(ours).value();
  for (std::size_t i = 4; i < bytes.size(); ++i) {
    bytes[i] ^= 1U;
    CHECK(write_file(ours, bytes, 0600).ok());
    CHECK_FALSE(keep(2, "second").has_value());
    bytes[i] ^= 1U;
  }
  const auto other = folder.path() / to_hex(sha256(as_bytes(std::string("p-43")))).substr(0, 32);
  std::filesystem::rename(ours, other);
  CHECK_FALSE(keep(2, "second", "p-43").has_value());
}
