#include "sceau/token/escrow.h"

#include <CppUTest/TestHarness.h>

#include "certificates.h"

using namespace sceau;
using namespace sceau::token;
using sceau::test::SoftwareKey;

namespace {

const EscrowContext kContext{"12345678", "person-7"};

TokenSecrets some_secrets() { return {Secret(as_bytes("31415926")), Secret(Bytes(32, 0x42))}; }

std::vector<Recipient> recipients(const std::vector<SoftwareKey>& keys) {
  std::vector<Recipient> people;
  for (std::size_t i = 0; i < keys.size(); ++i)
    people.push_back({"person-" + std::to_string(i), keys[i].spki()});
  return people;
}

Result<OpenedShare> open_with(const SoftwareKey& key, const SealedShare& share,
                              const EscrowContext& context = kContext) {
  return open_share(share, context, key.spki(),
                    [&](ByteView point) -> Result<Secret> { return Secret(key.agree(point)); });
}

std::vector<OpenedShare> open_some(const std::vector<SoftwareKey>& keys,
                                   const std::vector<SealedShare>& shares,
                                   const std::vector<std::size_t>& which) {
  std::vector<OpenedShare> opened;
  for (const std::size_t i : which) {
    auto share = open_with(keys[i], shares[i]);
    CHECK(share.ok());
    opened.push_back(std::move(*share));
  }
  return opened;
}

bool right(const Result<TokenSecrets>& secrets) {
  return secrets && secrets->puk.equals(some_secrets().puk.view()) &&
         secrets->management_key.equals(some_secrets().management_key.view());
}

}  // namespace

TEST_GROUP(Escrow) {
  SystemRandom random;
  std::vector<SealedShare> seal(const std::vector<SoftwareKey>& keys, int threshold) {
    auto shares = seal_shares(some_secrets(), threshold, recipients(keys), kContext, random);
    CHECK(shares.ok());
    return std::move(*shares);
  }
};

TEST(Escrow, OneOfOneTwoOfTwoAndAnyTwoOfThreeComeBack) {
  const std::vector<SoftwareKey> keys(3);
  const std::vector<SoftwareKey> two(2);
  const std::vector<SoftwareKey> one(1);
  CHECK(right(combine_shares(open_some(one, seal(one, 1), {0}), kContext)));
  CHECK(right(combine_shares(open_some(two, seal(two, 2), {0, 1}), kContext)));
  const auto shares = seal(keys, 2);
  CHECK(right(combine_shares(open_some(keys, shares, {0, 1}), kContext)));
  CHECK(right(combine_shares(open_some(keys, shares, {2, 0}), kContext)));
  CHECK(right(combine_shares(open_some(keys, shares, {1, 2}), kContext)));
  CHECK(right(combine_shares(open_some(keys, shares, {0, 1, 2}), kContext)));
}

TEST(Escrow, TooFewSharesSayHowManyAreMissing) {
  const std::vector<SoftwareKey> keys(3);
  const auto outcome = combine_shares(open_some(keys, seal(keys, 2), {1}), kContext);
  CHECK(outcome.error().kind == ErrorKind::invalid);
  CHECK(outcome.error().message.find("1 more") != std::string::npos);
  CHECK_FALSE(combine_shares({}, kContext).ok());
}

TEST(Escrow, OneShareTwiceIsNotTwo) {
  const std::vector<SoftwareKey> keys(3);
  CHECK(combine_shares(open_some(keys, seal(keys, 2), {1, 1}), kContext).error().kind == ErrorKind::invalid);
}

TEST(Escrow, SharesOfDifferentSplitsAreFoundOut) {
  const std::vector<SoftwareKey> keys(2);
  auto mixed = open_some(keys, seal(keys, 2), {0});
  auto second = open_some(keys, seal(keys, 2), {1});
  mixed.push_back(std::move(second[0]));
  CHECK(combine_shares(mixed, kContext).error().kind == ErrorKind::invalid);
}

TEST(Escrow, SharesOfAnotherTokenAreFoundOut) {
  const std::vector<SoftwareKey> keys(2);
  const auto opened = open_some(keys, seal(keys, 2), {0, 1});
  CHECK_FALSE(combine_shares(opened, {"87654321", "person-7"}).ok());
}

TEST(Escrow, AnotherPersonTokenOrHolderDoesNotOpenAShare) {
  const std::vector<SoftwareKey> keys(2);
  auto shares = seal(keys, 2);
  CHECK(open_with(keys[1], shares[0]).error().kind == ErrorKind::authentication);
  CHECK(open_with(keys[0], shares[0], {"87654321", "person-7"}).error().kind == ErrorKind::authentication);
  CHECK(open_with(keys[0], shares[0], {"12345678", "person-8"}).error().kind == ErrorKind::authentication);
  shares[0].recipient = "person-1";
  CHECK(open_with(keys[0], shares[0]).error().kind == ErrorKind::authentication);
}

TEST(Escrow, AShareChangedInAnyFieldDoesNotOpen) {
  const std::vector<SoftwareKey> keys(2);
  const SealedShare share = seal(keys, 2)[0];
  const Bytes sealed = *from_base64(share.sealed);
  // All of the header, and every few bytes of point, text and tag.
  for (std::size_t i = 0; i < sealed.size(); i += i < 8 ? 1 : 5) {
    Bytes changed = sealed;
    changed[i] ^= 0x01;
    const auto outcome = open_with(keys[0], {share.recipient, share.index, to_base64(changed)});
    CHECK_FALSE(outcome.ok());
  }
  for (std::size_t size = 0; size < sealed.size(); size += 7)
    CHECK_FALSE(
        open_with(keys[0], {share.recipient, share.index, to_base64(ByteView(sealed).first(size))}).ok());
  CHECK_FALSE(open_with(keys[0], {share.recipient, share.index, "not base64!"}).ok());
  CHECK_FALSE(open_with(keys[0], {share.recipient, 2, share.sealed}).ok());
}

TEST(Escrow, ImpossibleSplitsAreInvalid) {
  const std::vector<SoftwareKey> keys(2);
  const auto people = recipients(keys);
  for (const int threshold : {0, -1, 3, 300})
    CHECK(seal_shares(some_secrets(), threshold, people, kContext, random).error().kind ==
          ErrorKind::invalid);
  CHECK_FALSE(seal_shares(some_secrets(), 1, {}, kContext, random).ok());
  CHECK_FALSE(seal_shares(some_secrets(), 1, {people[0], people[0]}, kContext, random).ok());
  CHECK_FALSE(seal_shares(some_secrets(), 1, {{"a", Bytes{0x30, 0x00}}}, kContext, random).ok());
}

TEST(Escrow, FewerThanThresholdSharesLookRandom) {
  // The first share of the same secret differs from split to split: it says nothing about the secret.
  const std::vector<SoftwareKey> keys(2);
  const auto first = open_some(keys, seal(keys, 2), {0});
  const auto second = open_some(keys, seal(keys, 2), {0});
  CHECK_FALSE(first[0].share.equals(second[0].share.view()));
}
