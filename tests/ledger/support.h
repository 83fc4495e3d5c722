// What the ledger's tests share: folders, keys, entries, vectors.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sceau/base/random.h"
#include "sceau/ledger/ledger.h"
// CppUTest's macros come after the standard headers.
#include <CppUTest/TestHarness.h>

namespace sceau::ledger::test {

// The value, or a failed test that says why there is none.
template <typename T>
T take(Result<T> result) {
  if (!result) FAIL(result.error().message.c_str());
  return std::move(result).value();
}
inline void take(const Status& status) {
  if (!status) FAIL(status.error().message.c_str());
}

// Fails the test unless the result is a failure of this kind.
template <typename T>
void check_fails(const Result<T>& result, ErrorKind kind) {
  if (result) FAIL("succeeded, and must not have");
  if (result.error().kind != kind) FAIL(("failed, but so: " + result.error().message).c_str());
}

// A folder of its own, gone with all it holds at the end.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path file(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

inline constexpr const char* kOrigin = "log.example/entrepot";

// The log's key: the seed is `first`, `first` + 1, …
NoteSigner signer(std::uint8_t first = 0, NoteKeyType type = NoteKeyType::ed25519,
                  const char* name = kOrigin);

// Entry number `number`, always the same; `size` bytes of statement.
Entry entry(std::uint64_t number, std::size_t size = 200);
std::vector<Entry> entries(std::uint64_t first, std::uint64_t count);

std::string vector_text(const std::string& name);
// Lines, without those that begin with '#', split at spaces.
std::vector<std::vector<std::string>> vector_rows(const std::string& name);
// The first line, without its newline.
std::string vector_line(const std::string& name);

Digest digest(const std::string& hex);

// Writes a file without waiting for the disk.
void write_quickly(const std::filesystem::path& path, ByteView bytes);

// Runs SQL on the file, behind the ledger's back.
void tamper(const std::filesystem::path& path, const std::string& sql);

}  // namespace sceau::ledger::test
