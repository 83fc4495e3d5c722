// Openings whose statement is kept encrypted: readers without a key check them as far as anybody can.
#include "sceau/ledger/check.h"
#include "support.h"

using namespace sceau;
using namespace sceau::ledger;
using namespace sceau::ledger::test;

namespace {

const std::string secret = "{\"whom\":\"1850578006048\"}";

Bytes turned(ByteView bytes) {  // stands for encryption
  Bytes out = to_bytes(bytes);
  for (std::uint8_t& byte : out) byte ^= 0x5A;
  return out;
}

LedgerOptions with_key() {
  return {{}, [](ByteView envelope) -> Result<Bytes> { return turned(envelope); }};
}

Entry sealed_entry(ByteView envelope) {
  Opening opening = entry(0).opening;
  opening.statement = to_bytes(secret);
  opening.sealed = sealed_statement(opening.statement, envelope);
  return take(make_entry(1'800'000'000, "extraction.request", opening));
}

}  // namespace

TEST_GROUP(Sealed) {
  Folder folder;
  std::filesystem::path path = folder.file("ledger.db");

  void write(ByteView envelope) {
    auto log = take(ledger::Ledger::create(path, kOrigin, signer()));
    take(log->append({sealed_entry(envelope), entry(1)}));
  }
  Bytes statement_of(const LedgerOptions& options) const {
    return take(take(ledger::Ledger::open_read_only(path, options))->opening(0)).statement;
  }
};

TEST(Sealed, AreReadWithAKeyAndCheckedWithout) {
  write(turned(as_bytes(secret)));
  CHECK(statement_of(with_key()) == to_bytes(secret));
  CHECK(statement_of({}).empty());
  for (const LedgerOptions& options : {LedgerOptions{}, with_key()}) {
    const auto log = take(ledger::Ledger::open_read_only(path, options));
    CHECK(take(check(*log)).openings == 2);
    int statements = 0;
    CHECK(log->for_each([&](std::uint64_t, ByteView, const std::optional<Opening>& opening) -> Status {
               statements += opening && !opening->statement.empty() ? 1 : 0;
               return {};
             })
              .ok());
    LONGS_EQUAL(options.unseal ? 2 : 1, statements);
  }
}

TEST(Sealed, ThatHoldSomethingElseAreCorrupt) {
  write(turned(as_bytes("{\"whom\":\"somebody else\"}")));
  const auto log = take(ledger::Ledger::open_read_only(path, with_key()));
  CHECK_FALSE(log->opening(0).ok());
  CHECK(log->opening(0).error().kind == ErrorKind::corrupt);
  CHECK_FALSE(log->for_each([](std::uint64_t, ByteView, const auto&) { return Status{}; }).ok());
}

TEST(Sealed, OfAnotherStatementAreNotAppended) {
  auto log = take(ledger::Ledger::create(path, kOrigin, signer()));
  Entry made = sealed_entry(turned(as_bytes(secret)));
  made.opening.sealed = sealed_statement(as_bytes("{}"), turned(as_bytes(secret)));
  const auto refused = log->append({made});
  CHECK_FALSE(refused.ok());
  CHECK(refused.error().kind == ErrorKind::invalid);
  made.opening.sealed = to_bytes("no seal");
  CHECK_FALSE(log->append({made}).ok());
}
