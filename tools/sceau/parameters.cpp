#include "parameters.h"

#include <unistd.h>

#include <array>
#include <cerrno>

#include "sceau/base/files.h"

namespace sceau::tool {
namespace {

constexpr std::size_t kMostBytes = std::size_t{64} * 1026;
constexpr std::size_t kMost = 64;  // of a request, by its schema

Error cannot(const std::string& why) { return {ErrorKind::invalid, "reading the parameters: " + why}; }

Result<Bytes> standard_input() {
  Bytes bytes;
  std::array<std::uint8_t, 4096> part{};
  for (;;) {
    const auto got = ::read(STDIN_FILENO, part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return cannot("standard input cannot be read: name a file with --parameters");
    if (got == 0) return bytes;
    append(bytes, ByteView(part).first(static_cast<std::size_t>(got)));
    if (bytes.size() > kMostBytes) return cannot("there is more than a request can carry: send fewer");
  }
}

}  // namespace

Result<std::vector<std::string>> parameter_lines(std::string_view text) {
  std::vector<std::string> values;
  while (!text.empty()) {
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (values.size() == kMost) return cannot("there are more than 64 lines: send fewer, one value a line");
    values.emplace_back(line);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  if (values.empty()) return cannot("there are none: write one value a line");
  return values;
}

Result<std::vector<std::string>> read_parameters(const std::string& where) {
  if (where.empty()) return std::vector<std::string>();
  auto bytes = where == "-" ? standard_input() : read_file(where, kMostBytes);
  if (!bytes) return bytes.error();
  return parameter_lines(as_text(*bytes));
}

}  // namespace sceau::tool
