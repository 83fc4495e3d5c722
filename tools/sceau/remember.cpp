#include "remember.h"

#include "sceau/base/files.h"

namespace sceau::tool {

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
  return write_file(*home / "client.toml",
                    as_bytes("gate = \"" + address->url + "\"\ncertificate = \"gate-tls.pem\"\n"));
}

}  // namespace sceau::tool
