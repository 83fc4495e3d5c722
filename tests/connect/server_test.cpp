#include "connect/server.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "client.h"
#include "sceau/base/files.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau;
using namespace sceau::connect;

namespace {

constexpr const char* kPassword = "0123456789abcdef0123456789abcdef";

std::string message(char type, const std::string& body) {
  return type + int32(static_cast<std::int64_t>(body.size()) + 4) + body;
}

std::string startup() {
  const std::string body = int32(kProtocol) + zero("user") + zero("carol") + zero("");
  return int32(static_cast<std::int64_t>(body.size()) + 4) + body;
}

std::string sasl(const std::string& first, const std::string& mechanism = "SCRAM-SHA-256") {
  return message('p', zero(mechanism) + int32(static_cast<std::int64_t>(first.size())) + first);
}

// Asked without end, it answers once the client wants nothing any more, and says so.
class PatientWarehouse final : public Warehouse {
 public:
  PatientWarehouse(std::atomic<bool>& endless, std::atomic<bool>& asked) : endless_(endless), asked_(asked) {}
  Result<std::shared_ptr<const Tables>> tables(const Wanted& wanted, bool anew) override {
    return fake_.tables(wanted, anew);
  }
  Result<std::unique_ptr<Spool>> rows(const Wanted& wanted, const std::string& sql,
                                      Waiting& waiting) override {
    if (!endless_) return fake_.rows(wanted, sql, waiting);
    asked_ = true;
    while (!waiting.stopped()) std::this_thread::yield();
    endless_ = false;
    return Error{ErrorKind::unavailable, "stopped"};
  }
  Status work(const Wanted& wanted, const std::vector<std::string>& sql, Waiting& waiting) override {
    return fake_.work(wanted, sql, waiting);
  }

 private:
  std::atomic<bool>&endless_, &asked_;
  FakeWarehouse fake_;
};

const std::string offer = message('R', int32(10) + zero("SCRAM-SHA-256") + zero(""));

}  // namespace

