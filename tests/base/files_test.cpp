#include "sceau/base/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include <CppUTest/TestHarness.h>

using namespace sceau;

TEST_GROUP(Files) {
  std::filesystem::path folder;

  void setup() override {
    std::string name = (std::filesystem::temp_directory_path() / "sceau-base-XXXXXX").string();
    CHECK_TRUE(::mkdtemp(name.data()) != nullptr);
    folder = name;
  }
  void teardown() override { std::filesystem::remove_all(folder); }

  std::ptrdiff_t count() const {
    return std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator());
  }
};

TEST(Files, WhatIsWrittenReadsBack) {
  const Bytes bytes(200000, 0x5A);
  CHECK_TRUE(write_file(folder / "file", bytes).ok());
  CHECK_TRUE(read_file(folder / "file").value() == bytes);
  CHECK_TRUE(write_file(folder / "empty", {}).ok());
  CHECK_TRUE(read_file(folder / "empty").value().empty());
}

TEST(Files, AWriteReplacesTheWholeFileAndLeavesNothingBeside) {
  CHECK_TRUE(write_file(folder / "file", as_bytes("a long first text")).ok());
  CHECK_TRUE(write_file(folder / "file", as_bytes("short")).ok());
  CHECK_EQUAL(std::string("short"), to_text(read_file(folder / "file").value()));
  CHECK_EQUAL(1, count());
}

TEST(Files, TheModeIsTheOneAskedFor) {
  CHECK_TRUE(write_file(folder / "secret", as_bytes("x"), 0600).ok());
  struct stat status {};
  CHECK_EQUAL(0, ::stat((folder / "secret").c_str(), &status));
  CHECK_EQUAL(0600U, status.st_mode & 0777U);
}

TEST(Files, AFailedWriteLeavesTheOldFileAndNothingBeside) {
  // The target is a folder that is not empty: the rename at the very end fails.
  std::filesystem::create_directories(folder / "target" / "inside");
  const Status status = write_file(folder / "target", as_bytes("x"));
  CHECK_FALSE(status.ok());
  CHECK_TRUE(status.error().kind == ErrorKind::unavailable);
  CHECK_TRUE(std::filesystem::exists(folder / "target" / "inside"));
  CHECK_EQUAL(1, count());
  CHECK_FALSE(write_file(folder / "no" / "folder", as_bytes("x")).ok());
}

TEST(Files, ReadingTellsWhatIsMissingFromWhatIsTooLarge) {
  CHECK_TRUE(read_file(folder / "nothing").error().kind == ErrorKind::not_found);
  CHECK_TRUE(read_file(folder / "nothing").error().message.find("No such file") != std::string::npos);
  CHECK_TRUE(write_file(folder / "file", Bytes(11)).ok());
  CHECK_TRUE(read_file(folder / "file", 10).error().kind == ErrorKind::invalid);
  CHECK_TRUE(read_file(folder / "file", 11).ok());
  CHECK_TRUE(read_file(folder).error().kind == ErrorKind::unavailable);
}

TEST(Files, SyncingNeedsAFolder) {
  CHECK_TRUE(sync_folder(folder).ok());
  CHECK_FALSE(sync_folder(folder / "nothing").ok());
}

TEST(Files, ADescriptorIsClosedByItsOneOwner) {
  int number = -1;
  {
    FileDescriptor first(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    CHECK_TRUE(first.valid());
    number = first.get();
    FileDescriptor second = std::move(first);
    CHECK_FALSE(first.valid());  // NOLINT: what a move leaves is what is tested
    CHECK_EQUAL(number, second.get());
    CHECK_TRUE(::fcntl(number, F_GETFD) >= 0);
  }
  CHECK_TRUE(::fcntl(number, F_GETFD) < 0);
}
