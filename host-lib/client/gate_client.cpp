#include "sceau/client/gate_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <span>

#include "sceau/base/error_kind.h"
#include "sceau/base/files.h"
#include "sceau/base/handle.h"
#include "sceau/pki/certificate.h"

namespace sceau::client {
namespace {

using statement::Value;

constexpr std::size_t kLargestDocument = 64U << 20U;
constexpr long kUsualSeconds = 60;
constexpr long kSilenceSeconds = 1200;  // a query may run long before its first row comes

// "sha256//BASE64" over the certificate's SubjectPublicKeyInfo, as CURLOPT_PINNEDPUBLICKEY takes it.
std::string pin_of(const pki::Certificate& certificate) {
  return "sha256//" + to_base64(sha256(certificate.spki()));
}

ErrorKind kind_of(const std::string& name, long status) {
  const auto kind = error_kind_from_text(name);
  if (kind && *kind != ErrorKind::internal) return *kind;
  if (status == 401) return ErrorKind::authentication;
  if (status == 404) return ErrorKind::not_found;
  return status >= 500 ? ErrorKind::unavailable : ErrorKind::refused;
}

// What a body is given to while it arrives.
struct Receiver {
  CURL* handle = nullptr;
  const GateClient::Sink* sink = nullptr;  // only for bodies of status 200
  std::size_t limit = kLargestDocument;
  Bytes body;
  std::optional<Error> failed;
};

std::size_t receive(char* data, std::size_t one, std::size_t size, void* context) {
  auto& receiver = *static_cast<Receiver*>(context);
  const ByteView piece(reinterpret_cast<const std::uint8_t*>(data), one * size);
  long status = 0;
  curl_easy_getinfo(receiver.handle, CURLINFO_RESPONSE_CODE, &status);
  if (receiver.sink != nullptr && status == 200) {
    auto taken = (*receiver.sink)(piece);
    if (taken) return piece.size();
    receiver.failed = taken.error();
    return 0;
  }
  if (receiver.body.size() + piece.size() > receiver.limit) {
    receiver.failed = Error{ErrorKind::corrupt, "the gate's answer is longer than it may be"};
    return 0;
  }
  append(receiver.body, piece);
  return piece.size();
}

// libcurl asks about once a second, more often while bytes come.
int look_whether_stopped(void* stopped, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return (*static_cast<GateClient::Stopped*>(stopped))() ? 1 : 0;
}

// What the gate answered to that, as JSON.
Result<Value> read_answer(const Result<Bytes>& body, const std::string& to) {
  if (!body) return body.error();
  auto value = statement::parse_wire(*body, kLargestDocument);
  if (!value) return Error{ErrorKind::corrupt, "the gate's answer to " + to + ": " + value.error().message};
  return value;
}

Bytes envelope(ByteView statement, ByteView evidence, const std::vector<Bytes>& blobs) {
  statement::Array carried;
  for (const auto& blob : blobs) carried.emplace_back(to_base64(blob));
  return statement::to_canonical_bytes(statement::Object{
      {"blobs", std::move(carried)}, {"evidence", to_base64(evidence)}, {"statement", to_base64(statement)}});
}

Result<Submitted> read_submitted(const Result<Value>& value) {
  if (!value) return value.error();
  Submitted submitted;
  auto state = statement::text_field(*value, "state");
  if (!state) return Error{ErrorKind::corrupt, "the gate's answer to a statement: " + state.error().message};
  submitted.state = std::move(*state);
  if (auto alarms = statement::texts_field(*value, "alarms")) submitted.alarms = std::move(*alarms);
  if (auto notices = statement::texts_field(*value, "notices")) submitted.notices = std::move(*notices);
  if (const Value* receipt = value->find("receipt")) submitted.receipt = *receipt;
  if (auto request = statement::digest_field(*value, "request")) submitted.request = *request;
  if (auto session = statement::text_field(*value, "session")) submitted.session = *session;
  if (auto until = statement::time_field(*value, "until")) submitted.session_until = *until;
  return submitted;
}

}  // namespace

struct GateClient::Handle {
  std::string url;
  std::string certificate;
  std::string pin;  // empty when the file holds an authority
  sceau::Handle<CURL, curl_easy_cleanup> curl;
  sceau::Handle<curl_slist, curl_slist_free_all> headers;
  Stopped stopped;  // while rows come, or a script runs

