#include "sceau/ledger/note.h"

#include "support.h"

using namespace sceau;
using namespace sceau::ledger;
using namespace sceau::ledger::test;

namespace {

NoteVerifier key(const std::string& name) { return take(NoteVerifier::parse(vector_line(name + ".vkey"))); }

// The seed in Go's PRIVATE+KEY text.
NoteSigner peter() {
  const std::string text = vector_line("peter-neumann.skey");
  const std::string prefix = "PRIVATE+KEY+PeterNeumann+c74f20a3+";
  CHECK_TRUE(text.starts_with(prefix));
  const Bytes bytes = take(from_base64(text.substr(prefix.size())));
  return take(NoteSigner::from_seed("PeterNeumann", Secret(ByteView(bytes).subspan(1))));
}

std::string text_of(const std::string& note) { return note.substr(0, note.rfind("\n\n") + 1); }

// A checkpoint note around any text, rightly signed.
std::string signed_by_log(const std::string& text) { return take(sign_note(text, signer())); }

}  // namespace

TEST_GROUP(Note){};

TEST(Note, GosNoteIsReproducedByteForByte) {
  const std::string note = vector_text("peter-neumann.note");
  CHECK_EQUAL(note, take(sign_note(text_of(note), peter())));
  CHECK_EQUAL(vector_line("peter-neumann.vkey"), peter().vkey());
}

TEST(Note, BothOfGosKeysVerifyTheNoteThatBothSigned) {
  const Note note = take(parse_note(vector_text("peter-and-enoch.note")));
  CHECK_EQUAL(2U, note.signatures.size());
  for (const char* name : {"peter-neumann", "enoch-root"}) {
    const NoteVerifier verifier = key(name);
    int verified = 0;
    for (const NoteSignature& signature : note.signatures) {
      if (verifier.knows(signature)) ++verified, take(verifier.verify(note.text, signature));
    }
    CHECK_EQUAL(1, verified);
  }
}

TEST(Note, MangledKeysAreRefused) {
  const std::string vkey = vector_line("peter-neumann.vkey");
  for (std::size_t begin = 0; begin < vkey.size(); ++begin) {
    for (std::size_t size = 0; size <= vkey.size() - begin; ++size) {
      if (size == vkey.size()) continue;
      check_fails(NoteVerifier::parse(vkey.substr(begin, size)), ErrorKind::invalid);
    }
    std::string changed = vkey;
    ++changed[begin];
    check_fails(NoteVerifier::parse(changed), ErrorKind::invalid);
  }
  // Key ids that fit a key of a wrong length, and one of an unknown type.
  check_fails(
      NoteVerifier::parse("PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY=="),
      ErrorKind::invalid);
  check_fails(NoteVerifier::parse("PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"),
              ErrorKind::invalid);
}

TEST(Note, KeyNamesHaveNeitherSpacesNorPluses) {
  for (const char* name : {"", "a b", "a+b", "a\tb", "a\nb",
                           "a\xC2\xA0"
                           "b",
                           "a\xE3\x80\x80"
                           "b",
                           "a\xFF"}) {
    check_fails(NoteSigner::from_seed(name, Secret::sized(32)), ErrorKind::invalid);
  }
  take(NoteSigner::from_seed("registre.exemple.fr/entrep\xC3\xB4t", Secret::sized(32)));
  check_fails(NoteSigner::from_seed("name", Secret::sized(31)), ErrorKind::invalid);
}

TEST(Note, MalformedNotesAreRefused) {
  const std::string good = vector_text("peter-neumann.note");
  const std::string text = text_of(good), line = good.substr(text.size() + 1);
  const std::vector<std::string> bad{"",
                                     text,
                                     text + "\n",
                                     text + line,
                                     text + "\n" + line.substr(0, line.size() - 1),
                                     "\x01" + good,
                                     "\xFF" + good,
                                     "\r" + good,
                                     "\xC0\x80" + good,
                                     "\xED\xA0\x80" + good,
                                     "\xF4\x90\x80\x80" + good,
                                     "\x80" + good,
                                     "\xE2\x80" + good,
                                     good + "Unexpected line.\n",
                                     good + "\n",
                                     text + "\n— Bad Name x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZIn\n",
                                     text + "\n— PeterNeumann\n",
                                     text + "\n— PeterNeumann x08goA==\n",
                                     text + "\n- PeterNeumann x08go/ZJkuBS9UG/\n",
                                     text + "\n—  x08go/ZJkuBS9UG/\n",
                                     text + "\n— PeterNeumann x08go/ZJkuBS9UG/ \n",
                                     text + "\n— PeterNeumann x08go/ZJkuBS9UG\n"};
  for (const std::string& note : bad) check_fails(parse_note(note), ErrorKind::invalid);
  std::string many = text + "\n";
  for (int i = 0; i < 100; ++i) many += line;
  CHECK_EQUAL(100U, take(parse_note(many)).signatures.size());
  check_fails(parse_note(many + line), ErrorKind::invalid);
  check_fails(parse_note(std::string(1U << 20U, 'x') + "\n" + good), ErrorKind::invalid);
}

