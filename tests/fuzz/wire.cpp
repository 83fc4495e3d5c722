// A client of `sceau connect`: any bytes as its first message, then a log-in that happened, then any
// messages.
//
// Whatever comes, replies are whole messages that the protocol has, and a Query and a Sync are answered to
// their end.
#include <string>

#include "connect/session.h"
#include "fuzz.h"
#include "targets.h"

namespace sceau::fuzz {
namespace {

using namespace connect;

constexpr std::string_view kDocument =
    R"({"engine":"sqlite","project":"p","source":"s","tables":[{"columns":[)"
    R"({"label":"measure","name":"a","type":"integer"},{"label":"measure","name":"b","type":"text"}],)"
    R"("name":"t","workspace":false}]})";

class NoWarehouse final : public Warehouse {
 public:
  Result<std::shared_ptr<const Tables>> tables(const Wanted& wanted, bool) override {
    if (wanted.project != "p") return Error{ErrorKind::refused, "no such project"};
    if (!held_) {
      auto read = Tables::read(*statement::parse_wire(as_bytes(kDocument), kDocument.size()));
      require(read.ok(), "a catalogue that is not read");
      held_ = std::make_shared<const Tables>(std::move(*read));
    }
    return held_;
  }
  Result<std::unique_ptr<Spool>> rows(const Wanted&, const std::string& sql, Waiting&) override {
    require(!sql.empty(), "nothing was asked");
    auto spool = std::make_unique<Spool>("/tmp");
    (void)spool->write(as_bytes(std::string_view("a\r\n1\r\n\r\n")));
    return spool;
  }
  Status work(const Wanted&, const std::vector<std::string>& sql, Waiting&) override {
    require(!sql.empty() && sql.size() <= 64, "a script of nothing, or too long");
    return {};
  }

 private:
  std::shared_ptr<const Tables> held_;
};

class Memory final : public Link {
 public:
  bool send(std::string bytes) override {
    said += bytes;
    return true;
  }
  std::string said;
};

// Whole messages, of types that a backend has; the last one's type.
char check_replies(const std::string& said) {
  MessageReader reader;
  reader.feed(said);
  char last = 0;
  for (;;) {
    auto message = reader.message(std::size_t{1} << 30U);
    require(message.ok(), "a reply that is no message");
    if (!*message) break;
    last = (*message)->type;
    constexpr std::string_view known = "RSKZTtDCENHdc123Ins";
    require(known.find(last) != std::string_view::npos, "a reply that the protocol does not have");
  }
  require(reader.held() == 0, "half a reply");
  return last;
}

void read_alone(const std::string& bytes) {
  (void)read_opening(bytes);
  (void)read_parse(bytes);
  (void)read_bind(bytes);
  (void)read_named(bytes);
  (void)read_execute(bytes);
  MessageReader reader;
  reader.feed(bytes);
  (void)reader.opening();
}

}  // namespace

void wire(ByteView input) {
  const std::string bytes = to_text(input);
  read_alone(bytes);
  NoWarehouse warehouse;
  Memory link;
  Session session(warehouse, {"p", "why", "aggregate", "", 10}, link, 1);
  Opening startup;
  startup.parameters = {{"user", "u"}};
  require(session.begin(startup, 2), "no beginning");
  MessageReader reader;
  reader.feed(bytes);
  for (int count = 0; count < 50; ++count) {
    auto message = reader.message();
    if (!message || !*message) break;
    link.said.clear();
    const bool on = session.handle(**message);
    const char last = check_replies(link.said);
    if (on && ((*message)->type == 'Q' || (*message)->type == 'S'))
      require(last == 'Z', "an answer without its end");
    if (!on) break;
  }
}

}  // namespace sceau::fuzz
