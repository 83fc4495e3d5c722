#include "gate_home.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "sceau/base/files.h"
#include "sceau/base/uuid.h"
#include "sceau/registry/record.h"

namespace sceau::test {
namespace {

[[noreturn]] void stop(const std::string& why) {
  std::fprintf(stderr, "gate home: %s\n", why.c_str());
  std::abort();
}

void must(const Status& status) {
  if (!status) stop(status.error().message);
}

// The checkpoint key of every world's ledger (see log_signer), PKCS#8 PEM.
Bytes log_key_pem() {
  const Bytes seed(32, 7);
  EVP_PKEY* key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size());
  BIO* out = BIO_new(BIO_s_mem());
  PEM_write_bio_PKCS8PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  char* text = nullptr;
  const long size = BIO_get_mem_data(out, &text);
  Bytes pem = to_bytes(std::string_view(text, static_cast<std::size_t>(size)));
  BIO_free(out);
  EVP_PKEY_free(key);
  return pem;
}

}  // namespace

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "sceau-gate-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) stop("mkdtemp failed");
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

GateHome::GateHome(World::Until until, Time now, int people) : world(until, false, now) {
  write_home();
  write_source(people);
}

void GateHome::write_home() {
  const auto file = [this](const char* name) { return path() / name; };
  std::filesystem::create_directories(path() / "spool");
  std::filesystem::create_directories(path() / "given");
  must(write_file(file("sceau.toml"),
                  as_bytes(std::string("realm = \"") + kRealm +
                           "\"\n[gate]\nlisten = \"127.0.0.1:0\"\n[sources.snds]\npath = \"source.db\"\n"),
                  0600));
  must(write_file(file("gate.key"), world.gate_key.to_pem().view(), 0600));
  must(write_file(file("gate.pem"), as_bytes(world.gate_certificate->to_pem()), 0644));
  must(write_file(file("checkpoint.key"), log_key_pem(), 0600));
  must(write_file(file("pseudonym.key"), Bytes(32, 9), 0600));
  auto made = ledger::Ledger::create(file("ledger.db"), kRealm, log_signer());
  if (!made) stop(made.error().message);
  for (const auto& [digest, blob] : world.blobs) {
    if (auto put = (*made)->put_blob(blob); !put) stop(put.error().message);
  }
  if (world.entries.empty()) return;
  if (auto appended = (*made)->append(world.entries); !appended) stop(appended.error().message);
}

void GateHome::write_source(int people) {
  sqlite3* database = nullptr;
  if (sqlite3_open((path() / "source.db").c_str(), &database) != SQLITE_OK) stop("source.db cannot be made");
  const std::string sql =
      "CREATE TABLE IR_BEN_R (BEN_NIR_PSA TEXT, BEN_NAI_ANN INTEGER);"
      "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < " +
      std::to_string(people) + ") INSERT INTO IR_BEN_R SELECT printf('%017d', i), 1950 + i % 10 FROM n;";
  if (sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    stop(sqlite3_errmsg(database));
  sqlite3_close(database);
}

gate::GateOptions GateHome::options() {
  gate::GateOptions options;
  options.home = path();
  options.clock = &world.clock;
  options.random = &random_;
  options.version = "test";
  options.log = [this](gate::LogLevel, const std::string& line) {
    const std::lock_guard held(log_mutex_);
    log.push_back(line);
    if (on_line) on_line(line);
  };
  return options;
}

std::unique_ptr<gate::Gate> GateHome::open(const std::string& vfs) {
  auto chosen = options();
  chosen.ledger_vfs = vfs;
  auto gate = gate::Gate::open(std::move(chosen));
  if (!gate) stop(gate.error().message);
  return std::move(*gate);
}

Signed GateHome::write(const std::string& type, const std::vector<std::string>& people, Value body,
                       const statement::After& after, const Envelope& envelope) {
  Envelope complete = envelope;
  if (!complete.after) complete.after = after;
  Signed made;
  made.statement = world.write(type, people.front(), std::move(body), complete);
  evidence::Evidence evidence;
  for (const std::string& person : people) {
    const Card& card = world.card(person);
    evidence.signatures.push_back(type == "login" ? world.login_signature(made.statement, card)
                                                  : world.signature_of(made.statement, card));
  }
  made.evidence = evidence::serialise(evidence);
  return made;
}

Signed GateHome::write(const gate::Gate& gate, const std::string& type,
                       const std::vector<std::string>& people, Value body, const Envelope& envelope) {
  auto head = gate.ledger().head();
  if (!head) stop(head.error().message);
  return write(type, people, std::move(body), {head->size, head->root}, envelope);
}

Signed GateHome::login(const gate::Gate& gate, const std::string& person) {
  return write(gate, "login", {person}, Object{{"audience", "gate"}});
}

Signed GateHome::request(const gate::Gate& gate, const std::string& kind, std::int64_t max_rows) {
  Object body = world.request_body(kind);
  body["max_rows"] = max_rows;
  return write(gate, "extraction.request", {"dora"}, std::move(body));
}

gate::Submission submission_of(const Signed& given, std::vector<Bytes> blobs) {
  return {given.statement, given.evidence, std::move(blobs)};
}

gate::Admission must_be(gate::Gate& gate, const Signed& given, const std::string& state) {
  auto admission = gate.submit(submission_of(given));
  if (!admission) stop("the gate did not take a statement: " + admission.error().message);
  if (admission->state != state) {
    stop("a statement is " + admission->state + " instead of " + state + ": " +
         (admission->refusal ? admission->refusal->message : ""));
  }
  return *admission;
}

gate::Caller log_in(GateHome& home, gate::Gate& gate, const std::string& person) {
  const auto admission = must_be(gate, home.login(gate, person), "admitted");
  auto caller = gate.caller(admission.session->bearer);
  if (!caller) stop(caller.error().message);
  return *caller;
}

Bytes receive(gate::Delivery& delivery) {
  Bytes all;
  for (;;) {
    auto piece = delivery.next();
    if (!piece) stop(piece.error().message);
    if (piece->empty()) return all;
    delivery.sent(*piece);
    append(all, *piece);
  }
}

namespace {

void each(const gate::Gate& gate, const std::function<void(const registry::Record&)>& visit) {
  must(gate.ledger().for_each(
      [&](std::uint64_t index, ByteView leaf, const std::optional<ledger::Opening>& opening) -> Status {
        auto record = registry::read_record(index, leaf, opening);
        if (!record) return record.error();
        visit(*record);
        return {};
      }));
}

}  // namespace

Value newest(const gate::Gate& gate, const std::string& type) {
  Value found = Object{};
  each(gate, [&](const registry::Record& record) {
    if (record.type != type) return;
    if (type == "step") {
      found = statement::parse_canonical(record.opening->verdict).value();
      return;
    }
    found = statement::read_statement(record.opening->statement).value().body;
  });
  return found;
}

int count(const gate::Gate& gate, const std::string& type) {
  int found = 0;
  each(gate, [&](const registry::Record& record) { found += record.type == type ? 1 : 0; });
  return found;
}

}  // namespace sceau::test