TEST(Note, TextMayHoldEmptyLinesAndAnyUtf8) {
  const std::string note = vector_text("quasimodo.note");
  const Note parsed = take(parse_note(note));
  CHECK_TRUE(parsed.text.ends_with("\n\ned \xC3\xA8 subito sera.\n"));
  CHECK_EQUAL(std::string("quasimodo.example/salvatore"), parsed.signatures.at(0).name);
  CHECK_EQUAL(64U, parsed.signatures[0].signature.size());
}

TEST(Note, SigningNeedsWholeLines) {
  check_fails(sign_note("no newline", signer()), ErrorKind::invalid);
  check_fails(sign_note("", signer()), ErrorKind::invalid);
  check_fails(sign_note("tab\there\n", signer()), ErrorKind::invalid);
  check_fails(sign_note("text\n", signer(32, NoteKeyType::cosignature_v1)), ErrorKind::invalid);
}

TEST(Note, KeysAreReadFromPem) {
  // The seed 00 01 … 1f in PKCS #8.
  const std::string pem =
      "-----BEGIN PRIVATE KEY-----\n"
      "MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n"
      "-----END PRIVATE KEY-----\n";
  CHECK_EQUAL(vector_line("made-log.vkey"),
              take(NoteSigner::from_pem(kOrigin, Secret(as_bytes(pem)))).vkey());
  check_fails(NoteSigner::from_pem(kOrigin, Secret(as_bytes("no key"))), ErrorKind::invalid);
  check_fails(NoteSigner::from_pem(kOrigin, Secret()), ErrorKind::invalid);
}

TEST_GROUP(Checkpoint){};

TEST(Checkpoint, OneMadeElsewhereIsReproducedAndOpened) {
  const std::string note = vector_text("made.checkpoint");
  const Checkpoint checkpoint = take(open_checkpoint(note, key("made-log")));
  CHECK_EQUAL(std::string(kOrigin), checkpoint.origin);
  CHECK_EQUAL(7U, checkpoint.size);
  CHECK_EQUAL(note, take(sign_checkpoint(checkpoint, signer())));
}

TEST(Checkpoint, TheExampleOfTheSpecificationIsRead) {
  const Note note = take(parse_note(vector_text("behind-the-sofa.note")));
  const Checkpoint checkpoint = take(parse_checkpoint_text(note.text));
  CHECK_EQUAL(std::string("example.com/behind-the-sofa"), checkpoint.origin);
  CHECK_EQUAL(20852163U, checkpoint.size);
  CHECK_EQUAL(note.text, checkpoint_text(checkpoint));
  CHECK_EQUAL(0x8d66cf3fU, note.signatures.at(1).key_id);
}

TEST(Checkpoint, OtherKeysAreIgnoredAndOursMustVerify) {
  const std::string note = vector_text("made-cosigned.checkpoint");
  take(open_checkpoint(note, key("made-log")));
  check_fails(open_checkpoint(note, key("peter-neumann")), ErrorKind::authentication);
  // The same name with another key: its id differs, so it is unknown.
  check_fails(open_checkpoint(note, signer(9).verifier()), ErrorKind::authentication);
  // One bit of the text, or of the signature.
  std::string changed = note;
  changed[changed.find("\n7\n") + 1] = '8';
  check_fails(open_checkpoint(changed, key("made-log")), ErrorKind::authentication);
  Note parsed = take(parse_note(note));
  parsed.signatures[0].signature[10] ^= 1;
  check_fails(key("made-log").verify(parsed.text, parsed.signatures[0]), ErrorKind::authentication);
  parsed.signatures[0].signature.pop_back();
  check_fails(key("made-log").verify(parsed.text, parsed.signatures[0]), ErrorKind::authentication);
}

