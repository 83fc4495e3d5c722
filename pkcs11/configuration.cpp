#include "configuration.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <sstream>

#include "sceau/base/bytes.h"
#include "sceau/base/files.h"

namespace sceau::pkcs11 {
namespace {

constexpr std::size_t kLargestConfiguration = 65'536;

std::string trimmed(std::string text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && is_blank(text.back())) text.pop_back();
  text.erase(0, std::min(text.find_first_not_of(" \t\r"), text.size()));
  return text;
}

// Lines without comments and blanks around them; empty ones left out.
std::vector<std::string> lines_of(const std::filesystem::path& file) {
  std::vector<std::string> lines;
  const auto bytes = read_file(file, kLargestConfiguration);
  if (!bytes) return lines;
  std::istringstream stream{std::string(as_text(*bytes))};
  for (std::string line; std::getline(stream, line);) {
    line.erase(std::min(line.find('#'), line.size()));
    line = trimmed(std::move(line));
    if (!line.empty()) lines.push_back(std::move(line));
  }
  return lines;
}

// The last value that a file gives to a name.
std::optional<std::string> value_of(const std::filesystem::path& file, const std::string& name) {
  std::optional<std::string> value;
  for (const std::string& line : lines_of(file)) {
    const std::size_t at = line.find('=');
    if (at != std::string::npos && trimmed(line.substr(0, at)) == name) value = trimmed(line.substr(at + 1));
  }
  return value;
}

}  // namespace

Configuration read_configuration(const std::vector<std::filesystem::path>& folders) {
  Configuration read;
  std::optional<std::string> pin_cache;
  std::optional<std::string> fido2;
  std::optional<std::string> relying_parties;
  for (const auto& folder : folders) {
    for (std::string& path : lines_of(folder / "pkcs11-modules"))
      if (std::find(read.modules.begin(), read.modules.end(), path) == read.modules.end())
        read.modules.push_back(std::move(path));
    const auto said = value_of(folder / "pkcs11.conf", "pin-cache");
    if (said && (!pin_cache || *said == "never")) pin_cache = said;
    if (!fido2) fido2 = value_of(folder / "pkcs11.conf", "fido2");
    if (!relying_parties) relying_parties = value_of(folder / "pkcs11.conf", "relying-party");
  }
  read.fido2 = fido2 != "no";
  std::istringstream words(relying_parties.value_or("localhost"));
  for (std::string word; words >> word;) read.relying_parties.push_back(std::move(word));
  read.pin_cache = pin_cache == "yes";
  return read;
}

std::vector<std::filesystem::path> configuration_folders() {
  std::vector<std::filesystem::path> folders;
  const char* own = ::secure_getenv("XDG_CONFIG_HOME");
  const char* home = ::secure_getenv("HOME");
  if (own != nullptr && own[0] == '/') {
    folders.push_back(std::filesystem::path(own) / "sceau");
  } else if (home != nullptr && home[0] == '/') {
    folders.push_back(std::filesystem::path(home) / ".config" / "sceau");
  }
  folders.emplace_back("/etc/sceau");
  return folders;
}

}  // namespace sceau::pkcs11
