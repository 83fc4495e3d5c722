#include "cache.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <system_error>

#include "sceau/base/digest.h"
#include "sceau/base/files.h"

namespace sceau::pkcs11 {
namespace {

constexpr std::size_t kLargestFile = 262'144;

// Ours alone: what others could have written is not believed.
bool is_own(const std::filesystem::path& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == ::geteuid() &&
         (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

const char* environment(const char* name) {
  const char* value = ::secure_getenv(name);
  return value != nullptr && value[0] == '/' ? value : nullptr;
}

}  // namespace

std::optional<std::filesystem::path> Cache::user_folder() {
  if (const char* cache = environment("XDG_CACHE_HOME"))
    return std::filesystem::path(cache) / "sceau" / "pkcs11";
  if (const char* home = environment("HOME"))
    return std::filesystem::path(home) / ".cache" / "sceau" / "pkcs11";
  return std::nullopt;
}

std::filesystem::path Cache::file_of(const std::string& serial, ByteView chuid) const {
  const std::string size = std::to_string(serial.size()) + ":";
  return folder_ / to_hex(sha256({as_bytes(size), as_bytes(serial), chuid}));
}

std::optional<Contents> Cache::load(const std::string& serial, ByteView chuid) const {
  const auto path = file_of(serial, chuid);
  if (!is_own(path)) return std::nullopt;
  const auto text = read_file(path, kLargestFile);
  if (!text) return std::nullopt;
  auto contents = Contents::parse(as_text(*text));
  if (!contents) return std::nullopt;
  return std::move(*contents);
}

void Cache::store(const std::string& serial, ByteView chuid, const Contents& contents) const {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) return;
  std::filesystem::permissions(folder_, std::filesystem::perms::owner_all, error);
  const std::string text = contents.serialise();
  // Failing is fine, see the header.
  static_cast<void>(static_cast<bool>(write_file(file_of(serial, chuid), as_bytes(text), 0600)));
}

}  // namespace sceau::pkcs11
