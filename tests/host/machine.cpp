#include "machine.h"

#include <sys/stat.h>

#include <cstdlib>

#include "sceau/base/error_kind.h"
#include "sceau/base/files.h"

namespace sceau::test {
namespace {

constexpr Time kDay = 86400;

std::filesystem::path new_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "sceau-host-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) std::abort();
  return name;
}

}  // namespace

Result<token::KeyInfo> SoftCard::key() {
  token::KeyInfo info;
  info.reader = "Test";
  info.slot = "9A";
  info.certificate = certificate_.der();
  return info;
}

Result<token::Signed> SoftCard::sign(const token::ToSign& to_sign, token::PinSource& pins) {
  auto pin = pins.pin({"Test", {}, "sign with slot 9A"});
  if (!pin) return pin.error();
  ++signatures;
  auto signature = key_.sign(to_sign.attributes);
  if (!signature) return signature.error();
  return token::Signed{std::move(*signature), to_bytes(to_sign.attributes), std::nullopt};
}

Machine::Machine() : path(new_folder()) {
  world.must("account.bind", {"ada"},
             Object{{"host", "laptop-12"},
                    {"account", "dora"},
                    {"person", "dora"},
                    {"until", to_rfc3339(kBegin + 30 * kDay)}});
  folder = host::Folder::make(path / "host").value();
  anchor = host::Anchor{"laptop-12", kRealm, "gate", "https://127.0.0.1:1", *world.gate_certificate};
  if (!folder->put_anchor(*anchor, world.gate_certificate->to_pem())) std::abort();
  refresh();
}

Machine::~Machine() {
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}

registry::HostCopy Machine::content(const std::string& host) {
  auto copy = registry::make_host_copy(world.registry, host, world.clock.now(), world.context().blob).value();
  copy.gate = "gate";
  copy.checkpoint =
      ledger::sign_checkpoint({kRealm, world.entries.size(), world.roots.back()}, log_signer()).value();
  return copy;
}

Bytes Machine::signed_copy(const registry::HostCopy& copy, const pki::SoftwareKey& key,
                           const pki::Certificate& certificate) {
  const Bytes bytes = registry::write_host_copy(copy);
  return registry::write_signed_host_copy(
      bytes, evidence::serialise({{world.signature(bytes, "gate", key, certificate)}}));
}

Bytes Machine::fresh_copy(const std::string& host) {
  return signed_copy(content(host), world.gate_key, *world.gate_certificate);
}

void Machine::refresh() {
  if (auto put = folder->put_copy(fresh_copy(), *anchor); !put) std::abort();
}

void Machine::write(const std::string& name, ByteView bytes, unsigned mode) const {
  if (!write_file(path / "host" / name, bytes, mode)) std::abort();
}

Bytes Machine::file(const std::string& name) const { return read_file(path / "host" / name).value(); }

Result<host::LoggedIn> Machine::log_in(const std::string& account) {
  const Card& card = world.card("dora");
  SoftCard soft(card.login.key, *card.login.certificate);
  return log_in(soft, account);
}

Result<host::LoggedIn> Machine::log_in(token::Signer& card, const std::string& account) {
  auto opened = host::Folder::open(path / "host");
  if (!opened) return opened.error();
  auto standing = host::Standing::read(*opened, world.clock);
  if (!standing) return standing.error();
  return host::LogIn(*opened, world.clock, world.random).with(*standing, card, pins, {account, "sshd"});
}

std::size_t Machine::waiting() const { return folder->queue().value().size(); }

std::string said(const Result<host::LoggedIn>& result) {
  return result ? std::string()
                : std::string(error_kind_text(result.error().kind)) + ": " + result.error().message;
}

}  // namespace sceau::test
