// libfido2, as every OpenSSH and pam_u2f uses it, against a simulated token: through
// fido_dev_set_io_functions() and the token's Unix socket.
//
//   libfido2-client SCEAU_TOKEN        the whole story
//   libfido2-client --time SOCKET N    milliseconds that N assertions and N credentials take (for
//   tests/bench)
#include <fido.h>
#include <fido/credman.h>
#include <fido/es256.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace {

constexpr std::size_t kReport = 64;
constexpr const char* kRp = "example.org";
constexpr const char* kPin = "sesame";
constexpr std::array<unsigned char, 32> kHash{1, 2, 3};

using Bytes = std::vector<unsigned char>;

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "libfido2-client: %s\n", what.c_str());
  std::exit(1);
}

void expect(int expected, int code, const char* what) {
  if (code != expected) fail(std::string(what) + ": " + fido_strerr(code));
}
void done(int code, const char* what) { expect(FIDO_OK, code, what); }
void holds(bool condition, const char* what) {
  if (!condition) fail(what);
}

// ---- the socket, as libfido2 wants a device to be ----

void* open_line(const char* path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  const int line = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (line < 0) return nullptr;
  if (::connect(line, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    ::close(line);
    return nullptr;
  }
  return new int(line);
}
void close_line(void* handle) {
  const std::unique_ptr<int> line(static_cast<int*>(handle));
  ::close(*line);
}
int read_report(void* handle, unsigned char* into, std::size_t size, int milliseconds) {
  const int line = *static_cast<int*>(handle);
  pollfd waiting{line, POLLIN, 0};
  if (size != kReport || ::poll(&waiting, 1, milliseconds) != 1) return -1;
  return static_cast<int>(::recv(line, into, size, MSG_WAITALL));
}
// The first byte is the report's number, which this device has none of.
int write_report(void* handle, const unsigned char* from, std::size_t size) {
  const ssize_t sent = ::send(*static_cast<int*>(handle), from + 1, size - 1, MSG_NOSIGNAL);
  return sent < 0 ? -1 : static_cast<int>(sent) + 1;
}

struct DeviceFree {
  void operator()(fido_dev_t* device) const {
    fido_dev_close(device);
    fido_dev_free(&device);
  }
};
using Device = std::unique_ptr<fido_dev_t, DeviceFree>;
struct CredentialFree {
  void operator()(fido_cred_t* credential) const { fido_cred_free(&credential); }
};
using Credential = std::unique_ptr<fido_cred_t, CredentialFree>;
struct AssertionFree {
  void operator()(fido_assert_t* assertion) const { fido_assert_free(&assertion); }
};
using Assertion = std::unique_ptr<fido_assert_t, AssertionFree>;

Device open_device(const std::string& path) {
  Device device(fido_dev_new());
  const fido_dev_io_t functions{open_line, close_line, read_report, write_report};
  done(fido_dev_set_io_functions(device.get(), &functions), "plugging the socket in");
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (fido_dev_open(device.get(), path.c_str()) != FIDO_OK) {
    if (std::chrono::steady_clock::now() > end) fail("the token does not come up");
    ::poll(nullptr, 0, 5);
  }
  return device;
}

// ---- what a platform does ----

Credential prepare(const Bytes& user, bool discoverable, int extensions) {
  Credential credential(fido_cred_new());
  done(fido_cred_set_type(credential.get(), COSE_ES256), "setting the algorithm");
  done(fido_cred_set_clientdata_hash(credential.get(), kHash.data(), kHash.size()), "setting the hash");
  done(fido_cred_set_rp(credential.get(), kRp, "Example"), "setting the relying party");
  done(fido_cred_set_user(credential.get(), user.data(), user.size(), "alice", "Alice", nullptr),
       "setting the user");
  if (discoverable) done(fido_cred_set_rk(credential.get(), FIDO_OPT_TRUE), "asking for a discoverable one");
  if (extensions != 0) done(fido_cred_set_extensions(credential.get(), extensions), "setting extensions");
  if ((extensions & FIDO_EXT_CRED_PROTECT) != 0) {
    done(fido_cred_set_prot(credential.get(), FIDO_CRED_PROT_UV_REQUIRED), "setting the protection");
  }
  return credential;
}

Credential make(fido_dev_t* device, const Bytes& user, bool discoverable, int extensions, const char* pin) {
  Credential credential = prepare(user, discoverable, extensions);
  done(fido_dev_make_cred(device, credential.get(), pin), "making a credential");
  done(fido_cred_verify(credential.get()), "verifying the attestation");
  return credential;
}

Assertion ask(fido_dev_t* device, const fido_cred_t* allowed, int extensions, const char* pin) {
  Assertion assertion(fido_assert_new());
  done(fido_assert_set_rp(assertion.get(), kRp), "setting the relying party");
  done(fido_assert_set_clientdata_hash(assertion.get(), kHash.data(), kHash.size()), "setting the hash");
  if (allowed != nullptr) {
    done(fido_assert_allow_cred(assertion.get(), fido_cred_id_ptr(allowed), fido_cred_id_len(allowed)),
         "allowing");
  }
  if (extensions != 0) done(fido_assert_set_extensions(assertion.get(), extensions), "setting extensions");
  if ((extensions & FIDO_EXT_HMAC_SECRET) != 0) {
    const Bytes salt(32, 5);
    done(fido_assert_set_hmac_salt(assertion.get(), salt.data(), salt.size()), "setting the salt");
  }
  done(fido_dev_get_assert(device, assertion.get(), pin), "asserting");
  return assertion;
}

void verify(const fido_assert_t* assertion, const fido_cred_t* credential) {
  es256_pk_t* key = es256_pk_new();
  done(es256_pk_from_ptr(key, fido_cred_pubkey_ptr(credential), fido_cred_pubkey_len(credential)),
       "reading the key");
  done(fido_assert_verify(assertion, 0, COSE_ES256, key), "verifying the assertion");
  es256_pk_free(&key);
}

void registers_and_logs_in(fido_dev_t* device) {
  holds(fido_dev_is_fido2(device), "it does not say that it speaks FIDO2");
  const Credential credential = make(device, {1}, false, 0, nullptr);
  holds(fido_cred_x5c_ptr(credential.get()) != nullptr, "no attestation certificate came");
  const Assertion first = ask(device, credential.get(), 0, nullptr);
  verify(first.get(), credential.get());
  const Assertion second = ask(device, credential.get(), 0, nullptr);
  holds(fido_assert_sigcount(second.get(), 0) > fido_assert_sigcount(first.get(), 0),
        "a signature was not counted");
}

void speaks_u2f(fido_dev_t* device) {
  fido_dev_force_u2f(device);
  const Credential old = make(device, {2}, false, 0, nullptr);
  verify(ask(device, old.get(), 0, nullptr).get(), old.get());
}

void has_a_pin(fido_dev_t* device) {
  int tries = 0;
  done(fido_dev_set_pin(device, "1234", nullptr), "setting the PIN");
  done(fido_dev_set_pin(device, kPin, "1234"), "changing the PIN");
  Credential credential = prepare({3}, false, 0);
  expect(FIDO_ERR_PIN_INVALID, fido_dev_make_cred(device, credential.get(), "wrong"), "giving a wrong PIN");
  done(fido_dev_get_retry_count(device, &tries), "asking for tries");
  holds(tries == 7, "the wrong try was not counted");
  const Credential verified = make(device, {3}, false, 0, kPin);
  holds((fido_cred_flags(verified.get()) & 0x04) != 0, "the user was not verified");
}

void has_secrets(fido_dev_t* device) {
  const Credential credential = make(device, {4}, false, FIDO_EXT_HMAC_SECRET | FIDO_EXT_CRED_PROTECT, kPin);
  const Assertion one = ask(device, credential.get(), FIDO_EXT_HMAC_SECRET, kPin);
  const Assertion two = ask(device, credential.get(), FIDO_EXT_HMAC_SECRET, kPin);
  verify(one.get(), credential.get());
  holds(fido_assert_hmac_secret_len(one.get(), 0) == 32 &&
            std::memcmp(fido_assert_hmac_secret_ptr(one.get(), 0), fido_assert_hmac_secret_ptr(two.get(), 0),
                        32) == 0,
        "the secret is not the same twice");
}

void keeps_blobs(fido_dev_t* device) {
  const Credential credential = make(device, {5}, true, FIDO_EXT_LARGEBLOB_KEY, kPin);
  const unsigned char* key = fido_cred_largeblob_key_ptr(credential.get());
  holds(fido_cred_largeblob_key_len(credential.get()) == 32, "no key for large blobs came");
  Bytes blob(3000);
  unsigned value = 1;
  for (unsigned char& byte : blob)
    byte = static_cast<unsigned char>((value = value * 1103515245U + 12345U) >> 16);
  done(fido_dev_largeblob_set(device, key, 32, blob.data(), blob.size(), kPin), "writing a large blob");
  unsigned char* read = nullptr;
  std::size_t size = 0;
  done(fido_dev_largeblob_get(device, key, 32, &read, &size), "reading a large blob");
  holds(size == blob.size() && std::memcmp(read, blob.data(), size) == 0, "another blob came back");
  std::free(read);
  done(fido_dev_largeblob_remove(device, key, 32, kPin), "removing a large blob");
  expect(FIDO_ERR_NOTFOUND, fido_dev_largeblob_get(device, key, 32, &read, &size), "reading it again");
}

void manages_credentials(fido_dev_t* device) {
  make(device, {6}, true, 0, kPin);
  fido_credman_metadata_t* metadata = fido_credman_metadata_new();
  done(fido_credman_get_dev_metadata(device, metadata, kPin), "asking for metadata");
  holds(fido_credman_rk_existing(metadata) == 2, "another number of credentials");
  holds(fido_credman_rk_remaining(metadata) >= 98, "fewer than a hundred credentials fit");
  fido_credman_metadata_free(&metadata);
  fido_credman_rk_t* list = fido_credman_rk_new();
  done(fido_credman_get_dev_rk(device, kRp, list, kPin), "listing credentials");
  holds(fido_credman_rk_count(list) == 2, "another number of credentials is listed");
  const fido_cred_t* first = fido_credman_rk(list, 0);
  Credential renamed(fido_cred_new());
  done(fido_cred_set_id(renamed.get(), fido_cred_id_ptr(first), fido_cred_id_len(first)), "setting the id");
  done(fido_cred_set_user(renamed.get(), fido_cred_user_id_ptr(first), fido_cred_user_id_len(first), "bob",
                          "Bob", nullptr),
       "setting the user");
  done(fido_credman_set_dev_rk(device, renamed.get(), kPin), "renaming");
  done(fido_credman_del_dev_rk(device, fido_cred_id_ptr(first), fido_cred_id_len(first), kPin), "deleting");
  fido_credman_rk_free(&list);
  fido_credman_rp_t* parties = fido_credman_rp_new();
  done(fido_credman_get_dev_rp(device, parties, kPin), "listing relying parties");
  holds(fido_credman_rp_count(parties) == 1 && std::string(fido_credman_rp_id(parties, 0)) == kRp,
        "another party");
  fido_credman_rp_free(&parties);
}

// ---- a token of its own ----

int run_story(const char* program) {
  char folder[] = "/tmp/sceau-libfido2-XXXXXX";
  if (::mkdtemp(folder) == nullptr) fail("no folder can be made");
  const std::string flash = std::string(folder) + "/flash";
  const std::string path = std::string(folder) + "/hid";
  const pid_t token = ::fork();
  if (token == 0) {
    ::execl(program, program, "--flash", flash.c_str(), "--hid", path.c_str(), "--touch", "auto", nullptr);
    ::_exit(127);
  }
  const pid_t story = ::fork();
  if (story == 0) {
    const Device device = open_device(path);
    speaks_u2f(open_device(path).get());
    registers_and_logs_in(device.get());
    has_a_pin(device.get());
    has_secrets(device.get());
    keeps_blobs(device.get());
    manages_credentials(device.get());
    std::exit(0);
  }
  int status = 1;
  ::waitpid(story, &status, 0);
  ::kill(token, SIGTERM);
  ::waitpid(token, nullptr, 0);
  for (const std::string& file : {flash, flash + ".fuses", path}) ::unlink(file.c_str());
  ::rmdir(folder);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

template <typename Step>
double median_milliseconds(int count, Step step) {
  std::vector<double> times;
  times.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    const auto start = std::chrono::steady_clock::now();
    step();
    times.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

// 64 bytes there and back: two reports each way.
void ping(void* line, std::uint32_t channel) {
  std::array<unsigned char, kReport + 1> report{};
  std::array<unsigned char, kReport> answer{};
  for (unsigned packet = 0; packet < 2; ++packet) {
    for (unsigned i = 0; i < 4; ++i) report[1 + i] = static_cast<unsigned char>(channel >> (24 - 8 * i));
    report[5] = packet == 0 ? 0x81 : 0;
    report[6] = 0;
    report[7] = packet == 0 ? 64 : 0;
    holds(write_report(line, report.data(), report.size()) > 0, "the token went away");
  }
  for (unsigned packet = 0; packet < 2; ++packet) {
    holds(read_report(line, answer.data(), answer.size(), 1000) == static_cast<int>(kReport),
          "no answer to a ping");
  }
  holds(answer[4] == 0, "another answer to a ping");
}

std::uint32_t open_channel(void* line) {
  std::array<unsigned char, kReport + 1> report{0, 0xFF, 0xFF, 0xFF, 0xFF, 0x86, 0, 8};
  std::array<unsigned char, kReport> answer{};
  write_report(line, report.data(), report.size());
  holds(read_report(line, answer.data(), answer.size(), 1000) == static_cast<int>(kReport),
        "no channel was given");
  std::uint32_t channel = 0;
  for (unsigned i = 0; i < 4; ++i) channel = channel << 8 | answer[15 + i];
  return channel;
}

int run_timing(const char* path, int count) {
  const Device device = open_device(path);
  const Credential credential = make(device.get(), {1}, false, 0, nullptr);
  const double assertion =
      median_milliseconds(count, [&] { ask(device.get(), credential.get(), 0, nullptr); });
  const double made = median_milliseconds(count, [&] {
    const Credential other = prepare({2}, false, 0);
    done(fido_dev_make_cred(device.get(), other.get(), nullptr), "making a credential");
  });
  void* line = open_line(path);
  holds(line != nullptr, "the token's socket cannot be opened");
  const std::uint32_t channel = open_channel(line);
  const double pinged = median_milliseconds(20 * count, [&] { ping(line, channel); });
  close_line(line);
  std::printf("%.4f %.4f %.2f\n", assertion, made, 1000 * pinged);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  fido_init(0);
  if (argc == 4 && std::string(argv[1]) == "--time")
    return run_timing(argv[2], std::atoi(argv[3]));  // NOLINT
  if (argc == 2) return run_story(argv[1]);
  std::fprintf(stderr, "usage: libfido2-client SCEAU_TOKEN | --time SOCKET COUNT\n");
  return 2;
}
