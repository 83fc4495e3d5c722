// IMPORT ASYMMETRIC KEY (Yubico's FE): keys that come from outside, and everything that is not one.
#include <algorithm>

#include "rsa_key.h"

#include <CppUTest/TestHarness.h>

using namespace sceau::firmware;        // NOLINT
using namespace sceau::firmware::test;  // NOLINT

namespace {

struct Vector {  // RFC 6979, A.2.5 and A.2.6: SHA-256 of "sample"
  const char* algorithm;
  const char* scalar;
  const char* point;
  const char* hash;
  const char* r;
  const char* s;
};

constexpr Vector kP256Vector{"11",
                             "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721",
                             "0460FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
                             "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299",
                             "AF2BDBE1AA9B6EC1E2ADE1D694F41FC71A831D0268E9891562113D8A62ADD1BF",
                             "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
                             "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"};
constexpr Vector kP384Vector{"14",
                             "6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D8"
                             "96D5724E4C70A825F872C9EA60D2EDF5",
                             "04EC3A4E415B4E19A4568618029F427FA5DA9A8BC4AE92E02E06AAE5286B300C64"
                             "DEF8F0EA9055866064A254515480BC138015D9B72D7D57244EA8EF9AC0C62189"
                             "6708A59367F9DFB9F54CA84B3F1C9DB1288B231C3AE0D4FE7344FD2533264720",
                             "AF2BDBE1AA9B6EC1E2ADE1D694F41FC71A831D0268E9891562113D8A62ADD1BF",
                             "21B13D1E013C7FA1392D03C5F99AF8B30C570C6F98D4EA8E354B63A21D3DAA33"
                             "BDE1E888E63355D92FA2B3C36D8FB2CD",
                             "F3AA443FB107745BF4BD77CB3891674632068A10CA67E3D45DB2266FA7D1FEEB"
                             "EFDC63ECCD1AC42EC0CB8668A4FA0AB0"};

Bytes integer(const char* number) {
  Bytes bytes = hex(number);
  if (bytes[0] >= 0x80) bytes.insert(bytes.begin(), 0);
  return Bytes{0x02, static_cast<std::uint8_t>(bytes.size())} + bytes;
}

Bytes signature_of(const Vector& vector) {
  const Bytes both = integer(vector.r) + integer(vector.s);
  return Bytes{0x30, static_cast<std::uint8_t>(both.size())} + both;
}

Bytes first(const Bytes& bytes, std::size_t count) {
  return {bytes.begin(), bytes.begin() + static_cast<long>(std::min(count, bytes.size()))};
}

}  // namespace

TEST_GROUP(KeyImport){};

TEST(KeyImport, EllipticKeysSignAsRfc6979Says) {
  for (const Vector& vector : {kP256Vector, kP384Vector}) {
    Card card;
    card.authenticate();
    CHECK_EQUAL(
        0x9000U,
        card.command(std::string("00FE") + vector.algorithm + "9E", scalar_data(hex(vector.scalar))).word);
    CHECK(card.public_key_of("9E") == hex(vector.point));
    CHECK(Card::output_of(card.use(vector.algorithm, "9E", hex(vector.hash))) == signature_of(vector));
  }
}

TEST(KeyImport, RsaKeySignsInShortAndExtendedCommands) {
  Card card;
  card.authenticate();
  const Bytes data = import_data(rsa_parts(rsa_2048()), "AA 01 03 AB 01 02");
  CHECK_EQUAL(0x9000U, card.chained("00FE079A", data).word);
  CHECK_EQUAL(0x9000U, card.command("00FE079E", import_data(rsa_parts(rsa_2048()))).word);
  CHECK(card.public_key_of("9A") == modulus(rsa_2048()));
  CHECK(first(card.metadata("9A").data, 10) == hex("010107 02020302 030102"));
  CHECK(first(card.metadata("9E").data, 10) == hex("010107 02020101 030102"));
  Bytes block(256, 0x5A);
  block[0] = 0;
  const Bytes signature = Card::output_of(card.use("07", "9E", block));
  CHECK(raw_public(rsa_2048(), signature) == block);
}

TEST(KeyImport, TakesTheLargerPrimeSecond) {
  Card card;
  card.authenticate();
  const std::vector<Bytes> parts = rsa_parts(rsa_2048());
  BN_CTX* context = BN_CTX_new();
  BIGNUM* p = BN_bin2bn(parts[0].data(), 128, nullptr);
  BIGNUM* q = BN_bin2bn(parts[1].data(), 128, nullptr);
  BIGNUM* inverse = BN_mod_inverse(nullptr, p, q, context);
  Bytes coefficient(128);
  BN_bn2binpad(inverse, coefficient.data(), 128);
  for (BIGNUM* each : {p, q, inverse}) BN_clear_free(each);
  BN_CTX_free(context);
  const Bytes data = import_data({parts[1], parts[0], parts[3], parts[2], coefficient});
  CHECK_EQUAL(0x9000U, card.command("00FE079E", data).word);
  Bytes block(256, 0x11);
  block[0] = 0;
  CHECK(raw_public(rsa_2048(), Card::output_of(card.use("07", "9E", block))) == block);
}

