// The frontend's half of PostgreSQL's protocol 3.0, read:
// https://www.postgresql.org/docs/15/protocol-message-formats.html
//
// Everything here meets bytes from strangers. A reader never looks beyond its message, never believes a count
// before it has seen as many bytes, and refuses what is left over. Lengths are bounded before anything is
// kept. Failures are `invalid`: the connection ends with them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sceau/base/bytes.h"
#include "sceau/base/result.h"

namespace sceau::connect {

inline constexpr std::size_t kLongestStartup = 10000;      // as PostgreSQL's own
inline constexpr std::size_t kLongestPassword = 1024;      // any message before the log-in
inline constexpr std::size_t kLongestMessage = 1U << 20U;  // SQL and parameters
inline constexpr std::uint32_t kProtocol = 0x00030000;     // 3.0
inline constexpr std::size_t kMostParameters = 1000;

// What a connection begins with.
struct Opening {
  enum class Kind { encryption, cancel, startup };
  Kind kind = Kind::startup;
  std::uint32_t protocol = kProtocol;
  std::map<std::string, std::string> parameters;  // startup
  std::int32_t process = 0, key = 0;              // cancel
};

// A message after that: its type and what follows its length.
struct Message {
  char type = 0;
  std::string body;
};

// Bytes in, messages out.
class MessageReader {
 public:
  void feed(std::string_view bytes) { held_.append(bytes); }
  // Nothing: more bytes are needed.
  Result<std::optional<Opening>> opening();
  Result<std::optional<Message>> message(std::size_t longest = kLongestMessage);
  [[nodiscard]] std::size_t held() const { return held_.size() - at_; }

 private:
  void taken(std::size_t bytes);
  std::string held_;
  std::size_t at_ = 0;
};

// Reads one message's body from its beginning.
class Fields {
 public:
  explicit Fields(std::string_view body) : rest_(body) {}
  std::uint8_t byte();
  std::int16_t int16();
  std::int32_t int32();
  std::string text();  // ended by a zero
  std::string bytes(std::size_t count);
  [[nodiscard]] std::size_t left() const { return rest_.size(); }
  // Whether nothing was missing and nothing is left.
  [[nodiscard]] Status finish(std::string_view what) const;
  [[nodiscard]] bool short_of() const { return short_; }

 private:
  std::string_view take(std::size_t count);
  std::string_view rest_;
  bool short_ = false;
};

using Value = std::optional<std::string>;  // nothing is NULL

struct ParseMessage {
  std::string name, query;
  std::vector<std::uint32_t> types;
};
struct BindMessage {
  std::string portal, statement;
  std::vector<bool> binary;  // parameters' formats: none, one for all, or one each
  std::vector<Value> values;
  std::vector<bool> results_binary;
};
struct NamedMessage {  // Describe and Close
  char kind = 'S';     // S or P
  std::string name;
};
struct ExecuteMessage {
  std::string portal;
  std::int32_t rows = 0;  // 0: all
};

Result<Opening> read_opening(std::string_view packet);  // without its length
Result<ParseMessage> read_parse(std::string_view body);
Result<BindMessage> read_bind(std::string_view body);
Result<NamedMessage> read_named(std::string_view body);
Result<ExecuteMessage> read_execute(std::string_view body);
// SASLInitialResponse: the mechanism, and what the client says first.
struct SaslMessage {
  std::string mechanism, data;
};
Result<SaslMessage> read_sasl(std::string_view body);
// A Query message: one text.
Result<std::string> read_text(std::string_view body);

// The format that a list of format codes gives to one of many.
bool format_of(const std::vector<bool>& formats, std::size_t index);

}  // namespace sceau::connect
