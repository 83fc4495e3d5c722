// The machine under the card: service, drivers, readers.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "doctor_checks.h"
#include "sceau/base/files.h"

namespace sceau::tool {
namespace {

namespace fs = std::filesystem;

Symptom good(const std::string& check, const std::string& text) { return {check, Health::good, text, {}}; }

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

// 0, or the errno of connecting.
int connect_error(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return ENAMETOOLONG;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return errno;
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return 0;
  return errno;
}

bool installed(const fs::path& root, const std::string& program) {
  return is_there(root / "usr/sbin" / program) || is_there(root / "usr/bin" / program) ||
         is_there(root / "usr/local/sbin" / program);
}

// The names of the folder's entries; none where there is no such folder.
std::vector<fs::path> entries(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code failed;
  for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end; entry.increment(failed))
    found.push_back(entry->path());
  return found;
}

// The product names of USB devices with a smart-card interface (class 0B).
std::vector<std::string> usb_readers(const fs::path& root) {
  std::vector<std::string> names;
  for (const auto& device : entries(root / "sys/bus/usb/devices")) {
    const auto kind = read_file(device / "bInterfaceClass", 64);
    if (!kind || !as_text(*kind).starts_with("0b")) continue;
    // "1-2:1.0" is an interface of the device "1-2".
    const auto name = device.filename().string();
    const auto product = read_file(device.parent_path() / name.substr(0, name.find(':')) / "product", 256);
    names.push_back(product ? shown(as_text(*product).substr(0, product->size() - 1)) : name);
  }
  return names;
}

}  // namespace

Symptoms check_service(const fs::path& root, const std::string& socket) {
  const int error = connect_error(socket);
  if (error == 0) return {good("service", "the smart-card service answers on " + socket)};
  if (error == EACCES || error == EPERM)
    return {{"service", Health::bad,
             "the smart-card service runs, and you may not speak to it (" + socket + ")", kAskForTheRight}};
  if (!installed(root, "pcscd"))
    return {{"service", Health::bad, "the smart-card service is not installed", "apt-get install pcscd"}};
  const std::string state = error == ENOENT ? "is not running (no " + socket + ")"
                                            : "left a socket behind and does not answer on " + socket;
  return {{"service", Health::bad, "the smart-card service " + state,
           "systemctl enable --now pcscd.socket (without systemd: start pcscd)"}};
}

Symptoms check_drivers(const fs::path& root, std::size_t readers) {
  Symptoms found;
  std::string drivers;
  for (const auto& driver : entries(root / "usr/lib/pcsc/drivers"))
    drivers += (drivers.empty() ? "" : ", ") + driver.filename().string();
  for (const auto& driver : entries(root / "etc/reader.conf.d"))
    drivers += (drivers.empty() ? "" : ", ") + driver.filename().string();
  if (drivers.empty()) {
    found.push_back({"driver", Health::bad, "there is no reader driver", "apt-get install libccid"});
  } else {
    found.push_back(good("driver", "drivers: " + drivers));
  }
  const auto plugged = usb_readers(root);
  if (plugged.empty() || readers > 0) return found;
  std::string names;
  for (const auto& name : plugged) names += (names.empty() ? "" : ", ") + name;
  found.push_back({"driver", Health::bad, "the service does not show what is plugged in: " + names,
                   "close other programs that hold the reader (gpg's scdaemon: gpgconf --kill scdaemon), or "
                   "install its maker's driver, then restart pcscd"});
  return found;
}

Symptoms check_readers(const std::vector<token::ReaderStatus>& readers) {
  if (readers.empty())
    return {{"reader", Health::bad, "there is no reader", "plug one in, or a token that is its own reader"}};
  Symptoms found;
  bool any = false;
  for (const auto& reader : readers) {
    any = any || reader.card_present;
    found.push_back(
        good("reader", shown(reader.name) + (reader.card_present ? ": a card is in it" : ": empty")));
  }
  if (!any)
    found.push_back(
        {"card", Health::bad, "there is no card in any reader",
         "insert yours, chip first; if it is in, take it out, wipe the chip and insert it again"});
  return found;
}

}  // namespace sceau::tool
