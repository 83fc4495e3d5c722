#include "sceau/gate/home.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <vector>

#include "home_files.h"
#include "sceau/base/handle.h"
#include "sceau/ledger/ledger.h"

namespace sceau::gate {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kKeyLimit = 65536;
constexpr std::size_t kPseudonymKeySize = 32;
constexpr Time kGateCertificateLife = Time{3650} * 86400;

Error unavailable(const std::string& what) {
  return {ErrorKind::unavailable, what + ": " + system_error_text(errno)};
}

// A new Ed25519 private key, PKCS#8 PEM.
Result<Secret> new_checkpoint_key() {
  const Handle<EVP_PKEY, EVP_PKEY_free> key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  const Handle<BIO, BIO_free> out(BIO_new(BIO_s_secmem()));
  if (!key || !out ||
      PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return Error{ErrorKind::internal, "making the checkpoint key: OpenSSL failed"};
  }
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return Secret(as_bytes({text, static_cast<std::size_t>(size)}));
}

// Reads a key file that only its owner may read.
Result<Secret> read_key(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return Error{ErrorKind::refused,
                 "reading " + path.string() + ": others than its owner may read it: chmod 600 it"};
  }
  auto bytes = read_file(path, kKeyLimit);
  if (!bytes) return bytes.error().within("reading a key of the home");
  return Secret(std::move(*bytes));
}

Result<NewHome> write_keys(const Home& home, const HomeConfig& config, const Clock& clock, Random& random) {
  auto key = pki::SoftwareKey::generate();
  if (!key) return key.error();
  const Time now = clock.now();
  auto certificate =
      pki::self_signed_gate(*key, config.gate, {now - 3600, now + kGateCertificateLife}, random);
  if (!certificate) return certificate.error();
  auto checkpoint = new_checkpoint_key();
  if (!checkpoint) return checkpoint.error();
  auto signer = ledger::NoteSigner::from_pem(config.realm, *checkpoint);
  if (!signer) return signer.error().within("the realm must be fit to name a log");
  Secret pseudonym = Secret::sized(kPseudonymKeySize);
  random.fill(pseudonym.writable());

  const Secret pem = key->to_pem();
  const std::string certificate_pem = certificate->to_pem();
  for (const auto& [name, bytes, mode] : std::initializer_list<std::tuple<const char*, ByteView, unsigned>>{
           {"gate.key", pem.view(), 0600},
           {"gate.pem", as_bytes(certificate_pem), 0644},
           {"checkpoint.key", checkpoint->view(), 0600},
           {"pseudonym.key", pseudonym.view(), 0600}}) {
    if (auto status = write_file(home.file(name), bytes, mode); !status) return status.error();
  }
  NewHome made{certificate->der(), signer->vkey()};
  auto log = ledger::Ledger::create(home.file("ledger.db"), config.realm, std::move(*signer));
  if (!log) return log.error();
  return made;
}

Status make_folders(const Home& home) {
  std::error_code problem;
  fs::create_directories(home.folder().parent_path(), problem);
  for (const fs::path& folder : {home.folder(), home.file("spool"), home.file("given"), home.file("held"),
                                 home.file("anchors"), home.file("auditors")}) {
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
      return unavailable("making " + folder.string());
  }
  if (::chmod(home.folder().c_str(), 0700) != 0) return unavailable("closing " + home.folder().string());
  return {};
}

void remove_new_home(const Home& home) {
  std::error_code ignored;
  for (const char* name : {"gate.key", "gate.pem", "checkpoint.key", "pseudonym.key", "ledger.db",
                           "ledger.db-wal", "ledger.db-shm", "sceau.toml"}) {
    fs::remove(home.file(name), ignored);
  }
}

}  // namespace

Result<fs::path> default_home() {
  if (const char* named = std::getenv("SCEAU_HOME"); named != nullptr && *named != '\0')
    return fs::path(named);
  if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data != '\0') {
    return fs::path(data) / "sceau";
  }
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') {
    return fs::path(home) / ".local" / "share" / "sceau";
  }
  return Error{ErrorKind::not_found,
               "finding the home: none of SCEAU_HOME, XDG_DATA_HOME and HOME is set: use --home DIR"};
}

Result<NewHome> create_home(const Home& home, const HomeConfig& config, const Clock& clock, Random& random) {
  std::error_code problem;
  for (const char* name : {"sceau.toml", "ledger.db", "gate.key", "checkpoint.key"}) {
    if (fs::exists(home.file(name), problem)) {
      return Error{ErrorKind::refused, "making a home: " + home.folder().string() + " already has " + name +
                                           ": choose another folder"};
    }
  }
  if (auto status = make_folders(home); !status) return status.error();
  auto made = write_keys(home, config, clock, random);
  if (made) {
    // The configuration comes last: with it, the folder is a home.
    const auto status = write_file(home.file("sceau.toml"), as_bytes(write_home_config(config)), 0600);
    if (!status) made = status.error();
  }
  if (!made) {
    remove_new_home(home);
    return made.error().within("making the home " + home.folder().string());
  }
  return made;
}

Result<HomeKeys> read_home_keys(const Home& home, const HomeConfig& config) {
  auto gate_pem = read_key(home.file("gate.key"));
  if (!gate_pem) return gate_pem.error();
  auto gate = pki::SoftwareKey::from_pem(gate_pem->view());
  if (!gate) return gate.error().within("reading gate.key");
  auto certificate_pem = read_file(home.file("gate.pem"), kKeyLimit);
  if (!certificate_pem) return certificate_pem.error();
  auto certificate = pki::Certificate::from_pem(as_text(*certificate_pem));
  if (!certificate) return certificate.error().within("reading gate.pem");
  if (certificate->spki() != gate->spki()) {
    return Error{ErrorKind::invalid, "reading the home's keys: gate.pem is not the certificate of gate.key"};
  }
  auto checkpoint_pem = read_key(home.file("checkpoint.key"));
  if (!checkpoint_pem) return checkpoint_pem.error();
  auto checkpoint = ledger::NoteSigner::from_pem(config.realm, *checkpoint_pem);
  if (!checkpoint) return checkpoint.error().within("reading checkpoint.key");
  auto pseudonym = read_key(home.file("pseudonym.key"));
  if (!pseudonym) return pseudonym.error();
  if (pseudonym->size() != kPseudonymKeySize) {
    return Error{ErrorKind::invalid, "reading pseudonym.key: it must have 32 bytes"};
  }
  return HomeKeys{std::move(*gate), std::move(*certificate), std::move(*checkpoint), std::move(*pseudonym)};
}

Result<HomeLock> HomeLock::take(const Home& home) {
  const fs::path path = home.file("lock");
  FileDescriptor descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!descriptor.valid()) return unavailable("locking " + path.string());
  if (::flock(descriptor.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return unavailable("locking " + path.string());
    char holder[16] = {};
    const ssize_t size = ::pread(descriptor.get(), holder, sizeof holder - 1, 0);
    const std::string id = size > 0 ? std::string(holder, static_cast<std::size_t>(size)) : "unknown";
    return Error{ErrorKind::refused, "opening " + home.folder().string() + ": process " + id +
                                         " is using this home: stop it first"};
  }
  // Who holds it is said for people; the lock itself does not depend on it.
  const std::string id = std::to_string(::getpid());
  if (::ftruncate(descriptor.get(), 0) == 0) {
    (void)!::pwrite(descriptor.get(), id.data(), id.size(), 0);
  }
  return HomeLock(std::move(descriptor));
}

}  // namespace sceau::gate
