#include "remember.h"

#include "client_config.h"
#include "sceau/base/files.h"

namespace sceau::tool {
namespace {

// Paths as TOML's literal texts, which nothing in them ends but a quote.
std::string modules_line(const std::vector<std::string>& modules) {
  std::string list;
  for (const auto& path : modules) list += (list.empty() ? "'" : ", '") + path + "'";
  return "modules = [" + list + "]\n";
}

}  // namespace

Status remember_gate(Workplace& place) {
  auto home = place.home();
  if (!home) return home.error();
  if (std::filesystem::exists(*home / "sceau.toml")) {
    return Error{ErrorKind::refused,
                 home->string() + " is a gate's own home, and knows its gate: name another --home"};
  }
  auto address = place.gate_address();
  if (!address) return address.error();
  if (address->url.find_first_of("\"\\\n") != std::string::npos) {
    return Error{ErrorKind::invalid, "the gate's address cannot be written down: '" + address->url + "'"};
  }
  auto pem = read_file(address->certificate, 1U << 20U);
  if (!pem) return pem.error();
  if (auto kept = write_file(*home / "gate-tls.pem", *pem); !kept) return kept;
  std::string text = "gate = \"" + address->url + "\"\ncertificate = \"gate-tls.pem\"\n";
  auto before = read_client_config(*home);
  if (!before && before.error().kind != ErrorKind::not_found) return before.error();
  if (before && !before->modules.empty()) text += modules_line(before->modules);
  return write_file(*home / "client.toml", as_bytes(text));
}

}  // namespace sceau::tool
