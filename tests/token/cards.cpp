// Real commands to simulated cards through pcscd: runs under `tools/simulate --trace alice bob`. With
// SCEAU_TEST_SHORT the cards take short commands only.
#include <CppUTest/TestHarness.h>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <future>

#include "certificates.h"
#include "fixed_pins.h"
#include "sceau/base/files.h"
#include "sceau/token/csr.h"
#include "sceau/token/escrow.h"
#include "sceau/token/find.h"

using namespace sceau;
using namespace sceau::token;
using sceau::test::FixedPins;

namespace {

std::string environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::string() : value;
}
std::string reader_of(const std::string& name) { return environment("SCEAU_READER_" + name); }
std::filesystem::path folder() { return environment("SCEAU_SIMULATE_DIR"); }

// A channel that counts what goes through it.
class Counting final : public Channel {
 public:
  Counting(std::unique_ptr<Channel> inner, std::shared_ptr<int> count)
      : inner_(std::move(inner)), count_(std::move(count)) {}
  Result<Bytes> transmit(ByteView command) override {
    ++*count_;
    return inner_->transmit(command);
  }
  Result<CardState> begin() override { return inner_->begin(); }
  void end() override { inner_->end(); }
  [[nodiscard]] std::string name() const override { return inner_->name(); }
  [[nodiscard]] bool extended_length() const override { return inner_->extended_length(); }

 private:
  std::unique_ptr<Channel> inner_;
  std::shared_ptr<int> count_;
};

struct Opened {
  std::shared_ptr<int> commands = std::make_shared<int>(0);
  std::shared_ptr<PivCard> card;
};

std::string text(const Error& error) { return error.message; }
template <typename T>
T must(Result<T> result) {
  if (!result) FAIL(text(result.error()).c_str());
  return std::move(*result);
}
void must(const Status& status) {
  if (!status) FAIL(text(status.error()).c_str());
}

Opened open(const std::string& name) {
  const Readers readers = must(Readers::open());
  Opened opened;
  opened.card = std::make_shared<PivCard>(
      std::make_unique<Counting>(must(readers.connect(reader_of(name))), opened.commands));
  return opened;
}

Secret pin_of(const char* digits) { return Secret(as_bytes(digits)); }
const Bytes& spki_in(const InitialisedToken& token, Slot slot) {
  for (const NewKey& key : token.keys)
    if (key.slot == slot) return key.public_key;
  FAIL("no such key");
  return token.keys[0].public_key;
}

// A token like one out of its box, initialised, with certificates on its keys.
InitialisedToken fresh_token(PivCard& card) {
  SystemRandom random;
  auto token = initialise(card, pin_of("271828"), {}, random);
  if (!token && token.error().kind == ErrorKind::refused) {
    must(erase(card, random));
    token = initialise(card, pin_of("271828"), {}, random);
  }
  InitialisedToken made = must(std::move(token));
  auto held = must(card.hold());
  must(card.authenticate(made.secrets.management_key, random));
  // As long as certificates with policies and addresses in them are.
  for (const NewKey& key : made.keys)
    must(card.put_certificate(key.slot, test::make_certificate(key.public_key, 500)));
  return made;
}

bool contains(const std::string& whole, const std::string& part) {
  return whole.find(part) != std::string::npos;
}
int pid_of(const std::string& name) {
  return std::stoi(to_text(must(read_file(folder() / (name + ".pid")))));
}

// Waits, by the service's own events, until a reader's card is there or not.
void await_card(const std::string& name, bool present) {
  const Readers readers = must(Readers::open());
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::chrono::steady_clock::now() < end) {
    const auto list = must(readers.list());
    for (const ReaderStatus& reader : list)
      if (reader.name == reader_of(name) && reader.card_present == present) return;
    must(readers.wait_for_change(list, std::chrono::seconds(5)));
  }
  FAIL("the card did not come or go");
}

void control(const std::string& line) {
  FILE* pipe = std::fopen(environment("SCEAU_SIMULATE_CONTROL").c_str(), "w");
  CHECK(pipe != nullptr);
  std::fputs((line + "\n").c_str(), pipe);
  std::fclose(pipe);
}

}  // namespace

TEST_GROUP(Card){};

