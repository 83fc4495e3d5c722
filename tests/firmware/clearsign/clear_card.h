// A card whose clear-sign application is selected, in a test's hand.
#pragma once

#include <string>

#include "../card.h"
#include "clearsign/journal.h"
#include "crypto/hash.h"

namespace sceau::firmware::test {

struct PolicyWords {
  std::vector<std::string> types{"approval", "extraction.request", "login", "refusal"};
  std::vector<std::string> kinds;
  std::vector<std::string> sources;
  std::uint8_t pin = 3;
  std::uint8_t touch = 2;
  unsigned window = 900;
  // Of a custodian.
  unsigned threshold = 0;
  std::vector<std::pair<std::string, Bytes>> holders;
};

Bytes policy_der(const PolicyWords& words);

inline std::string text_of(const Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

class ClearCard {
 public:
  static constexpr const char* kTime = "2026-11-22T09:31:00Z";

  ClearCard() { select(); }

  unsigned select() { return card.send("00 A4 04 00 07 F0 53 43 45 41 55 01 00").word; }
  unsigned verify(const std::string& pin = "123456") { return card.verify(pin); }
  unsigned tries() { return card.tries(); }

  // In slot C1, with the PIN given before; the public point, empty when refused.
  Bytes generate(const PolicyWords& words = {}, const std::string& slot = "C1");

  // Everything in parts of 1,000 bytes; the last status.
  unsigned load(const std::string& what, const Bytes& bytes);
  Answer prepare(const std::string& mode = "00", const std::string& slot = "C1",
                 const std::string& time = kTime);
  Answer show(std::size_t page);
  // All pages; their lines. The status of the last SHOW goes to `word`.
  std::string show_all(const Answer& prepared, unsigned* word = nullptr);
  Answer sign() { return card.send("00 33 00 00 00 00 00"); }

  // The whole way, PIN included.
  Answer sign_statement(const Bytes& statement);
  Answer derive() { return card.send("00 36 00 00 00 00 00"); }
  Answer decide(const Bytes& request, const Bytes& evidence, const Bytes& decision);

  std::uint32_t counter(const std::string& slot = "C1");
  std::uint32_t journal_count();

  Card card;
};

}  // namespace sceau::firmware::test
