#include "https_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace sceau::test {

struct HttpsClient::Tls {
  Tls() = default;
  Tls(const Tls&) = delete;
  Tls& operator=(const Tls&) = delete;
  ~Tls() {
    SSL_free(ssl);
    SSL_CTX_free(context);
  }
  SSL_CTX* context = nullptr;
  SSL* ssl = nullptr;
};

FileDescriptor connect_socket(unsigned short port) {
  FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval patience{180, 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    socket.reset();
  return socket;
}

HttpsClient::HttpsClient(std::unique_ptr<Tls> tls, FileDescriptor socket)
    : tls_(std::move(tls)), socket_(std::move(socket)) {}

HttpsClient::~HttpsClient() { tls_.reset(); }

std::unique_ptr<HttpsClient> HttpsClient::connect(unsigned short port, const std::string& certificate,
                                                  bool tls_1_2, const std::string& own) {
  FileDescriptor socket = connect_socket(port);
  if (!socket.valid()) return nullptr;
  auto tls = std::make_unique<Tls>();
  tls->context = SSL_CTX_new(TLS_client_method());
  if (tls_1_2) SSL_CTX_set_max_proto_version(tls->context, TLS1_2_VERSION);
  SSL_CTX_set_verify(tls->context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_load_verify_locations(tls->context, certificate.c_str(), nullptr);
  if (!own.empty()) {
    SSL_CTX_use_certificate_file(tls->context, own.c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_use_PrivateKey_file(tls->context, own.c_str(), SSL_FILETYPE_PEM);
  }
  tls->ssl = SSL_new(tls->context);
  SSL_set1_host(tls->ssl, "localhost");
  std::unique_ptr<HttpsClient> client(new HttpsClient(std::move(tls), std::move(socket)));
  SSL_set_fd(client->tls_->ssl, client->socket_.get());
  if (SSL_connect(client->tls_->ssl) != 1) return nullptr;
  return client;
}

bool HttpsClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    std::size_t sent = 0;
    if (SSL_write_ex(tls_->ssl, bytes.data(), bytes.size(), &sent) != 1) return false;
    bytes.remove_prefix(sent);
  }
  return true;
}

std::string HttpsClient::read_some() {
  std::array<char, 65536> bytes{};
  std::size_t size = 0;
  if (SSL_read_ex(tls_->ssl, bytes.data(), bytes.size(), &size) != 1) return {};
  return {bytes.data(), size};
}

bool HttpsClient::fill() {
  const std::string more = read_some();
  buffer_ += more;
  return !more.empty();
}

HttpAnswer HttpsClient::read_answer(const BodySink& sink) {
  HttpAnswer answer;
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!fill()) return answer;
  }
  const std::string header = buffer_.substr(0, end + 2);
  buffer_.erase(0, end + 4);
  answer.status = static_cast<int>(std::strtol(header.c_str() + header.find(' ') + 1, nullptr, 10));
  const std::size_t length = header.find("Content-Length: ");
  if (length != std::string::npos) {
    const std::size_t size = std::strtoul(header.c_str() + length + 16, nullptr, 10);
    while (buffer_.size() < size) {
      if (!fill()) return answer;
    }
    answer.body = buffer_.substr(0, size);
    buffer_.erase(0, size);
    answer.whole = true;
    return answer;
  }
  read_chunks(answer, sink);
  return answer;
}

void HttpsClient::read_chunks(HttpAnswer& answer, const BodySink& sink) {
  for (;;) {
    std::size_t line = 0;
    while ((line = buffer_.find("\r\n")) == std::string::npos) {
      if (!fill()) return;
    }
    const std::size_t size = std::strtoul(buffer_.c_str(), nullptr, 16);
    while (buffer_.size() < line + 2 + size + 2) {
      if (!fill()) return;
    }
    const std::string_view piece = std::string_view(buffer_).substr(line + 2, size);
    if (sink) {
      sink(piece);
    } else {
      answer.body += piece;
    }
    buffer_.erase(0, line + 2 + size + 2);
    if (size == 0) {
      answer.whole = true;
      return;
    }
  }
}

HttpAnswer HttpsClient::get(const std::string& target, const std::string& bearer, const BodySink& sink) {
  std::string request = "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n";
  if (!bearer.empty()) request += "Authorization: Bearer " + bearer + "\r\n";
  if (!send(request + "\r\n")) return {};
  return read_answer(sink);
}

HttpAnswer HttpsClient::post(const std::string& target, const std::string& body) {
  const std::string request = "POST " + target +
                              " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
                              "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  if (!send(request)) return {};
  return read_answer();
}

void HttpsClient::reset() {
  const linger now{1, 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  socket_.reset();
}

}  // namespace sceau::test
