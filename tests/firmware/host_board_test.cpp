// The simulator's flash: what the disk sees, and in which order.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "board/host/flash_file.h"
#include "ram_board.h"
#include "store/store.h"

#include <CppUTest/TestHarness.h>

using namespace sceau::firmware;        // NOLINT
using namespace sceau::firmware::host;  // NOLINT

namespace {

// Passes everything on, and writes down what was done.
class RecordingOperations final : public FileOperations {
 public:
  bool write_at(int file, ByteView bytes, off_t offset) override {
    done += 'w';
    if (write_fails) return false;
    return real_.write_at(file, bytes, offset);
  }
  bool sync(int file) override {
    done += 's';
    return !sync_fails && real_.sync(file);
  }

  std::string done;
  bool write_fails = false;
  bool sync_fails = false;

 private:
  RealFileOperations real_;
};

struct TemporaryFolder {
  TemporaryFolder() {
    char name[] = "/tmp/sceau-flash-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~TemporaryFolder() {
    for (const char* file : {"/token", "/token.fuses"}) ::unlink((path + file).c_str());
    ::rmdir(path.c_str());
  }
  std::string path;
};

}  // namespace

TEST_GROUP(FlashFile) {
  TemporaryFolder folder;
  RecordingOperations operations;
  std::string path = folder.path + "/token";

  FlashFile open() {
    OpenedFlash opened = open_flash(path, operations);
    STRCMP_EQUAL("", opened.error.c_str());
    return {std::move(opened.file), std::move(opened.content), operations};
  }
};

TEST(FlashFile, IsMadeBlankAndOnTheDiskWithItsFolder) {
  FlashFile flash = open();
  CHECK_EQUAL(64U, flash.page_count());
  STRCMP_EQUAL("wss", operations.done.c_str());
}

TEST(FlashFile, ProgramAndEraseAreOnTheDiskBeforeTheyReturn) {
  FlashFile flash = open();
  operations.done.clear();
  const std::uint8_t word[] = {1, 2, 3, 4};
  CHECK(flash.program(8, word) == Status::kOk);
  STRCMP_EQUAL("ws", operations.done.c_str());
  CHECK(flash.erase(0) == Status::kOk);
  STRCMP_EQUAL("wsws", operations.done.c_str());
}

TEST(FlashFile, FailsWhenTheDiskDoes) {
  FlashFile flash = open();
  const std::uint8_t word[] = {1, 2, 3, 4};
  operations.sync_fails = true;
  CHECK(flash.program(8, word) == Status::kHardware);
  CHECK(flash.erase(1) == Status::kHardware);
  operations.sync_fails = false;
  operations.write_fails = true;
  CHECK(flash.program(8, word) == Status::kHardware);
}

TEST(FlashFile, ProgramsLikeNorAndErasesWholePages) {
  std::array<std::uint8_t, 4> read{};
  {
    FlashFile flash = open();
    const std::uint8_t first[] = {0xF0, 0xFF, 0x0F, 0xAA};
    const std::uint8_t second[] = {0x3F, 0xFF, 0xFF, 0x0F};
    flash.program(4096, first);
    flash.program(4096, second);
  }
  FlashFile flash = open();
  CHECK(flash.read(4096, read) == Status::kOk);
  const std::uint8_t expected[] = {0x30, 0xFF, 0x0F, 0x0A};
  CHECK(equal(read, expected));
  CHECK(flash.erase(1) == Status::kOk);
  flash.read(4096, read);
  CHECK_EQUAL(0xFF, read[0]);
  CHECK(flash.program(4097, expected) == Status::kHardware);
  CHECK(flash.program(64 * 4096, expected) == Status::kHardware);
  CHECK(flash.erase(64) == Status::kHardware);
}

TEST(FlashFile, BelongsToOneProcessAndIsPrivate) {
  FlashFile flash = open();
  const OpenedFlash again = open_flash(path, operations);
  CHECK(again.error.find("in use by another token") != std::string::npos);
  struct stat status {};
  ::stat(path.c_str(), &status);
  CHECK_EQUAL(0600U, status.st_mode & 0777U);
}

TEST(FlashFile, RefusesAFileThatIsNoFlash) {
  const File file(::open(path.c_str(), O_WRONLY | O_CREAT, 0600));
  CHECK_EQUAL(5, ::write(file.get(), "hello", 5));
  CHECK(open_flash(path, operations).error.find("is not a flash image") != std::string::npos);
}

TEST(FlashFile, FusesKeepSecretAndSerial) {
  const Fuses made = open_fuses(path, 1234567, operations);
  STRCMP_EQUAL("", made.error.c_str());
  CHECK_EQUAL(1234567U, made.serial);
  const Fuses read = open_fuses(path, 0, operations);
  CHECK(read.secret == made.secret);
  CHECK_EQUAL(1234567U, read.serial);
  CHECK(open_fuses(path, 99, operations).error.find("has serial number 1234567") != std::string::npos);
  CHECK(made.secret != (std::array<std::uint8_t, 32>{}));
}
