#include <CppUTest/TestHarness.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "people.h"
#include "sceau/base/files.h"
#include "sceau/client/delivery.h"

using namespace sceau;
using namespace sceau::client;

namespace {

bool there(const std::filesystem::path& file) { return std::filesystem::exists(file); }

std::string content(const std::filesystem::path& file) { return to_text(read_file(file).value()); }

}  // namespace

TEST_GROUP(Delivery){};

TEST(Delivery, FileAppearsOnlyAfterItsDigestMatched) {
  const test::Folder folder;
  const auto file = folder / "rows.csv";
  auto rows = Delivery::to_file(file, false).value();
  CHECK(rows.write(as_bytes("a,b\n")).ok());
  CHECK(rows.write(as_bytes("1,2\n")).ok());
  CHECK(!there(file));
  CHECK(there(folder / "rows.csv.part"));
  CHECK(rows.finish(sha256(as_bytes("a,b\n1,2\n"))).ok());
  STRCMP_EQUAL("a,b\n1,2\n", content(file).c_str());
  CHECK(!there(folder / "rows.csv.part"));
  UNSIGNED_LONGS_EQUAL(8, rows.bytes());
}

TEST(Delivery, WrongDigestLeavesNoFileAndSaysThatTheRowsMustNotBeUsed) {
  const test::Folder folder;
  {
    auto rows = Delivery::to_file(folder / "rows.csv", false).value();
    CHECK(rows.write(as_bytes("a\n")).ok());
    const auto finished = rows.finish(sha256(as_bytes("b\n")));
    CHECK(!finished.ok());
    CHECK(finished.error().kind == ErrorKind::corrupt);
    CHECK(finished.error().message.find("do not use them") != std::string::npos);
  }
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST(Delivery, AFileThatCannotBeWrittenIsToldBeforeAnythingIsSigned) {
  const test::Folder folder;
  CHECK(write_file(folder / "rows.csv", as_bytes("older")).ok());
  CHECK(Delivery::check_file(folder / "rows.csv", false).error().kind == ErrorKind::refused);
  CHECK(Delivery::check_file(folder / "rows.csv", true).ok());
  CHECK(Delivery::check_file(folder / "new.csv", false).ok());
  CHECK(Delivery::check_file(folder / "none" / "rows.csv", false).error().kind == ErrorKind::unavailable);
  CHECK(Delivery::check_file(folder.path(), true).error().kind == ErrorKind::refused);
  CHECK(!there(folder / "new.csv.part"));
}

TEST(Delivery, AnInterruptedOneLeavesTheOlderFileAsItWas) {
  const test::Folder folder;
  const auto file = folder / "rows.csv";
  CHECK(write_file(file, as_bytes("older")).ok());
  {
    auto rows = Delivery::to_file(file, true).value();
    CHECK(rows.write(as_bytes("half")).ok());
  }
  STRCMP_EQUAL("older", content(file).c_str());
  CHECK(!there(folder / "rows.csv.part"));
}

TEST(Delivery, AFileThatIsThereIsNotReplacedUnasked) {
  const test::Folder folder;
  const auto file = folder / "rows.csv";
  CHECK(write_file(file, as_bytes("older")).ok());
  const auto rows = Delivery::to_file(file, false);
  CHECK(!rows.ok());
  CHECK(rows.error().kind == ErrorKind::refused);
  STRCMP_EQUAL("older", content(file).c_str());
}

TEST(Delivery, OnlyItsOwnerReadsTheFile) {
  const test::Folder folder;
  auto rows = Delivery::to_file(folder / "rows.csv", false).value();
  CHECK(rows.finish(sha256(ByteView())).ok());
  struct stat status {};
  CHECK_EQUAL(0, ::stat((folder / "rows.csv").c_str(), &status));
  CHECK_EQUAL(0600U, status.st_mode & 0777U);
}

TEST(Delivery, ALinkPutInPlaceOfThePartFileIsNotFollowed) {
  const test::Folder folder;
  CHECK(write_file(folder / "precious", as_bytes("precious")).ok());
  std::filesystem::create_symlink(folder / "precious", folder / "rows.csv.part");
  CHECK(!Delivery::to_file(folder / "rows.csv", false).ok());
  STRCMP_EQUAL("precious", content(folder / "precious").c_str());
}

TEST(Delivery, AFolderThatIsNotThereIsAnErrorThatSaysWhatToDo) {
  const test::Folder folder;
  const auto rows = Delivery::to_file(folder / "missing" / "rows.csv", false);
  CHECK(!rows.ok());
  CHECK(rows.error().kind == ErrorKind::unavailable);
  CHECK(rows.error().message.find("ask again") != std::string::npos);
}

TEST(Delivery, ADescriptorThatNobodyReadsEndsIt) {
  int ends[2] = {-1, -1};
  CHECK_EQUAL(0, ::pipe(ends));
  ::close(ends[0]);
  auto before = ::signal(SIGPIPE, SIG_IGN);
  auto rows = Delivery::to_descriptor(ends[1]);
  CHECK(!rows.write(as_bytes("x")).ok());
  ::signal(SIGPIPE, before);
  ::close(ends[1]);
}
