#include "server.h"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>

#include "connection.h"
#include "peer.h"

namespace sceau::connect {
namespace {

using Trouble = boost::system::error_code;
using net::ip::tcp;
using Local = net::local::stream_protocol;

constexpr std::chrono::milliseconds kPause{50};

}  // namespace

struct Server::State {
  State(ServerOptions options, Random& random)
      : shared(std::move(options), random),
        loopback(shared.network),
        local(shared.network),
        signals(shared.network),
        pause(shared.network) {}

  Shared shared;
  tcp::acceptor loopback;
  Local::acceptor local;
  net::signal_set signals;
  net::steady_timer pause;

  Status listen();
  template <typename Acceptor>
  void accept(Acceptor& acceptor);
  void welcome(tcp::socket socket);
  void welcome(Local::socket socket);
  void take(Connection::Socket socket, std::optional<unsigned> peer);
  void stop();
};

Status Server::State::listen() {
  Trouble trouble;
  const auto fail = [&](const std::string& where) {
    return Error{ErrorKind::unavailable, "listening at " + where + ": " + trouble.message() +
                                             ": choose another with --port or --socket"};
  };
  if (!shared.options.socket.empty()) {
    const auto path = shared.options.socket.string();
    // What a run that ended badly left behind; a socket that somebody answers at is taken.
    Local::socket probe(shared.network);
    probe.connect(Local::endpoint(path), trouble);
    struct stat about {};
    if (trouble && ::lstat(path.c_str(), &about) == 0 && S_ISSOCK(about.st_mode)) ::unlink(path.c_str());
    trouble.clear();
    const mode_t before = ::umask(0177);
    local.open(Local(), trouble);
    if (!trouble) local.bind(Local::endpoint(path), trouble);
    ::umask(before);
    if (!trouble) local.listen(128, trouble);
    return trouble ? Status(fail(path)) : Status();
  }
  const tcp::endpoint at(net::ip::address_v4::loopback(), shared.options.port);
  loopback.open(tcp::v4(), trouble);
  if (!trouble) loopback.set_option(tcp::acceptor::reuse_address(true), trouble);
  if (!trouble) loopback.bind(at, trouble);
  if (!trouble) loopback.listen(128, trouble);
  return trouble ? Status(fail("127.0.0.1:" + std::to_string(shared.options.port))) : Status();
}

template <typename Acceptor>
void Server::State::accept(Acceptor& acceptor) {
  acceptor.async_accept([this, &acceptor](const Trouble& trouble, auto socket) {
    if (!acceptor.is_open()) return;
    if (trouble) {  // no descriptor is free, say: others end meanwhile
      pause.expires_after(kPause);
      pause.async_wait([this, &acceptor](const Trouble& stopped) {
        if (!stopped) accept(acceptor);
      });
      return;
    }
    welcome(std::move(socket));
    accept(acceptor);
  });
}

void Server::State::welcome(tcp::socket socket) {
  Trouble trouble;
  const auto here = socket.local_endpoint(trouble);
  const auto there = socket.remote_endpoint(trouble);
  if (trouble) return;
  socket.set_option(tcp::no_delay(true), trouble);
  // The kernel's table is looked through by ports, and another address of the loopback may have the same one.
  const bool plain = there.address() == net::ip::address(net::ip::address_v4::loopback());
  const auto peer = plain ? peer_of_loopback(here.port(), there.port()) : std::nullopt;
  take(Connection::Socket(std::move(socket)), peer);
}

void Server::State::welcome(Local::socket socket) {
  const auto peer = peer_of_unix(socket.native_handle());
  take(Connection::Socket(std::move(socket)), peer);
}

void Server::State::take(Connection::Socket socket, std::optional<unsigned> peer) {
  std::int32_t key = 0;
  shared.random.fill({reinterpret_cast<std::uint8_t*>(&key), sizeof key});
  const std::int32_t process = ++shared.last & 0x3FFFFFFF;
  auto connection = std::make_shared<Connection>(std::move(socket), shared, process, key);
  if (peer != ::geteuid()) {
    if (shared.options.log) shared.options.log("somebody else on this machine was turned away");
    return connection->turn_away(
        {"28000", "this is another user's token: start 'sceau connect' with your own", {}});
  }
  if (shared.connections.size() >= shared.options.connections)
    return connection->turn_away({"53300", "sorry, too many clients already", {}});
  shared.connections[process] = connection;
  connection->start();
}

void Server::State::stop() {
  Trouble ignored;
  loopback.close(ignored);
  local.close(ignored);
  pause.cancel();
  signals.cancel(ignored);
  auto all = shared.connections;
  for (auto& [process, weak] : all) {
    if (const auto connection = weak.lock()) connection->close();
  }
  if (!shared.options.socket.empty()) ::unlink(shared.options.socket.c_str());
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}
Server::~Server() { state_->shared.pool.join(); }

Result<std::unique_ptr<Server>> Server::open(ServerOptions options, Random& random) {
  auto state = std::make_unique<State>(std::move(options), random);
  if (auto listening = state->listen(); !listening) return listening.error();
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

std::uint16_t Server::port() const {
  Trouble trouble;
  const auto at = state_->loopback.local_endpoint(trouble);
  return trouble ? std::uint16_t{0} : at.port();
}

void Server::run() {
  State& state = *state_;
  state.signals.add(SIGINT);
  state.signals.add(SIGTERM);
  state.signals.async_wait([&state](const Trouble& trouble, int) {
    if (!trouble) state.stop();
  });
  if (state.local.is_open()) {
    state.accept(state.local);
  } else {
    state.accept(state.loopback);
  }
  state.shared.network.run();
  state.shared.pool.join();
  state.shared.network.restart();
  state.shared.network.run();  // what workers posted at the end
}

void Server::stop() {
  net::post(state_->shared.network, [this] { state_->stop(); });
}

}  // namespace sceau::connect