  Result<Bytes> call(const std::string& path, const Bytes* body, long timeout, const Sink* sink,
                     std::size_t limit);
  void prepare(const std::string& target, const Bytes* body, long timeout);
  [[nodiscard]] Error unreachable(CURLcode code, const char* detail) const;
  [[nodiscard]] static Error refusal(long status, const Bytes& body);
  void set_headers(std::string_view bearer);
};

void GateClient::Handle::set_headers(std::string_view bearer) {
  curl_slist* list = curl_slist_append(nullptr, "Content-Type: application/json");
  list = curl_slist_append(list, "Expect:");
  if (!bearer.empty()) {
    std::string line = "Authorization: Bearer " + std::string(bearer);
    list = curl_slist_append(list, line.c_str());
    wipe({reinterpret_cast<std::uint8_t*>(line.data()), line.size()});
  }
  headers.reset(list);
}

void GateClient::Handle::prepare(const std::string& target, const Bytes* body, long timeout) {
  CURL* handle = curl.get();
  curl_easy_reset(handle);
  curl_easy_setopt(handle, CURLOPT_URL, target.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "https");
  curl_easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_3));
  curl_easy_setopt(handle, CURLOPT_CAINFO, certificate.c_str());
  curl_easy_setopt(handle, CURLOPT_CAPATH, nullptr);
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  if (pin.empty()) {
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  } else {
    // The key itself is pinned, which says more than a name.
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(handle, CURLOPT_PINNEDPUBLICKEY, pin.c_str());
  }
  curl_easy_setopt(handle, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, 10L);
  curl_easy_setopt(handle, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(handle, CURLOPT_BUFFERSIZE, 262144L);
  if (timeout > 0) {
    curl_easy_setopt(handle, CURLOPT_TIMEOUT, timeout);
  } else {
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, kSilenceSeconds);
  }
  if (body != nullptr) {
    curl_easy_setopt(handle, CURLOPT_POST, 1L);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, reinterpret_cast<const char*>(body->data()));
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body->size()));
  }
}

Error GateClient::Handle::unreachable(CURLcode code, const char* detail) const {
  std::string why = *detail != '\0' ? detail : curl_easy_strerror(code);
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return {ErrorKind::authentication, "the gate at " + url + " is not the one that " + certificate +
                                             " names (" + why +
                                             "): nothing was sent; ask an administrator for "
                                             "its certificate"};
    case CURLE_ABORTED_BY_CALLBACK:
      return {ErrorKind::unavailable,
              "stopped before all rows had come: the gate writes down how many were sent; sign a new request "
              "to ask again"};
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
      return {ErrorKind::unavailable, "the line to the gate at " + url + " broke (" + why + "): ask again"};
    default:
      return {ErrorKind::unavailable,
              "no gate answers at " + url + " (" + why + "): is sceaud running there?"};
  }
}

Error GateClient::Handle::refusal(long status, const Bytes& body) {
  auto answer = statement::parse_wire(body, kLargestDocument);
  if (answer) {
    auto line = statement::text_field(*answer, "error");
    auto kind = statement::text_field(*answer, "kind");
    if (line) return {kind_of(kind ? *kind : std::string(), status), *line};
  }
  return {kind_of({}, status), "the gate answered " + std::to_string(status) + " without saying why"};
}

Result<Bytes> GateClient::Handle::call(const std::string& path, const Bytes* body, long timeout,
                                       const Sink* sink, std::size_t limit) {
  const std::string target = url + path;
  std::array<char, CURL_ERROR_SIZE> detail{};
  Receiver receiver{curl.get(), sink, limit, {}, {}};
  prepare(target, body, timeout);
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, detail.data());
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, &receive);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &receiver);
  if (stopped) {
    curl_easy_setopt(curl.get(), CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl.get(), CURLOPT_XFERINFOFUNCTION, &look_whether_stopped);
    curl_easy_setopt(curl.get(), CURLOPT_XFERINFODATA, &stopped);
  }
  const auto code = curl_easy_perform(curl.get());
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, nullptr);
  if (receiver.failed) return *receiver.failed;
  if (code != CURLE_OK) return unreachable(code, detail.data());
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status < 200 || status > 299) return refusal(status, receiver.body);
  return std::move(receiver.body);
}