TEST(Card, IsInitialisedWithAttestedKeysAndNewSecrets) {
  const Opened opened = open("alice");
  const InitialisedToken token = fresh_token(*opened.card);
  LONGS_EQUAL(4, token.keys.size());
  for (const NewKey& key : token.keys) CHECK(!key.attestation.empty());
  CHECK(!token.attestation_certificate.empty());
  STRCMP_EQUAL(must(opened.card->serial()).c_str(), token.serial.c_str());
  const KeyMetadata metadata = must(opened.card->metadata(Slot::signature));
  CHECK(metadata.pin == PinPolicy::always);
  CHECK(metadata.generated);
  CHECK(metadata.public_key == spki_in(token, Slot::signature));
  CHECK_FALSE(must(opened.card->pin_state()).is_default.value_or(true));
  CHECK_FALSE(must(opened.card->object(0x5FC102)).empty());
  // Nothing of the factory's opens it any more.
  SystemRandom random;
  auto again = initialise(*opened.card, pin_of("271828"), {}, random);
  CHECK_FALSE(again.ok());
  CHECK(again.error().kind == ErrorKind::refused);
}

TEST(Card, SignsColdWithinTheBudgetAndThenWithTwoCommands) {
  Bytes spki;
  {
    const Opened opened = open("alice");
    spki = spki_in(fresh_token(*opened.card), Slot::signature);
  }
  const bool short_only = !environment("SCEAU_TEST_SHORT").empty();
  const Opened cold = open("alice");
  CHECK_EQUAL(!short_only, cold.card->extended_length());
  PivSigner signer(cold.card, {});
  FixedPins pins("271828");
  const Bytes attributes = to_bytes(std::string_view("a DER SET OF attributes"));
  const KeyInfo info = must(signer.key());
  const Signed first = must(signer.sign({{}, attributes}, pins));
  if (short_only) {
    CHECK(*cold.commands <= 8);
  } else {
    LONGS_EQUAL(4, *cold.commands);
  }
  CHECK(test::verifies(spki, attributes, first.signature));
  STRCMP_EQUAL("9C", info.slot.c_str());
  const int before = *cold.commands;
  CHECK(test::verifies(spki, attributes, must(signer.sign_raw(attributes, pins))));
  LONGS_EQUAL(2, *cold.commands - before);
  LONGS_EQUAL(2, pins.asked);
}

TEST(Card, SessionKeyIsAskedItsPinOnce) {
  const Opened opened = open("alice");
  const Bytes spki = spki_in(fresh_token(*opened.card), Slot::session);
  PivSignerOptions options;
  options.slot = Slot::session;
  PivSigner signer(opened.card, options);
  FixedPins pins("271828");
  const Bytes bytes{1, 2, 3};
  must(signer.sign_raw(bytes, pins));
  const int before = *opened.commands;
  CHECK(test::verifies(spki, bytes, must(signer.sign_raw(bytes, pins))));
  LONGS_EQUAL(1, *opened.commands - before);
  LONGS_EQUAL(1, pins.asked);
}

TEST(Card, SaysHowManyTriesAreLeftAndUnblocksWithThePuk) {
  const Opened opened = open("alice");
  const InitialisedToken token = fresh_token(*opened.card);
  PivSigner signer(opened.card, {});
  FixedPins wrong("999999");
  const Bytes bytes{1};
  auto refused = signer.sign_raw(bytes, wrong);
  CHECK(refused.error().kind == ErrorKind::authentication);
  CHECK(contains(text(refused.error()), "2 tries left"));
  LONGS_EQUAL(1, wrong.asked);
  (void)signer.sign_raw(bytes, wrong);
  LONGS_EQUAL(2, wrong.last.tries_left.value_or(-1));
  auto blocked = signer.sign_raw(bytes, wrong);
  CHECK(contains(text(blocked.error()), "0 tries left"));
  CHECK(contains(text(blocked.error()), "unblock"));
  must(opened.card->unblock_pin(token.secrets.puk, pin_of("314159")));
  FixedPins right("314159");
  must(signer.sign_raw(bytes, right));
}

TEST(Card, MakesACertificationRequest) {
  const Opened opened = open("alice");
  const Bytes spki = spki_in(fresh_token(*opened.card), Slot::signature);
  PivSignerOptions options;
  options.public_key = spki;
  PivSigner signer(opened.card, options);
  FixedPins pins("271828");
  const Bytes request = must(certificate_request(spki, {{"CN", "Zoé Martin"}, {"O", "Caisse"}},
                                                 [&](ByteView tbs) { return signer.sign_raw(tbs, pins); }));
  CHECK(request.size() > 200);
}