TEST_GROUP(ConnectServer) {
  SystemRandom random;
  std::atomic<bool> endless{false}, asked{false};
  std::unique_ptr<Server> server;
  std::thread running;

  void open(std::size_t connections = 4, unsigned seconds = 10) {
    ServerOptions options;
    options.connections = connections;
    options.startup_seconds = seconds;
    options.workers = 2;
    options.defaults = {"p-1", "why", "aggregate", "", 0};
    options.keys = *scram_keys(Secret(as_bytes(std::string(kPassword))), random);
    options.warehouse = [this] { return std::make_unique<PatientWarehouse>(endless, asked); };
    auto opened = Server::open(std::move(options), random);
    CHECK(opened.ok());
    server = std::move(*opened);
    running = std::thread([this] { server->run(); });
  }
  void teardown() override {
    if (server) server->stop();
    if (running.joinable()) running.join();
    server.reset();
  }

  FileDescriptor dial() const {
    FileDescriptor line(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(server->port());
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    LONGS_EQUAL(0, ::connect(line.get(), reinterpret_cast<sockaddr*>(&at), sizeof at));
    timeval patience{20, 0};
    ::setsockopt(line.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return line;
  }
  static void put(const FileDescriptor& line, const std::string& bytes) {
    (void)::send(line.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  // Until the text has come, or all.
  static std::string get(const FileDescriptor& line, const std::string& until = {}) {
    std::string received;
    char buffer[4096];
    for (;;) {
      const auto count = ::recv(line.get(), buffer, sizeof buffer, 0);
      if (count <= 0) return received;
      received.append(buffer, static_cast<std::size_t>(count));
      if (!until.empty() && received.find(until) != std::string::npos) return received;
    }
  }
  static bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }
  // As far as the client's last message, which is answered or not.
  static void log_in(const FileDescriptor& line, const std::string& password) {
    const std::string bare = "n=,r=0123456789";
    put(line, startup() + sasl("n,," + bare));
    const auto said = get(line, "i=4096");
    const auto at = said.find("r=0123456789");
    if (at == std::string::npos) return;
    const auto first = said.substr(at);
    put(line,
        message('p', scram_proven(password, bare, first, "c=biws," + first.substr(0, first.find(',')))));
  }
  const std::string ready = message('Z', "I");
};

TEST(ConnectServer, LetsInWhoKnowsThePassword) {
  open();
  const auto line = dial();
  put(line, int32(8) + int32(80877103));  // SSLRequest
  STRCMP_EQUAL("N", get(line, "N").c_str());
  log_in(line, kPassword);
  const auto welcome = get(line, ready);
  CHECK(welcome.starts_with(std::string("R") + int32(8 + 46) + int32(12) + "v="));  // it knows it, too
  CHECK(has(welcome, zero("server_version") + zero("15.0")));
  put(line, message('Q', zero("SELECT 1")) + message('X', ""));
  CHECK(has(get(line), zero("SELECT 1")));
}

TEST(ConnectServer, AnswersNoMoreQuestionsForEncryptionThanThereAreKinds) {
  open();
  const auto line = dial();
  const std::string tls = int32(8) + int32(80877103), gss = int32(8) + int32(80877104);
  put(line, gss + tls);
  STRCMP_EQUAL("NN", get(line, "NN").c_str());
  put(line, tls);
  CHECK(has(get(line), "08P01"));
  // And who goes on asking without reading is not answered for ever.
  const auto flood = dial();
  std::string many;
  for (int i = 0; i < 20000; ++i) many += tls;
  put(flood, many);
  CHECK(get(flood).size() < 200);
}

// Whoever knows the number of a connection and not its key ends nothing of it.
TEST(ConnectServer, CancelsForWhoHasTheKeyAlone) {
  open();
  const auto line = dial();
  log_in(line, kPassword);
  const auto welcome = get(line, ready);
  const auto at = welcome.find("K" + int32(12));
  CHECK(at != std::string::npos);
  const auto process = welcome.substr(at + 5, 4), key = welcome.substr(at + 9, 4);
  const auto cancel = [this](const std::string& of) {
    const auto other = dial();
    put(other, int32(16) + int32(80877102) + of);
    STRCMP_EQUAL("", get(other).c_str());
  };
  endless = true;
  put(line, message('Q', zero("SELECT BEN_SEX_COD FROM IR_BEN_R")));
  while (!asked) std::this_thread::yield();
  for (const std::string& wrong : {std::string(4, '\0'), key.substr(1) + key.substr(0, 1)}) {
    if (wrong != key) cancel(process + wrong);
  }
  const auto next = dial();
  log_in(next, kPassword);
  CHECK(has(get(next, ready), ready));
  CHECK(endless);
  cancel(process + key);
  CHECK(has(get(line, ready), "57014"));
}

TEST(ConnectServer, OpeningsThatCannotBeAreRefusedAtOnce) {
  open();
  const std::string parameters = int32(kProtocol) + zero("user") + zero("carol");
  for (const std::string& opening :
       {int32(10'000'000) + int32(kProtocol), int32(-1) + int32(kProtocol), int32(7),
        int32(static_cast<std::int64_t>(parameters.size()) + 4) + parameters,  // without its end
        int32(9) + int32(80877103) + "x", int32(12) + int32(80877102) + int32(1), int32(8) + int32(2 << 16),
        int32(9) + int32(kProtocol + (1 << 16)) + std::string(1, '\0')}) {
    const auto line = dial();
    put(line, opening);
    CHECK(has(get(line), "08P01"));
  }
}

// As somebody else on this machine could, whose own connection she has the same port for.
TEST(ConnectServer, AnotherAddressWithTheSamePortIsSomebodyElse) {
  open();
  const auto hers = dial();
  sockaddr_in at{};
  socklen_t size = sizeof at;
  LONGS_EQUAL(0, ::getsockname(hers.get(), reinterpret_cast<sockaddr*>(&at), &size));
  const FileDescriptor line(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
  LONGS_EQUAL(0, ::bind(line.get(), reinterpret_cast<sockaddr*>(&at), sizeof at));
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  at.sin_port = htons(server->port());
  LONGS_EQUAL(0, ::connect(line.get(), reinterpret_cast<sockaddr*>(&at), sizeof at));
  put(line, startup());
  CHECK(has(get(line), "another user's token"));
}

TEST(ConnectServer, RefusesAWrongPassword) {
  open();
  for (const std::string& wrong :
       {std::string(), std::string(kPassword).substr(1), kPassword + std::string("0")}) {
    const auto line = dial();
    log_in(line, wrong);
    CHECK(has(get(line), "28P01"));
  }
  const auto line = dial();
  put(line, startup() + message('Q', zero("SELECT 1")));
  CHECK(has(get(line), "28P01"));
}

TEST(ConnectServer, TakesNoPasswordInClear) {
  open();
  for (const auto& said : {message('p', zero(kPassword)), sasl("n,,n=,r=0123456789", "PLAIN"),
                           sasl("n,,n=,r=0123456789", "SCRAM-SHA-256-PLUS"), sasl("")}) {
    const auto line = dial();
    put(line, startup() + said);
    const auto answer = get(line);
    CHECK(has(answer, "08P01"));
    CHECK(!has(answer, ready));
  }
}

TEST(ConnectServer, GivesEachConnectionItsOwnNonceAndOneTry) {
  open();
  const std::string bare = "n=,r=0123456789";
  std::string nonces[2];
  for (auto& nonce : nonces) {
    const auto line = dial();
    put(line, startup() + sasl("n,," + bare));
    const auto said = get(line, "i=4096");
    nonce = said.substr(said.find("r="), 36);
  }
  CHECK(nonces[0] != nonces[1]);
  const auto line = dial();
  put(line, startup() + sasl("n,," + bare));
  const auto said = get(line, "i=4096");
  const auto first = said.substr(said.find("r=0123456789"));
  const auto answer = [&](const char* password) {
    return message('p', scram_proven(password, bare, first, "c=biws," + first.substr(0, first.find(','))));
  };
  put(line, answer("wrong") + answer(kPassword));
  const auto end = get(line);
  CHECK(has(end, "28P01"));
  CHECK(!has(end, ready));
}

TEST(ConnectServer, EndsAConnectionThatSaysNothing) {
  open(4, 1);
  const auto silent = dial();
  STRCMP_EQUAL("", get(silent).c_str());
  const auto half = dial();
  put(half, startup());
  STRCMP_EQUAL(offer.c_str(), get(half).substr(0, offer.size()).c_str());  // and then its end
}

TEST(ConnectServer, TakesNoMoreThanItsNumberOfClients) {
  open(1);
  const auto first = dial();
  log_in(first, kPassword);
  get(first, ready);
  const auto second = dial();
  put(second, startup());
  CHECK(has(get(second), "53300"));
  put(first, message('X', ""));
  get(first);
  for (int i = 0; i < 1000; ++i) {
    const auto third = dial();
    log_in(third, kPassword);
    if (has(get(third, ready), ready)) return;
  }
  FAIL("the place of a client that left was not given on");
}

TEST(ConnectServer, SurvivesMessagesWithoutEndAndGiants) {
  open();
  const auto line = dial();
  log_in(line, kPassword);
  get(line, ready);
  put(line, "Q" + int32(2000000000));
  CHECK(has(get(line), "08P01"));
  const auto early = dial();
  put(early, startup() + "p" + int32(100000));
  CHECK(has(get(early), "08P01"));
  const auto next = dial();
  log_in(next, kPassword);
  CHECK(has(get(next, ready), ready));
}