GateClient::GateClient(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}
GateClient::~GateClient() = default;

Result<std::unique_ptr<GateClient>> GateClient::open(const GateAddress& address) {
  auto pem = read_file(address.certificate, 1U << 20U);
  if (!pem) return pem.error().within("the gate's certificate");
  auto certificates = pki::Certificate::all_from_pem(as_text(*pem));
  if (!certificates) return certificates.error().within(address.certificate.string());
  if (!address.url.starts_with("https://")) {
    return Error{ErrorKind::invalid,
                 "the gate's address must begin with https://, not '" + address.url + "'"};
  }
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0) return Error{ErrorKind::internal, "libcurl does not start"};
  auto handle = std::make_unique<Handle>();
  handle->url = address.url;
  while (handle->url.ends_with('/')) handle->url.pop_back();
  handle->certificate = address.certificate.string();
  if (certificates->size() == 1 && !certificates->front().is_ca())
    handle->pin = pin_of(certificates->front());
  handle->curl.reset(curl_easy_init());
  if (!handle->curl) return Error{ErrorKind::internal, "libcurl does not start"};
  handle->set_headers({});
  return std::unique_ptr<GateClient>(new GateClient(std::move(handle)));
}

const std::string& GateClient::url() const { return handle_->url; }
void GateClient::use_session(std::string_view token) { handle_->set_headers(token); }

Result<Value> GateClient::get(const std::string& path, long wait) {
  return read_answer(handle_->call(path, nullptr, kUsualSeconds + wait, nullptr, kLargestDocument), path);
}

Result<Value> GateClient::ask(const std::string& path, const Value& question) {
  const auto body = statement::to_canonical_bytes(question);
  return read_answer(handle_->call(path, &body, kUsualSeconds, nullptr, kLargestDocument), path);
}

Result<Bytes> GateClient::get_bytes(const std::string& path, std::size_t limit) {
  return handle_->call(path, nullptr, kUsualSeconds, nullptr, limit);
}

Status GateClient::rows(const Digest& request, const Sink& sink, Stopped stopped) {
  handle_->stopped = std::move(stopped);
  auto done = handle_->call("/requests/" + to_hex(request) + "/rows", nullptr, 0, &sink, kLargestDocument);
  handle_->stopped = nullptr;
  if (!done) return done.error();
  return {};
}

Result<GateState> GateClient::state() {
  auto value = get("/state");
  if (!value) return value.error();
  GateState state;
  for (const auto& [name, text] : {std::pair{"realm", &state.realm},
                                   {"gate", &state.gate},
                                   {"version", &state.version},
                                   {"checkpoint", &state.checkpoint}}) {
    auto field = statement::text_field(*value, name);
    if (!field) return Error{ErrorKind::corrupt, "the gate's state: " + field.error().message};
    *text = std::move(*field);
  }
  auto time = statement::time_field(*value, "time");
  if (time) state.time = *time;
  state.all = std::move(*value);
  return state;
}

Result<Submitted> GateClient::submit(ByteView statement, ByteView evidence, const std::vector<Bytes>& blobs) {
  const auto body = envelope(statement, evidence, blobs);
  return read_submitted(read_answer(
      handle_->call("/statements", &body, kUsualSeconds, nullptr, kLargestDocument), "a statement"));
}

Result<Submitted> GateClient::submit_and_run(ByteView statement, ByteView evidence, Stopped stopped) {
  const auto body = envelope(statement, evidence, {});
  handle_->stopped = std::move(stopped);
  auto answer = handle_->call("/statements?run=1", &body, 0, nullptr, kLargestDocument);
  const bool stopped_here = !answer && handle_->stopped && handle_->stopped();
  handle_->stopped = nullptr;
  if (stopped_here)
    return Error{
        ErrorKind::unavailable,
        "stopped while the script ran: nothing of it is kept unless it had just ended, which its result "
        "says: look whether its tables are there before you ask again"};
  return read_submitted(read_answer(answer, "a script"));
}

}  // namespace sceau::client
