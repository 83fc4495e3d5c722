#include "connect/server.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

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

}  // namespace

TEST_GROUP(ConnectServer) {
  SystemRandom random;
  std::unique_ptr<Server> server;
  std::thread running;

  void open(std::size_t connections = 4, unsigned seconds = 10) {
    ServerOptions options;
    options.connections = connections;
    options.startup_seconds = seconds;
    options.workers = 2;
    options.defaults = {"p-1", "why", "aggregate", "", 0};
    options.password = Secret(as_bytes(std::string(kPassword)));
    options.warehouse = [] { return std::make_unique<FakeWarehouse>(); };
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
  const std::string ready = message('Z', "I");
};

TEST(ConnectServer, LetsInWhoKnowsThePassword) {
  open();
  const auto line = dial();
  put(line, int32(8) + int32(80877103));  // SSLRequest
  STRCMP_EQUAL("N", get(line, "N").c_str());
  put(line, startup());
  get(line, message('R', int32(3)));
  put(line, message('p', zero(kPassword)));
  const auto welcome = get(line, ready);
  CHECK(has(welcome, zero("server_version") + zero("15.0")));
  put(line, message('Q', zero("SELECT 1")) + message('X', ""));
  CHECK(has(get(line), zero("SELECT 1")));
}

TEST(ConnectServer, RefusesAWrongPassword) {
  open();
  for (const std::string& wrong :
       {std::string(), std::string(kPassword).substr(1), kPassword + std::string("0")}) {
    const auto line = dial();
    put(line, startup() + message('p', zero(wrong)));
    CHECK(has(get(line), "28P01"));
  }
  const auto line = dial();
  put(line, startup() + message('Q', zero("SELECT 1")));
  CHECK(has(get(line), "28P01"));
}

TEST(ConnectServer, EndsAConnectionThatSaysNothing) {
  open(4, 1);
  const auto silent = dial();
  STRCMP_EQUAL("", get(silent).c_str());
  const auto half = dial();
  put(half, startup());
  CHECK(has(get(half), message('R', int32(3))));  // and then its end
}

TEST(ConnectServer, TakesNoMoreThanItsNumberOfClients) {
  open(1);
  const auto first = dial();
  put(first, startup() + message('p', zero(kPassword)));
  get(first, ready);
  const auto second = dial();
  put(second, startup());
  CHECK(has(get(second), "53300"));
  put(first, message('X', ""));
  get(first);
  for (int i = 0; i < 1000; ++i) {
    const auto third = dial();
    put(third, startup() + message('p', zero(kPassword)));
    if (has(get(third, ready), ready)) return;
  }
  FAIL("the place of a client that left was not given on");
}

TEST(ConnectServer, SurvivesMessagesWithoutEndAndGiants) {
  open();
  const auto line = dial();
  put(line, startup() + message('p', zero(kPassword)));
  get(line, ready);
  put(line, "Q" + int32(2000000000));
  CHECK(has(get(line), "08P01"));
  const auto early = dial();
  put(early, startup() + "p" + int32(100000));
  CHECK(has(get(early), "08P01"));
  const auto next = dial();
  put(next, startup() + message('p', zero(kPassword)));
  CHECK(has(get(next, ready), ready));
}
