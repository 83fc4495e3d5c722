// A client without a network: a session, a warehouse that answers what the test says, and what was replied.
#pragma once

#include <string>
#include <vector>

#include "connect/session.h"

namespace sceau::connect {

// Two tables, as the gate would show them.
std::string catalogue_document();
Tables some_tables();

class FakeWarehouse final : public Warehouse {
 public:
  Result<std::shared_ptr<const Tables>> tables(const Wanted& wanted, bool anew) override;
  Result<std::unique_ptr<Spool>> rows(const Wanted& wanted, const std::string& sql,
                                      Waiting& waiting) override;
  Status work(const Wanted& wanted, const std::vector<std::string>& sql, Waiting& waiting) override;

  std::string csv = "sex,n\r\n1,20\r\n2,30\r\n3,\r\n";
  std::optional<Error> fails;
  std::size_t works = 0;                         // scripts that are done all the same, before `fails`
  std::vector<std::string> asked;                // SELECTs
  std::vector<std::vector<std::string>> worked;  // scripts
  Wanted last;
  std::shared_ptr<const Tables> held;
};

// What the backend said, message by message.
struct Said {
  char type;
  std::string body;
};

class Client final : public Link {
 public:
  Client();
  bool send(std::string bytes) override;

  // Everything that one message, or several, brought; the types in a row: "TDDCZ".
  std::vector<Said> say(char type, const std::string& body);
  std::vector<Said> query(const std::string& sql) { return say('Q', sql + std::string(1, '\0')); }
  static std::string types(const std::vector<Said>& said);
  // The SQLSTATE of the error in it; empty without one.
  static std::string state(const std::vector<Said>& said);
  // The first text of each row, with a space between.
  static std::string firsts(const std::vector<Said>& said);
  // The names of the columns that a row description told.
  static std::string columns(const std::vector<Said>& said);

  FakeWarehouse warehouse;
  Session session;
  bool alive = true;

 private:
  std::string received_;
};

// The parts of messages.
std::string int16(int value);
std::string int32(std::int64_t value);
std::string zero(const std::string& text);

// A client's half of SCRAM-SHA-256: its last message, of the one without proof, for a password and what was
// said.
std::string scram_proven(const std::string& password, const std::string& first_bare,
                         const std::string& server_first, const std::string& last_bare);

}  // namespace sceau::connect
