#include <algorithm>

#include "board/host/flash_file.h"
#include "openssl_check.h"
#include "test_attestation_root.h"

#include <CppUTest/TestHarness.h>

using namespace sceau::firmware;        // NOLINT
using namespace sceau::firmware::test;  // NOLINT

namespace {

const Bytes kHash(32, 0x42);

Bytes signature_of(const Answer& answer) {
  CHECK_EQUAL(0x9000U, answer.word);
  return {answer.data.begin() + 4, answer.data.end()};
}

}  // namespace

TEST_GROUP(Keys){};

TEST(Keys, SignInEverySlotAndOpenSslAgrees) {
  Card card;
  CHECK_EQUAL(0x9000U, card.authenticate());
  for (const char* slot : {"9A", "9C", "9D", "9E", "82", "95"}) {
    const Bytes point = card.generate(slot);
    const OpenSslKey key = public_key(point);
    CHECK(key != nullptr);
    card.verify("123456");
    const Bytes signature = signature_of(card.sign(slot, kHash));
    CHECK(verifies(key.get(), kHash, signature));
    CHECK_FALSE(verifies(key.get(), Bytes(32, 0x43), signature));
  }
}

TEST(Keys, SignShorterHashesAsTheyAre) {
  Card card;
  card.authenticate();
  const OpenSslKey key = public_key(card.generate("9E"));
  const Bytes sha1(20, 0x99);
  const Answer answer = card.command("0087119E", hex("7C18 8200 8114") + sha1);
  CHECK(verifies(key.get(), sha1, signature_of(answer)));
  CHECK_EQUAL(0x6A80U, card.command("0087119E", hex("7C25 8200 8121") + Bytes(33, 1)).word);
  CHECK_EQUAL(0x6A80U, card.word("0087119E 06 7C0482008100 00"));
}

TEST(Keys, AgreeWithOpenSsl) {
  Card card;
  card.authenticate();
  const OpenSslKey theirs = public_key(card.generate("9D"));
  const OpenSslKey ours(EVP_EC_gen("P-256"));
  Bytes point(65);
  std::size_t size = 0;
  EVP_PKEY_get_octet_string_param(ours.get(), "pub", point.data(), point.size(), &size);
  CHECK_EQUAL(65U, size);
  const std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX_free>> context(
      EVP_PKEY_CTX_new(ours.get(), nullptr));
  EVP_PKEY_derive_init(context.get());
  EVP_PKEY_derive_set_peer(context.get(), theirs.get());
  Bytes secret(32);
  size = 32;
  EVP_PKEY_derive(context.get(), secret.data(), &size);
  card.verify("123456");
  const Answer answer = card.command("0087119D", hex("7C45 8200 8541") + point);
  CHECK(answer.data == hex("7C22 8220") + secret);
  point[64] ^= 1;
  CHECK_EQUAL(0x6A80U, card.command("0087119D", hex("7C45 8200 8541") + point).word);
  CHECK_EQUAL(0x6A80U, card.command("0087119D", hex("7C45 8200 8541") + Bytes(65, 0)).word);
}

TEST(Keys, NeedThePinAsTheirSlotsDo) {
  Card card;
  card.authenticate();
  for (const char* slot : {"9A", "9C", "9D", "9E"}) CHECK_FALSE(card.generate(slot).empty());
  CHECK_EQUAL(0x6982U, card.sign("9A", kHash).word);
  CHECK_EQUAL(0x6982U, card.sign("9C", kHash).word);
  CHECK_EQUAL(0x9000U, card.sign("9E", kHash).word);
  card.verify("123456");
  CHECK_EQUAL(0x9000U, card.sign("9A", kHash).word);
  CHECK_EQUAL(0x9000U, card.sign("9A", kHash).word);
  CHECK_EQUAL(0x9000U, card.sign("9C", kHash).word);
  CHECK_EQUAL(0x6982U, card.sign("9C", kHash).word);
  CHECK_EQUAL(0x9000U, card.sign("9A", kHash).word);
  card.verify("123456");
  CHECK_EQUAL(0x9000U, card.sign("9C", kHash).word);
  // Another SELECT of PIV keeps the log-in; power-on does not.
  card.word("00A40400 05 A000000308 00");
  CHECK_EQUAL(0x9000U, card.sign("9A", kHash).word);
  card.token().reset();
  CHECK_EQUAL(0x6982U, card.sign("9A", kHash).word);
}