TEST(Checkpoint, AWrongSignatureOfOursBesideARightOneRefusesTheNote) {
  const std::string good = vector_text("made.checkpoint");
  const std::string other = take(sign_note("another text\n", signer()));
  check_fails(open_checkpoint(good + other.substr(other.find("\n\n") + 2), key("made-log")),
              ErrorKind::authentication);
}

TEST(Checkpoint, MalformedTextsAreRefusedEvenWhenSigned) {
  const std::string root = to_base64(empty_root());
  take(open_checkpoint(signed_by_log("o\n0\n" + root + "\n"), signer().verifier()));
  take(open_checkpoint(signed_by_log("o\n0\n" + root + "\nextension\n"), signer().verifier()));
  for (const std::string& text :
       {std::string("o\n0\n"), "o\n00\n" + root + "\n", "o\n01\n" + root + "\n", "o\n+1\n" + root + "\n",
        "o\n-1\n" + root + "\n", "o\n0x1\n" + root + "\n", "o\n18446744073709551616\n" + root + "\n",
        "o\n\n" + root + "\n", "\n0\n" + root + "\n", "o\n0\n" + root.substr(4) + "\n",
        "o\n0\n" + root + "AAAA\n", "o\n0\n" + root + " \n", "o\n0\n" + root + "\n\nextension\n",
        "o\n 0\n" + root + "\n"}) {
    check_fails(open_checkpoint(signed_by_log(text), signer().verifier()), ErrorKind::invalid);
  }
  CHECK_EQUAL(UINT64_MAX, take(parse_checkpoint_text("o\n18446744073709551615\n" + root + "\n")).size);
}

TEST(Checkpoint, AnOriginIsOneLine) {
  check_fails(sign_checkpoint({"", 0, empty_root()}, signer()), ErrorKind::invalid);
  check_fails(sign_checkpoint({"two\nlines", 0, empty_root()}, signer()), ErrorKind::invalid);
}

TEST_GROUP(Cosignature){};

TEST(Cosignature, OneMadeElsewhereIsReproducedAndVerified) {
  const std::string note = vector_text("made-cosigned.checkpoint");
  const NoteSigner witness = signer(32, NoteKeyType::cosignature_v1, "witness.example/w1");
  CHECK_EQUAL(vector_line("made-witness.vkey"), witness.vkey());
  CHECK_EQUAL(note, take(cosign(vector_text("made.checkpoint"), witness, 1763800000)));
  const std::vector<NoteVerifier> witnesses{key("made-witness")};
  const auto found = take(open_cosignatures(note, witnesses));
  CHECK_EQUAL(1U, found.size());
  CHECK_EQUAL(std::string("witness.example/w1"), found[0].name);
  CHECK_EQUAL(1763800000, found[0].time);
}

TEST(Cosignature, OneWithAnotherTimeOrTextDoesNotVerify) {
  const NoteVerifier witness = key("made-witness");
  Note note = take(parse_note(vector_text("made-cosigned.checkpoint")));
  NoteSignature signature = note.signatures.at(1);
  take(witness.verify(note.text, signature));
  check_fails(witness.verify(note.text + "x\n", signature), ErrorKind::authentication);
  signature.signature[7] ^= 1;
  check_fails(witness.verify(note.text, signature), ErrorKind::authentication);
  signature.signature[7] ^= 1;
  signature.signature[0] = 0x80;  // a time beyond 2^63 - 1
  check_fails(witness.verify(note.text, signature), ErrorKind::authentication);
  signature.signature.resize(7);
  check_fails(witness.verify(note.text, signature), ErrorKind::authentication);
}

TEST(Cosignature, WitnessesThatDidNotSignAreLeftOutAndLogKeysAreNotWitnesses) {
  const std::vector<NoteVerifier> others{
      signer(77, NoteKeyType::cosignature_v1, "witness.example/w2").verifier()};
  CHECK_EQUAL(0U, take(open_cosignatures(vector_text("made-cosigned.checkpoint"), others)).size());
  const std::vector<NoteVerifier> logs{key("made-log")};
  check_fails(open_cosignatures(vector_text("made-cosigned.checkpoint"), logs), ErrorKind::invalid);
  check_fails(cosign(vector_text("made.checkpoint"), signer(), 1), ErrorKind::invalid);
}
