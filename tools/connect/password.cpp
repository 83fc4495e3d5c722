#include "password.h"

#include <sys/stat.h>
#include <unistd.h>

#include "sceau/base/files.h"

namespace sceau::connect {

Result<Secret> password_file(const std::filesystem::path& file, Random& random) {
  struct stat about {};
  if (::lstat(file.c_str(), &about) != 0) {
    std::string text = to_hex(random.array<32>());
    auto written = write_file(file, as_bytes(text + "\n"), 0600);
    if (!written) return written.error().within("the password of 'sceau connect'");
    Secret made(as_bytes(text));
    wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    return made;
  }
  if (!S_ISREG(about.st_mode) || about.st_uid != ::geteuid() || (about.st_mode & 0077U) != 0) {
    return Error{ErrorKind::refused,
                 "the password in " + file.string() +
                     " can be read or changed by others: remove the file, and start again"};
  }
  auto bytes = read_file(file, 200);
  if (!bytes) return bytes.error();
  while (!bytes->empty() && bytes->back() == '\n') bytes->pop_back();
  if (bytes->size() < 32)
    return Error{ErrorKind::refused, "the password in " + file.string() + " is too short: remove the file"};
  return Secret(std::move(*bytes));
}

}  // namespace sceau::connect