TEST(Keys, TakeThePoliciesTheyAreMadeWith) {
  Card card;
  card.authenticate();
  CHECK_FALSE(card.generate("9A", "AA 01 01 AB 01 02").empty());
  CHECK_EQUAL(0x9000U, card.sign("9A", kHash).word);
  CHECK_EQUAL(1, card.board().touches_asked);
  STRCMP_EQUAL("slot 9A", card.board().shown.at(1).c_str());
  card.board().touch = Touch::kTimedOut;
  CHECK_EQUAL(0x6982U, card.sign("9A", kHash).word);
  const Answer metadata = card.send("00F7009A00");
  CHECK_EQUAL(0x9000U, metadata.word);
  CHECK(Bytes(metadata.data.begin(), metadata.data.begin() + 12) == hex("010111 02020102 030101 0443"));
}

TEST(Keys, RememberATouchForFifteenSecondsWhereCached) {
  Card card;
  card.authenticate();
  card.generate("9E", "AB 01 03");
  CHECK_EQUAL(0x9000U, card.sign("9E", kHash).word);
  card.board().now += 14000;
  card.board().touch = Touch::kDenied;
  CHECK_EQUAL(0x9000U, card.sign("9E", kHash).word);
  CHECK_EQUAL(1, card.board().touches_asked);
  card.board().now += 1001;
  CHECK_EQUAL(0x6982U, card.sign("9E", kHash).word);
  CHECK_EQUAL(2, card.board().touches_asked);
}

TEST(Keys, AreNotMadeWithoutTheManagementKeyNorOtherwiseThanAsked) {
  Card card;
  CHECK_EQUAL(0x6982U, card.word("0047009A 05 AC03800111 00"));
  card.authenticate();
  const Bytes before = card.flash().content();
  CHECK_EQUAL(0x6A80U, card.word("0047009A 05 AC03800106 00"));  // RSA-1024
  CHECK_EQUAL(0x6A80U, card.word("0047009A 05 AC03800116 00"));  // RSA-4096
  CHECK_EQUAL(0x6A80U, card.word("0047009A 06 AC0480021100 00"));
  CHECK_EQUAL(0x6A80U, card.word("0047009A 08 AC06800111AA0104 00"));
  CHECK_EQUAL(0x6A80U, card.word("0047009A 08 AC06800111AB0104 00"));
  CHECK_EQUAL(0x6A80U, card.word("0047009A 08 AC06800111800111 00"));
  CHECK_EQUAL(0x6A80U, card.word("0047009A 07 AC05800111AC00 00"));
  CHECK_EQUAL(0x6A80U, card.word("0047009A 06 AC0380011100 00"));
  CHECK_EQUAL(0x6A80U, card.word("0047009A 04 AC038001 00"));
  CHECK_EQUAL(0x6A80U, card.word("0047009A 02 AC00 00"));
  CHECK_EQUAL(0x6700U, card.word("0047009A00"));
  CHECK_EQUAL(0x6A86U, card.word("0047009B 05 AC03800111 00"));
  CHECK_EQUAL(0x6A86U, card.word("00470096 05 AC03800111 00"));
  CHECK_EQUAL(0x6A86U, card.word("0047019A 05 AC03800111 00"));
  CHECK_EQUAL(0x6985U, card.word("004700F9 05 AC03800111 00"));
  CHECK(before == card.flash().content());
}

