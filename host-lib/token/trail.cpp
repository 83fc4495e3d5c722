#include "sceau/token/trail.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "sceau/base/clock.h"
#include "sceau/base/digest.h"
#include "sceau/base/files.h"

namespace sceau::token {
namespace {

// Names come from readers, modules and programs: only what needs no escaping stays as it is.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) out += c < 0x20 || c == 0x7F || c == '"' || c == '\\' ? '?' : c;
  return out + "\"";
}

std::string program_name() {
  std::ifstream file("/proc/self/comm");
  std::string name;
  std::getline(file, name);
  return name;
}

}  // namespace

void note_key_use(const std::string& key, const std::string& mechanism, ByteView given) {
  const char* path = secure_getenv("SCEAU_TRAIL");
  if (path == nullptr || *path == '\0') return;
  const std::string line = "{\"digest\":\"" + to_hex(sha256(given)) + "\",\"key\":" + quoted(key) +
                           ",\"mechanism\":" + quoted(mechanism) + ",\"pid\":" + std::to_string(getpid()) +
                           ",\"program\":" + quoted(program_name()) + ",\"time\":\"" +
                           to_rfc3339(SystemClock().now()) + "\"}\n";
  const FileDescriptor file(
      ::open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600));
  if (file.valid() && ::write(file.get(), line.data(), line.size()) < 0) return;
}

}  // namespace sceau::token