TEST(KeyImport, ImportedKeyIsNeverAttested) {
  Card card;
  card.authenticate();
  CHECK_EQUAL(0x9000U, card.command("00FE119A", scalar_data(hex(kP256Vector.scalar))).word);
  CHECK_EQUAL(0x9000U, card.command("00FE079C", import_data(rsa_parts(rsa_2048()))).word);
  for (const char* slot : {"9A", "9C"}) {
    CHECK_EQUAL(0x6A80U, card.word(std::string("00F9") + slot + "00 000000"));
  }
  // A key moved stays what it was, and one generated in its place is attested again.
  CHECK_EQUAL(0x9000U, card.word("00F6829A"));
  CHECK_EQUAL(0x6A80U, card.word("00F98200000000"));
  CHECK_FALSE(card.generate("9A").empty());
  CHECK_EQUAL(0x9000U, card.word("00F99A00000000"));
}

TEST(KeyImport, EachAlteredPartOfAnRsaKeyIsFoundOut) {
  Card card;
  card.authenticate();
  const Bytes before = card.flash().content();
  const std::vector<Bytes> right = rsa_parts(rsa_2048());
  for (std::size_t part = 0; part < right.size(); ++part) {
    for (const std::size_t byte : {std::size_t{0}, std::size_t{64}, std::size_t{127}}) {
      std::vector<Bytes> wrong = right;
      wrong[part][byte] ^= 0x02;
      CHECK_EQUAL(0x6A80U, card.command("00FE079A", import_data(wrong)).word);
    }
    std::vector<Bytes> zero = right;
    zero[part].assign(128, 0);
    CHECK_EQUAL(0x6A80U, card.command("00FE079A", import_data(zero)).word);
    std::vector<Bytes> missing = right;
    missing[part].clear();
    CHECK_EQUAL(0x6A80U, card.command("00FE079A", import_data(missing)).word);
    std::vector<Bytes> longer = right;
    longer[part].insert(longer[part].begin(), 0);
    CHECK_EQUAL(0x6A80U, card.command("00FE079A", import_data(longer)).word);
  }
  CHECK(before == card.flash().content());
}

TEST(KeyImport, PrimesMustBePrimesAndFarApart) {
  Card card;
  card.authenticate();
  const Bytes before = card.flash().content();
  const std::vector<Bytes> right = rsa_parts(rsa_2048());
  const auto refused = [&](const std::vector<Bytes>& parts) {
    return card.command("00FE079A", import_data(parts)).word == 0x6A80;
  };
  CHECK(refused({right[0], right[0], right[2], right[2], right[4]}));  // p twice
  Bytes even = right[0];
  even[127] ^= 1;
  CHECK(refused({even, right[1], right[2], right[3], right[4]}));
  std::vector<Bytes> exchanged = right;
  std::swap(exchanged[0], exchanged[1]);
  CHECK(refused(exchanged));
  // Factors of half the size: consistent, but half as long as the algorithm says.
  const OpenSslKey small(EVP_RSA_gen(1024));
  CHECK(refused(rsa_parts(small.get())));
  // RSA-3072's parts under RSA-2048's name, and the other way round.
  const OpenSslKey large(EVP_RSA_gen(3072));
  CHECK(refused(rsa_parts(large.get())));
  CHECK_EQUAL(0x6A80U, card.command("00FE059A", import_data(right)).word);
  CHECK(before == card.flash().content());
  CHECK_EQUAL(0x9000U, card.command("00FE059A", import_data(rsa_parts(large.get()))).word);
}

TEST(KeyImport, ScalarsMustBeBelowTheOrderAndNotZero) {
  Card card;
  card.authenticate();
  const Bytes before = card.flash().content();
  const Bytes order = hex("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");
  for (const Bytes& wrong : {Bytes(32, 0), Bytes(), Bytes(33, 1), Bytes(32, 0xFF), order, Bytes(1, 0)}) {
    CHECK_EQUAL(0x6A80U, card.command("00FE119A", scalar_data(wrong)).word);
  }
  for (const Bytes& wrong : {Bytes(48, 0), Bytes(), Bytes(49, 1), Bytes(48, 0xFF)}) {
    CHECK_EQUAL(0x6A80U, card.command("00FE149A", scalar_data(wrong)).word);
  }
  CHECK(before == card.flash().content());
  Bytes last = order;
  last.back() = 0x50;
  CHECK_EQUAL(0x9000U, card.command("00FE119A", scalar_data(last)).word);
  CHECK_EQUAL(0x9000U, card.command("00FE119A", scalar_data(Bytes(1, 1))).word);
  CHECK(first(card.public_key_of("9A"), 5) == hex("046B17D1F2"));
}