TEST(Keys, AnswerWrongUsesWithTheStandardsWords) {
  Card card;
  card.authenticate();
  card.generate("9E");
  CHECK_EQUAL(0x6A88U, card.sign("9A", kHash).word);
  CHECK_EQUAL(0x6A86U, card.command("0087079E", hex("7C24 8200 8120") + kHash).word);
  CHECK_EQUAL(0x6A86U, card.command("008711F9", hex("7C24 8200 8120") + kHash).word);
  CHECK_EQUAL(0x6A86U, card.command("00871180", hex("7C24 8200 8120") + kHash).word);
  CHECK_EQUAL(0x6A80U, card.command("0087119E", hex("7C26 8200 8120") + kHash).word);
  CHECK_EQUAL(0x6A80U, card.command("0087119E", hex("7C24 8200 8320") + kHash).word);
  CHECK_EQUAL(0x6A80U, card.command("0087119E", hex("7C02 8200")).word);
  CHECK_EQUAL(0x6A80U, card.command("0087119E", kHash).word);
  CHECK_EQUAL(0x6700U, card.word("0087119E"));
}

TEST(Keys, CutWhileGeneratingLeavesOldKeyOrNewKey) {
  std::size_t cuts = 0;
  for (std::size_t cut = 0; cut < 50; ++cut) {
    Card card;
    card.authenticate();
    const Bytes old_point = card.generate("9E");
    card.flash().cut_power_after(cut, Torn::kSomeBits, static_cast<unsigned>(cut));
    card.generate("9E");
    if (!card.flash().dead()) break;
    ++cuts;
    CHECK(card.insert());
    const Answer metadata = card.send("00F7009E00");
    CHECK_EQUAL(0x9000U, metadata.word);
    const Bytes point(metadata.data.end() - 65, metadata.data.end());
    CHECK(verifies(public_key(point).get(), kHash, signature_of(card.sign("9E", kHash))));
    if (cut == 0) CHECK(point == old_point);
  }
  CHECK(cuts >= 3);
}

TEST_GROUP(Attestation){};

TEST(Attestation, ChainsFromTheKeyToTheMakersRoot) {
  Card card;
  card.authenticate();
  const Bytes point = card.generate("9C", "AB 01 02");
  const Answer attested = card.send("00F99C0000");
  CHECK_EQUAL(0x6100U, attested.word & 0xFF00U);
  const Answer whole = card.send("00F99C00000000");
  CHECK_EQUAL(0x9000U, whole.word);
  const Certificate leaf = read_certificate(whole.data);
  CHECK(leaf != nullptr);

  const Answer object = card.send("00CB3FFF 000005 5C035FFF01 0000");
  CHECK_EQUAL(0x9000U, object.word);
  const ByteView content = find_tlv(object.data, 0x53).value();
  const ByteView der = find_tlv(content, 0x70).value();
  const Certificate device = read_certificate({der.begin(), der.end()});
  CHECK(device != nullptr);

  const std::unique_ptr<BIO, Freer<BIO_free>> pem(BIO_new_mem_buf(
      host::kTestAttestationRoot.data(), static_cast<int>(host::kTestAttestationRoot.size())));
  const Certificate root(PEM_read_bio_X509(pem.get(), nullptr, nullptr, nullptr));
  CHECK(root != nullptr);
  CHECK_EQUAL(X509_V_OK, path_error(leaf.get(), device.get(), root.get()));
  CHECK_EQUAL(1, EVP_PKEY_eq(X509_get0_pubkey(leaf.get()), public_key(point).get()));
  CHECK(extension(leaf.get(), "1.3.6.1.4.1.41482.3.3") == hex("050700"));
  CHECK(extension(leaf.get(), "1.3.6.1.4.1.41482.3.7") == hex("020401020384"));
  CHECK(extension(leaf.get(), "1.3.6.1.4.1.41482.3.8") == hex("0302"));
}

TEST(Attestation, IsRefusedForSlotsWithoutAKey) {
  Card card;
  CHECK_EQUAL(0x6A88U, card.word("00F99A0000"));
  CHECK_EQUAL(0x6A86U, card.word("00F9F90000"));
  CHECK_EQUAL(0x6A86U, card.word("00F99B0000"));
  CHECK_EQUAL(0x6A86U, card.word("00F99A0100"));
}

TEST(Attestation, KeyAndCertificateCannotBeReplaced) {
  Card card;
  card.authenticate();
  const Bytes before = card.flash().content();
  CHECK_EQUAL(0x6985U, card.word("00DB3FFF 09 5C035FFF01 5302AABB"));
  CHECK_EQUAL(0x6985U, card.word("00DB3FFF 07 5C035FFF01 5300"));
  CHECK(before == card.flash().content());
}

