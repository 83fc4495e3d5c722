// A small blocking HTTPS client for tests, which can also misbehave.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "sceau/base/bytes.h"
#include "sceau/base/files.h"

namespace sceau::test {

struct HttpAnswer {
  int status = 0;  // 0: no whole answer came
  std::string body;
  bool whole = false;  // Content-Length bytes, or the last chunk, arrived
};

// A TCP connection to 127.0.0.1:port, over which nothing was said yet; not valid when it is refused.
FileDescriptor connect_socket(unsigned short port);

class HttpsClient {
 public:
  // Takes a chunked body piece by piece as it comes, which then does not stand in the answer.
  using BodySink = std::function<void(std::string_view)>;

  // Connects to 127.0.0.1:port and trusts `certificate` (PEM file) alone. `tls_1_2` offers nothing newer.
  // `own`: a PEM file with the client's own certificate and key.
  static std::unique_ptr<HttpsClient> connect(unsigned short port, const std::string& certificate,
                                              bool tls_1_2 = false, const std::string& own = {});
  ~HttpsClient();
  HttpsClient(const HttpsClient&) = delete;
  HttpsClient& operator=(const HttpsClient&) = delete;

  // False once the line is broken.
  bool send(std::string_view bytes);
  HttpAnswer read_answer(const BodySink& sink = {});
  HttpAnswer get(const std::string& target, const std::string& bearer = {}, const BodySink& sink = {});
  HttpAnswer post(const std::string& target, const std::string& body);
  // Some bytes, or nothing at the end or when none came for three minutes.
  std::string read_some();
  // Closes the socket with a reset, as a process that dies does.
  void reset();
  [[nodiscard]] int descriptor() const { return socket_.get(); }

 private:
  struct Tls;
  HttpsClient(std::unique_ptr<Tls> tls, FileDescriptor socket);
  bool fill();
  void read_chunks(HttpAnswer& answer, const BodySink& sink);
  std::unique_ptr<Tls> tls_;
  FileDescriptor socket_;
  std::string buffer_;
};

}  // namespace sceau::test