TEST(Card, EscrowedSecretsComeBackThroughTwoTokens) {
  SystemRandom random;
  const Opened alice = open("alice");
  const Opened bob = open("bob");
  const InitialisedToken first = fresh_token(*alice.card);
  const InitialisedToken second = fresh_token(*bob.card);
  const EscrowContext context{"12345678", "person-7"};
  const std::vector<SealedShare> shares = must(
      seal_shares(first.secrets, 2,
                  {{"a", spki_in(first, Slot::key_management)}, {"b", spki_in(second, Slot::key_management)}},
                  context, random));
  std::vector<OpenedShare> opened;
  const std::pair<PivCard*, Bytes> openers[] = {{alice.card.get(), spki_in(first, Slot::key_management)},
                                                {bob.card.get(), spki_in(second, Slot::key_management)}};
  for (std::size_t i = 0; i < 2; ++i) {
    PivCard& card = *openers[i].first;
    auto held = must(card.hold());
    must(card.verify_pin(pin_of("271828")));
    opened.push_back(must(open_share(shares[i], context, openers[i].second, [&](ByteView point) {
      return card.agree(Slot::key_management, Algorithm::p256, point);
    })));
  }
  const TokenSecrets back = must(combine_shares(opened, context));
  CHECK(back.puk.equals(first.secrets.puk.view()));
  CHECK(back.management_key.equals(first.secrets.management_key.view()));
}

TEST(Card, IsFoundBySerialAndByReader) {
  std::string serial;
  {
    const Opened opened = open("bob");
    serial = fresh_token(*opened.card).serial;
  }
  const Readers readers = must(Readers::open());
  STRCMP_EQUAL(reader_of("bob").c_str(), must(open_token(readers, serial)).reader.c_str());
  STRCMP_EQUAL(reader_of("bob").c_str(), must(open_token(readers, "bob")).reader.c_str());
  auto ambiguous = open_token(readers, "");
  CHECK(ambiguous.error().kind == ErrorKind::invalid);
  CHECK(contains(text(ambiguous.error()), serial));
  CHECK(open_token(readers, "00000000").error().kind == ErrorKind::not_found);
  bool listed = false;
  for (const FoundToken& token : must(list_tokens(readers))) {
    if (token.reader != reader_of("bob")) continue;
    listed = token.kind == TokenKind::piv && token.serial == serial && token.keys.size() == 4 &&
             token.tries_left == 3;
  }
  CHECK(listed);
}

TEST(Card, PulledMidCommandIsUnavailableAndTheNextInsertionWorks) {
  const Opened opened = open("alice");
  fresh_token(*opened.card);
  PivSigner signer(opened.card, {});
  FixedPins pins("271828");
  const Bytes bytes{1};
  must(signer.sign_raw(bytes, pins));
  const int pid = pid_of("alice");
  kill(pid, SIGSTOP);  // the card has the command, and never answers
  auto signing = std::async(std::launch::async, [&] { return signer.sign_raw(bytes, pins); });
  kill(pid, SIGKILL);
  auto outcome = signing.get();
  CHECK_FALSE(outcome.ok());
  CHECK(outcome.error().kind == ErrorKind::unavailable);
  CHECK(contains(text(outcome.error()), reader_of("alice")));
  await_card("alice", false);
  CHECK(signer.sign_raw(bytes, pins).error().kind == ErrorKind::unavailable);
  control("insert alice");
  await_card("alice", true);
  const Opened again = open("alice");
  PivSigner next(again.card, {});
  must(next.sign_raw(bytes, pins));
}

TEST_GROUP(ReaderGone){};

TEST(ReaderGone, ServiceKilledMidCommandIsUnavailable) {
  const Opened opened = open("alice");
  fresh_token(*opened.card);
  PivSigner signer(opened.card, {});
  FixedPins pins("271828");
  const Bytes bytes{1};
  must(signer.sign_raw(bytes, pins));
  const int token = pid_of("alice");
  kill(token, SIGSTOP);
  auto signing = std::async(std::launch::async, [&] { return signer.sign_raw(bytes, pins); });
  kill(pid_of("pcscd"), SIGKILL);
  auto outcome = signing.get();
  kill(token, SIGKILL);
  CHECK_FALSE(outcome.ok());
  CHECK(outcome.error().kind == ErrorKind::unavailable);
  auto readers = Readers::open();
  CHECK(!readers || !readers->list());
}