TEST(Attestation, DeviceOutsideTheFactoryStartsNotWithoutItsKey) {
  RamFlash flash;
  RamBoard board(flash);
  board.has_maker = false;
  Token token(board, {});
  CHECK(token.start() == Status::kNotFound);
}

TEST_GROUP(Data){};

TEST(Data, FreshCardHasWhatReadersLookFor) {
  Card card;
  const Answer chuid = card.send("00CB3FFF 05 5C035FC102 00");
  CHECK_EQUAL(0x9000U, chuid.word);
  CHECK_EQUAL(61U, chuid.data.size());
  CHECK_EQUAL(0x9000U, card.word("00CB3FFF 05 5C035FC107 00"));
  const Answer discovery = card.send("00CB3FFF 03 5C017E 00");
  CHECK(discovery.data == hex("7E12 4F0BA000000308000010000100 5F2F024000"));
  CHECK_EQUAL(0x6A82U, card.word("00CB3FFF 05 5C035FC105 00"));
  CHECK_EQUAL(0x6A82U, card.word("00CB3FFF 05 5C035FC10C 00"));
  CHECK(card.send("00F8000000").data == hex("01020384"));
  CHECK(card.send("00FD000000").data == hex("050700"));
}

TEST(Data, KeepsTheLargestObjectAndRemovesEmptyOnes) {
  Card card;
  card.authenticate();
  const Bytes value(3072, 0x5A);
  CHECK_EQUAL(0x9000U, card.command("00DB3FFF", hex("5C035FC10A 53820C00") + value).word);
  CHECK_EQUAL(0x6700U, card.command("00DB3FFF", hex("5C035FC10A 53820C01") + value + hex("5A")).word);
  card.insert();
  const Answer read = card.send("00CB3FFF 000005 5C035FC10A 0000");
  CHECK(read.data == hex("53820C00") + value);
  card.authenticate();
  CHECK_EQUAL(0x9000U, card.word("00DB3FFF 07 5C035FC10A 5300"));
  CHECK_EQUAL(0x6A82U, card.word("00CB3FFF 05 5C035FC10A 00"));
  CHECK_EQUAL(0x9000U, card.word("00DB3FFF 07 5C035FC10A 5300"));
}

TEST(Data, TellsTheKeyHistoryFromRetiredCertificates) {
  Card card;
  card.authenticate();
  CHECK_EQUAL(0x9000U, card.word("00DB3FFF 09 5C035FC10D 5302AABB"));
  CHECK(card.send("00CB3FFF 05 5C035FC10C 00").data == hex("5308 C10101 C20100 FE00"));
  CHECK_EQUAL(0x9000U, card.word("00DB3FFF 0A 5C035FC10C 5303C10102"));
  CHECK(card.send("00CB3FFF 05 5C035FC10C 00").data == hex("5303 C10102"));
}

TEST(Data, TheDirectoryTellsSlotsAndChangesItsMarkWithEachChange) {
  Card card;
  const auto directory = [&] { return card.send("00CB3FFF 05 5C035FFF20 00"); };
  const auto part = [&](std::uint32_t tag) {
    const Answer answer = directory();
    const ByteView bytes = find_tlv(find_tlv(answer.data, 0x53).value(), tag).value();
    return Bytes(bytes.begin(), bytes.end());
  };
  std::vector<Bytes> marks{part(0x80)};
  const auto is_new = [&] {
    const Bytes mark = part(0x80);
    const bool fresh = std::find(marks.begin(), marks.end(), mark) == marks.end();
    marks.push_back(mark);
    return fresh;
  };
  CHECK(part(0x81).empty() && part(0x82).empty());
  card.authenticate();
  CHECK_FALSE(card.generate("9A").empty());
  CHECK(is_new());
  CHECK_FALSE(card.generate("9A").empty());
  CHECK(is_new());
  CHECK_EQUAL(0x9000U, card.word("00DB3FFF 09 5C035FC10D 5302AABB"));
  CHECK(is_new());
  CHECK(part(0x81) == hex("9A") && part(0x82) == hex("82"));
  CHECK_EQUAL(0x9000U, card.word("00F6829A"));
  CHECK(is_new());
  CHECK(part(0x81) == hex("82"));
  CHECK_EQUAL(0x9000U, card.word("00F6FF82"));
  CHECK(is_new());
  CHECK_EQUAL(0x9000U, card.word("00DB3FFF 09 5C035FC102 5302AABB"));
  CHECK(is_new());
  // PINs count their tries without it, and a power cut changes nothing.
  const Bytes mark = marks.back();
  card.verify("000000");
  card.verify("123456");
  card.insert();
  CHECK(part(0x80) == mark);
  card.authenticate();
  CHECK_EQUAL(0x6A82U, card.word("00DB3FFF 09 5C035FFF20 5302AABB"));
}