TEST(KeyImport, MalformedCommandsChangeNothing) {
  Card card;
  const Bytes scalar = scalar_data(hex(kP256Vector.scalar));
  CHECK_EQUAL(0x6982U, card.command("00FE119A", scalar).word);
  card.authenticate();
  const Bytes before = card.flash().content();
  const Bytes primes = import_data(rsa_parts(rsa_2048()));
  for (const Bytes& wrong :
       {scalar + hex("AA0104"), scalar + hex("AB0104"), scalar + hex("AA020101"), scalar + hex("AA00"),
        scalar + hex("AA0101AA0101"), scalar + scalar, scalar + hex("070100"), scalar + hex("00"),
        Bytes(scalar.begin(), scalar.end() - 1), hex("AA0101"), Bytes(40, 0), primes}) {
    CHECK_EQUAL(0x6A80U, card.command("00FE119A", wrong).word);
  }
  for (const Bytes& wrong :
       {scalar, primes + scalar, primes + hex("010101"), primes + hex("AA0104"),
        Bytes(primes.begin(), primes.end() - 1), Bytes(primes.begin(), primes.begin() + 524)}) {
    CHECK_EQUAL(0x6A80U, card.command("00FE079A", wrong).word);
    CHECK_EQUAL(0x6A80U, card.chained("00FE079A", wrong).word);
  }
  CHECK_EQUAL(0x6700U, card.word("00FE119A"));
  for (const char* header :
       {"00FE069A", "00FE169A", "00FE009A", "00FE0A9A", "00FE119B", "00FE1181", "00FE1196"}) {
    CHECK_EQUAL(0x6A86U, card.command(header, scalar).word);
  }
  CHECK_EQUAL(0x6985U, card.command("00FE11F9", scalar).word);
  CHECK(before == card.flash().content());
}

TEST(KeyImport, ChainLongerThanTheCardTakesIsDropped) {
  Card card;
  card.authenticate();
  const Bytes before = card.flash().content();
  unsigned word = 0x9000;
  int links = 0;
  for (; links < 20 && word == 0x9000; ++links) word = card.send(hex("10FE079AFF") + Bytes(255, 0x01)).word;
  CHECK_EQUAL(0x6700U, word);
  CHECK_EQUAL(13, links);  // 12 of 255 bytes fit into 3,200
  CHECK_EQUAL(0x6A80U, card.command("00FE079A", Bytes(10, 1)).word);
  CHECK(before == card.flash().content());
  CHECK_EQUAL(0x9000U, card.chained("00FE079A", import_data(rsa_parts(rsa_2048()))).word);
}

// The largest keys in all slots beside the largest objects in all places.
TEST(KeyImport, EverySlotHasRoomForAnRsa3072Key) {
  Card card;
  card.authenticate();
  for (std::uint8_t low = 0x01; low <= 0x23; ++low) {
    const Bytes header{0x5C, 3, 0x5F, 0xC1, low, 0x53, 0x82, 0x0C, 0};
    CHECK_EQUAL(0x9000U, card.command("00DB3FFF", header + Bytes(3072, low)).word);
  }
  const OpenSslKey key(EVP_RSA_gen(3072));
  const Bytes data = import_data(rsa_parts(key.get()));
  Bytes slots{0x9A, 0x9C, 0x9D, 0x9E};
  for (std::uint8_t slot = 0x82; slot <= 0x95; ++slot) slots.push_back(slot);
  for (const std::uint8_t slot : slots) {
    const Bytes to_slot{0x00,
                        0xFE,
                        0x05,
                        slot,
                        0x00,
                        static_cast<std::uint8_t>(data.size() >> 8),
                        static_cast<std::uint8_t>(data.size() & 0xFF)};
    CHECK_EQUAL(0x9000U, card.send(to_slot + data).word);
  }
  CHECK(card.insert());
  for (const std::uint8_t slot : slots) {
    const Bytes command{0x00, 0xF7, 0x00, slot, 0x00, 0x00, 0x00};
    CHECK_EQUAL(0x9000U, card.send(command).word);
  }
  CHECK(card.public_key_of("95") == modulus(key.get()));
}

TEST(KeyImport, CutLeavesOldKeyOrNewKey) {
  std::size_t cuts = 0;
  const Bytes data = import_data(rsa_parts(rsa_2048()));
  for (std::size_t cut = 0; cut < 60; ++cut) {
    Card card;
    card.authenticate();
    const Bytes old_point = card.generate("9E");
    card.flash().cut_power_after(cut, Torn::kSomeBits, static_cast<unsigned>(cut));
    card.command("00FE079E", data);
    if (!card.flash().dead()) break;
    ++cuts;
    CHECK(card.insert());
    const Bytes now = card.public_key_of("9E");
    CHECK(now == old_point || now == modulus(rsa_2048()));
  }
  CHECK(cuts >= 5);  // two records, their states, and the old key wiped
}
