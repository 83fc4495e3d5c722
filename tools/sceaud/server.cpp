#include "server.h"

#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <thread>
#include <vector>

#include "connection.h"
#include "tls.h"

namespace sceau::sceaud {
namespace {

using Problem = boost::system::error_code;
using std::chrono::seconds;

constexpr seconds kTick{1}, kStopTime{10};
constexpr std::chrono::milliseconds kAcceptPause{100};

std::string bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

}  // namespace

struct Server::State {
  State(gate::Gate& gate, ServerOptions options)
      : shared(gate, std::move(options)),
        acceptor(shared.network),
        card_acceptor(shared.network),
        signals(shared.network, SIGTERM, SIGINT),
        tick_timer(shared.network),
        stop_timer(shared.network) {}

  Shared shared;
  net::ip::tcp::acceptor acceptor, card_acceptor;
  net::signal_set signals;
  net::steady_timer tick_timer, stop_timer;
  std::string url, card_url;

  using Acceptor = net::ip::tcp::acceptor;
  static Result<std::string> bind(Acceptor& acceptor, const std::string& host, unsigned short port);
  void accept(Acceptor& at);
  void welcome(net::ip::tcp::socket socket, bool for_cards);
  void make_room();
  void tick();
  void stop();
  void say(gate::LogLevel level, const std::string& line) const {
    if (shared.options.log) shared.options.log(level, line);
  }
};

// Answers the URL under which it can be reached.
Result<std::string> Server::State::bind(Acceptor& acceptor, const std::string& host, unsigned short port) {
  const std::string where = bracketed(host) + ":" + std::to_string(port);
  Problem problem;
  const auto address = net::ip::make_address(host, problem);
  if (problem) {
    return Error{ErrorKind::invalid,
                 "listening on " + where + ": write an IP address and a port, as 127.0.0.1:8443"};
  }
  const net::ip::tcp::endpoint endpoint(address, port);
  acceptor.open(endpoint.protocol(), problem);
  if (!problem) acceptor.set_option(net::socket_base::reuse_address(true), problem);
  if (!problem) acceptor.bind(endpoint, problem);
  if (!problem) acceptor.listen(net::socket_base::max_listen_connections, problem);
  if (problem) return Error{ErrorKind::unavailable, "listening on " + where + ": " + problem.message()};
  return "https://" + bracketed(address.is_unspecified() ? "127.0.0.1" : host) + ":" +
         std::to_string(acceptor.local_endpoint().port());
}

void Server::State::accept(Acceptor& at) {
  at.async_accept(net::make_strand(shared.network),
                  [this, &at](const Problem& problem, net::ip::tcp::socket socket) {
                    if (shared.stopping) return;
                    if (!problem) {
                      welcome(std::move(socket), &at == &card_acceptor);
                      return accept(at);
                    }
                    // Out of file descriptors, most likely: wait until some are free again.
                    make_room();
                    auto pause = std::make_shared<net::steady_timer>(shared.network, kAcceptPause);
                    pause->async_wait([this, &at, pause](const Problem&) {
                      if (!shared.stopping) accept(at);
                    });
                  });
}

void Server::State::welcome(net::ip::tcp::socket socket, bool for_cards) {
  Problem ignored;
  socket.set_option(net::ip::tcp::no_delay(true), ignored);
  auto connection = std::make_shared<Connection>(std::move(socket), shared, for_cards);
  std::size_t open = 0;
  {
    const std::lock_guard held(shared.connections_mutex);
    shared.connections.emplace(connection.get(), connection);
    open = shared.connections.size();
  }
  if (open > shared.options.connections) make_room();
  // What no waiting client makes room for is turned away.
  if (open > shared.options.connections + shared.options.connections / 10) return;
  connection->start();
}

void Server::State::make_room() {
  // Held beyond the lock: a connection that ends here takes the lock itself.
  std::vector<std::shared_ptr<Connection>> all;
  {
    const std::lock_guard held(shared.connections_mutex);
    for (const auto& [key, weak] : shared.connections) all.push_back(weak.lock());
  }
  Connection* oldest = nullptr;
  for (const auto& connection : all) {
    if (!connection || connection->idle_since() == 0) continue;
    if (oldest == nullptr || connection->idle_since() < oldest->idle_since()) oldest = connection.get();
  }
  if (oldest != nullptr) oldest->stop();
}

void Server::State::tick() {
  tick_timer.expires_after(kTick);
  tick_timer.async_wait([this](const Problem& problem) {
    if (problem || shared.stopping) return;
    if (!shared.ticking.exchange(true)) {
      net::post(shared.workers, [this] {
        shared.gate.tick();
        shared.api.tick();
        shared.ticking = false;
      });
    }
    tick();
  });
}

void Server::State::stop() {
  shared.stopping = true;
  Problem ignored;
  acceptor.close(ignored);
  card_acceptor.close(ignored);
  tick_timer.cancel();
  shared.gate.stop_running();
  std::vector<std::shared_ptr<Connection>> open;
  {
    const std::lock_guard held(shared.connections_mutex);
    for (const auto& [key, weak] : shared.connections) {
      if (auto connection = weak.lock()) open.push_back(std::move(connection));
    }
    if (open.empty()) return;
    shared.last_gone = [this] { net::post(shared.network, [this] { stop_timer.cancel(); }); };
  }
  // What has not ended by itself then is cut off: its Delivery still writes how much was sent.
  stop_timer.expires_after(kStopTime);
  stop_timer.async_wait([this](const Problem& problem) {
    if (problem) return;
    say(gate::LogLevel::warning, "cutting off clients that did not end in time");
    shared.network.stop();
  });
  for (const auto& connection : open) connection->stop();
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::listen(gate::Gate& gate, const gate::Home& home,
                                               ServerOptions options) {
  auto state = std::make_unique<State>(gate, std::move(options));
  Shared& shared = state->shared;
  if (auto status = configure_tls(shared.tls.native_handle(), home); !status) return status.error();
  auto url = State::bind(state->acceptor, shared.options.host, shared.options.port);
  if (!url) return url.error();
  state->url = std::move(*url);
  if (!shared.options.card_host.empty()) {
    if (auto status = configure_tls(shared.card_tls.native_handle(), home); !status) return status.error();
    ask_for_certificates(shared.card_tls.native_handle());
    url = State::bind(state->card_acceptor, shared.options.card_host, shared.options.card_port);
    if (!url) return url.error();
    state->card_url = std::move(*url);
    shared.api.cards_at(state->card_acceptor.local_endpoint().port());
  }
  gate.on_change([&waiters = state->shared.waiters](const Digest& request) { waiters.notify(request); });
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

const std::string& Server::url() const { return state_->url; }
const std::string& Server::card_url() const { return state_->card_url; }

void Server::run() {
  State& state = *state_;
  state.signals.async_wait([&state](const Problem& problem, int number) {
    if (problem) return;
    state.say(gate::LogLevel::info, "stopping on signal " + std::to_string(number));
    state.stop();
  });
  state.accept(state.acceptor);
  if (!state.card_url.empty()) state.accept(state.card_acceptor);
  state.tick();
  std::vector<std::thread> threads;
  for (unsigned more = 1; more < state.shared.options.network_threads; ++more) {
    threads.emplace_back([&state] { state.shared.network.run(); });
  }
  state.shared.network.run();
  for (std::thread& thread : threads) thread.join();
  state.shared.runners.join();
  state.shared.workers.join();
}

}  // namespace sceau::sceaud