TEST(Data, ShowsBiometricsAndPrintedInformationAfterThePinOnly) {
  Card card;
  for (const char* tag : {"5FC103", "5FC108", "5FC109", "5FC121"}) {
    CHECK_EQUAL(0x6982U, card.word(std::string("00CB3FFF 05 5C03") + tag + "00"));
  }
  card.verify("123456");
  CHECK_EQUAL(0x6A82U, card.word("00CB3FFF 05 5C035FC109 00"));
}

TEST(Data, FullCardSaysSoAndStillTakesPins) {
  Card card;
  card.authenticate();
  unsigned word = 0x9000;
  int objects = 0;
  for (int low = 1; low <= 0x23 && word == 0x9000; ++low, ++objects) {
    word = card.command("00DB3FFF",
                        Bytes{0x5C, 3, 0x5F, 0xC1, static_cast<std::uint8_t>(low), 0x53, 0x82, 0x0C, 0} +
                            Bytes(3072, 1))
               .word;
  }
  CHECK_EQUAL(0x9000U, word);  // the largest objects a reader may write all fit
  CHECK_EQUAL(35, objects);
  for (int i = 0; i < 50; ++i) CHECK_EQUAL(0x9000U, card.verify("123456"));
}

TEST(Data, MalformedCommandsChangeNothing) {
  Card card;
  card.authenticate();
  card.verify("123456");
  const Bytes before = card.flash().content();
  for (const char* apdu :
       {"00CB3FFF 00", "00CB3FFF 01 5C", "00CB3FFF 02 5C00 00", "00CB3FFF 06 5C045FC10500 00",
        "00CB3FFF 03 5C0200 00", "00CB3FFF 07 5C035FC1055C00 00", "00DB3FFF 05 5C035FC105",
        "00DB3FFF 06 5C035FC10553", "00DB3FFF 08 5C035FC1055302AA", "00DB3FFF 0A 5C035FC1055302AABBCC",
        "00DB3FFF 09 53035FC1055302AABB", "00DB3FFF 0A 5C035FC105538002AABB"}) {
    const unsigned word = card.word(apdu);
    CHECK_TEXT(word == 0x6A80 || word == 0x6700, apdu);
  }
  CHECK_EQUAL(0x6A86U, card.word("00CB3FFE 05 5C035FC105 00"));
  CHECK_EQUAL(0x6A86U, card.word("00CB0000 05 5C035FC105 00"));
  CHECK_EQUAL(0x6A86U, card.word("00DB0000 09 5C035FC1055302AABB"));
  CHECK_EQUAL(0x6A82U, card.word("00DB3FFF 07 5C017E 5302AABB"));
  CHECK_EQUAL(0x6A82U, card.word("00DB3FFF 09 5C035FC1245302AABB"));
  CHECK_EQUAL(0x6A82U, card.word("00CB3FFF 05 5C035FC1FF 00"));
  for (const char* apdu :
       {"00F7009A 01 00", "00F8000101", "00FD010000", "00F80000 01 00", "00FB0100", "00FA0000", "00FA0003",
        "00FF0000 03 0A9B00", "00FFFFFF 02 0A9B", "00F600009A", "00FE009A 01 00"}) {
    const unsigned word = card.word(apdu);
    CHECK_TEXT(word == 0x6A86 || word == 0x6700 || word == 0x6D00, apdu);
  }
  CHECK(before == card.flash().content());
}
