#include "sceau/ledger/proof.h"

#include "sceau/ledger/leaf.h"
#include "sceau/ledger/opening.h"
#include "support.h"

using namespace sceau;
using namespace sceau::ledger;
using namespace sceau::ledger::test;

namespace {

NoteVerifier log_key() { return take(NoteVerifier::parse(vector_line("made-log.vkey"))); }

}  // namespace

TEST_GROUP(Proof){};

TEST(Proof, OneMadeElsewhereIsReadVerifiedAndWrittenBack) {
  const std::string text = vector_text("made.tlog-proof");
  const Proof proof = take(parse_proof(text));
  CHECK_EQUAL(4U, proof.index);
  CHECK_EQUAL(3U, proof.hashes.size());
  CHECK_EQUAL(std::string("opening"), to_text(proof.extra.value()));
  CHECK_EQUAL(7U, take(verify(proof, as_bytes("entry 4"), log_key())).size);
  CHECK_EQUAL(text, write_proof(proof));
}

TEST(Proof, AnotherLeafIndexHashOrKeyIsRefused) {
  const Proof good = take(parse_proof(vector_text("made.tlog-proof")));
  check_fails(verify(good, as_bytes("entry 5"), log_key()), ErrorKind::invalid);
  check_fails(verify(good, as_bytes("entry 4"), signer(9).verifier()), ErrorKind::authentication);
  Proof proof = good;
  proof.index = 5;
  check_fails(verify(proof, as_bytes("entry 4"), log_key()), ErrorKind::invalid);
  proof.index = UINT64_MAX;
  check_fails(verify(proof, as_bytes("entry 4"), log_key()), ErrorKind::invalid);
  proof = good;
  proof.hashes[1][0] ^= 1;
  check_fails(verify(proof, as_bytes("entry 4"), log_key()), ErrorKind::invalid);
  proof = good;
  proof.hashes.push_back(proof.hashes[0]);
  check_fails(verify(proof, as_bytes("entry 4"), log_key()), ErrorKind::invalid);
  proof = good;
  proof.hashes.pop_back();
  check_fails(verify(proof, as_bytes("entry 4"), log_key()), ErrorKind::invalid);
  proof = good;
  proof.checkpoint[proof.checkpoint.find("\n7\n") + 1] = '6';
  check_fails(verify(proof, as_bytes("entry 4"), log_key()), ErrorKind::authentication);
}

TEST(Proof, MalformedTextsAreRefused) {
  const std::string head = "c2sp.org/tlog-proof@v1\n", end = "\ncheckpoint\n";
  const std::string hash = to_base64(empty_root()) + "\n";
  take(parse_proof(head + "index 0\n" + end));
  std::string many;
  for (int i = 0; i < 65; ++i) many += hash;
  for (const std::string& text : {std::string(),
                                  head,
                                  std::string("c2sp.org/tlog-proof@v2\nindex 0\n\ncheckpoint\n"),
                                  head + end,
                                  head + "index\n" + end,
                                  head + "index \n" + end,
                                  head + "index -5\n" + end,
                                  head + "index 00\n" + end,
                                  head + "index 01\n" + end,
                                  head + "index 1 \n" + end,
                                  head + "index one\n" + end,
                                  head + "index 18446744073709551616\n" + end,
                                  head + "Index 1\n" + end,
                                  head + "extra \nindex 0\n" + end,
                                  head + "extra !!\nindex 0\n" + end,
                                  head + "extra AA==\nextra AA==\nindex 0\n" + end,
                                  head + "index 0\nextra AA==\n" + end,
                                  head + "index 0\n!!\n" + end,
                                  head + "index 0\nAAAA\n" + end,
                                  head + "index 0\n" + hash.substr(4) + end,
                                  head + "index 0\n" + many + end,
                                  head + "index 0\n" + hash,
                                  head + "index 0\n" + hash + "\n",
                                  head + "index 0\r\n" + end,
                                  "\n" + head + "index 0\n" + end}) {
    check_fails(parse_proof(text), ErrorKind::invalid);
  }
}

TEST_GROUP(Leaf){};

TEST(Leaf, IsCanonicalJsonAndReadsBack) {
  Leaf leaf{1763800000, sha256(as_bytes("x")), "extraction.request"};
  const Bytes bytes = take(write_leaf(leaf));
  CHECK_EQUAL(std::string("{\"at\":\"2025-11-22T08:26:40Z\",\"commitment\":\""
                          "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881\","
                          "\"type\":\"extraction.request\"}"),
              to_text(bytes));
  CHECK_TRUE(leaf == take(parse_leaf(bytes)));
}

TEST(Leaf, AnyOtherSpellingIsRefused) {
  const std::string good = to_text(take(write_leaf({0, sha256({}), "login"})));
  check_fails(parse_leaf({}), ErrorKind::invalid);
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string changed = good;
    changed.erase(i, 1);
    if (i < good.size() - 7 || i >= good.size() - 2)
      check_fails(parse_leaf(as_bytes(changed)), ErrorKind::invalid);
    changed = good;
    changed.insert(i, " ");
    check_fails(parse_leaf(as_bytes(changed)), ErrorKind::invalid);
  }
  for (const char* type : {"", "Login", "log in", "log\"in", "log-in", "log1n", "l\xC3\xB6gin"}) {
    check_fails(write_leaf({0, {}, type}), ErrorKind::invalid);
  }
  check_fails(write_leaf({0, {}, std::string(65, 'a')}), ErrorKind::invalid);
  check_fails(write_leaf({253402300800, {}, "login"}), ErrorKind::invalid);
}

TEST_GROUP(Opening){};

TEST(Opening, TheCommitmentIsTheDigestOfSaltAndThreeDigests) {
  Opening opening;
  opening.salt.fill(0xAB);
  opening.statement = to_bytes("statement");
  opening.evidence = to_bytes("evidence");
  opening.verdict = to_bytes("verdict");
  // From Python's hashlib.
  CHECK_EQUAL(std::string("0cfd6cbab2addeeaf85112249b0bba23e2292eb851416985c1177d198b1b1e0e"),
              to_hex(commitment(opening)));
  Opening moved = opening;
  std::swap(moved.statement, moved.evidence);
  CHECK_TRUE(commitment(moved) != commitment(opening));
  moved = opening;
  moved.salt[31] ^= 1;
  CHECK_TRUE(commitment(moved) != commitment(opening));
  moved = opening;
  moved.verdict.clear();
  CHECK_TRUE(commitment(moved) != commitment(opening));
}
