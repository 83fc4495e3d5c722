// A client of `sceau connect`: any bytes as its first message, then a log-in that happened, then any
// messages.
//
// Whatever comes, replies are whole messages that the protocol has, and a Query and a Sync are answered to
// their end.
#include <string>

#include "connect/scram.h"
#include "connect/session.h"
#include "fuzz.h"
#include "targets.h"

namespace sceau::fuzz {
namespace {

using namespace connect;

constexpr std::string_view kDocument =
    R"({"engine":"sqlite","project":"p","source":"s","tables":[{"columns":[)"
    R"({"label":"measure","name":"a","type":"integer"},{"label":"measure","name":"b","type":"text"}],)"
    R"("name":"t","workspace":false},{"columns":[{"label":"measure","name":"n","type":"integer"},)"
    R"({"label":"measure","name":"x.y","type":"text"}],"name":"w","workspace":true}]})";

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
    if (!copying || !sql[0].starts_with("INSERT INTO \"w\" (")) return {};
    auto read = read_sentences(sql[0]);
    require(read && read->size() == 1 && read->front().command == "INSERT 0 0",
            "lines of COPY that become something else than an INSERT");
    return {};
  }
  bool copying = false;

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
    constexpr std::string_view known = "RSKZTtDCENHGdc123Ins";
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
  (void)read_sasl(bytes);
  MessageReader reader;
  reader.feed(bytes);
  (void)reader.opening();
}

// Two messages of a log-in, parted by a zero: nobody knows the password.
void log_in(const std::string& bytes) {
  static const ScramKeys keys =
      *scram_keys(Secret(as_bytes(std::string_view("never sent"))), Bytes(16, 7), 1);
  ScramLogin first_alone(keys, "nonce");
  const auto middle = std::min(bytes.find('\0'), bytes.size());
  const auto answer = first_alone.first(bytes.substr(0, middle));
  const std::string rest = bytes.substr(std::min(middle + 1, bytes.size()));
  require(!first_alone.last(rest).ok(), "a log-in without the password");
  ScramLogin other(keys, "nonce");
  if (!answer || !other.first(bytes.substr(0, middle)).ok()) return;
  // With the nonce that it was given: what a proof is compared with.
  const std::string last =
      "c=biws," + answer->substr(0, answer->find(',')) + ",p=" + to_base64(as_bytes(rest));
  require(!other.last(last).ok(), "a log-in without the password");
}

}  // namespace

void wire(ByteView input) {
  const std::string bytes = to_text(input);
  read_alone(bytes);
  log_in(bytes);
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
    const char type = (*message)->type;
    if (on && !warehouse.copying && (type == 'Q' || type == 'S'))
      require(last == 'Z' || (type == 'Q' && last == 'G'), "an answer without its end");
    if (last == 'G') {
      warehouse.copying = true;
    } else if (last != 0 || (type != 'd' && type != 'H' && type != 'S')) {
      warehouse.copying = false;
    }
    if (!on) break;
  }
}

}  // namespace sceau::fuzz
