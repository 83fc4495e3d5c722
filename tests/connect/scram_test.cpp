#include "connect/scram.h"

#include "client.h"
#include "connect/wire.h"
// CppUTest comes last: its macros fight the standard headers.
#include <CppUTest/TestHarness.h>

using namespace sceau;
using namespace sceau::connect;

namespace {

// The exchange that RFC 7677 prints in section 3.
constexpr const char* kFirst = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
constexpr const char* kServersNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
constexpr const char* kServerFirst =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
const std::string kLastBare = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
const std::string kProof = ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
constexpr const char* kServerLast = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

}  // namespace

TEST_GROUP(ConnectScram) {
  ScramKeys keys;
  void setup() override {
    auto made = scram_keys(Secret(as_bytes("pencil")), *from_base64("W22ZaJ0SNY7soEsUEjb6gQ=="));
    CHECK(made.ok());
    keys = std::move(*made);
  }
  void teardown() override { keys = {}; }
  // What comes of a last message after the RFC's first one.
  Result<std::string> last(const std::string& message, const char* first = kFirst) const {
    ScramLogin log_in(keys, kServersNonce);
    CHECK(log_in.first(first).ok());
    return log_in.last(message);
  }
  // The same as a client that knows a password says it, with what it is told to say.
  Result<std::string> prove(const std::string& password, const std::string& first, const std::string& bare)
      const {
    ScramLogin log_in(keys, kServersNonce);
    const auto answer = log_in.first(first);
    CHECK(answer.ok());
    return log_in.last(scram_proven(password, first.substr(3), *answer, bare));
  }
  static ErrorKind kind_of(const Result<std::string>& answer) {
    CHECK(!answer.ok());
    return answer.error().kind;
  }
  ErrorKind first_refused(const std::string& message) const {
    ScramLogin log_in(keys, kServersNonce);
    const auto answer = log_in.first(message);
    CHECK_TEXT(!answer.ok(), message.c_str());
    CHECK_TEXT(!log_in.last(kLastBare + kProof).ok(), message.c_str());
    return answer.error().kind;
  }
};

TEST(ConnectScram, GoesAsTheRfcPrintsIt) {
  ScramLogin log_in(keys, kServersNonce);
  STRCMP_EQUAL(kServerFirst, log_in.first(kFirst)->c_str());
  STRCMP_EQUAL(kServerLast, log_in.last(kLastBare + kProof)->c_str());
}

TEST(ConnectScram, IsProvenByThePasswordAlone) {
  CHECK(prove("pencil", kFirst, kLastBare).ok());
  for (const char* wrong : {"pencil ", "Pencil", "x"})
    CHECK(kind_of(prove(wrong, kFirst, kLastBare)) == ErrorKind::authentication);
  const std::string flipped = ",p=eHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
  CHECK(kind_of(last(kLastBare + flipped)) == ErrorKind::authentication);
  const std::string zeros = ",p=" + to_base64(Bytes(32));
  CHECK(kind_of(last(kLastBare + zeros)) == ErrorKind::authentication);
  // The proof is of this exchange: with another first message it is none.
  CHECK(kind_of(last(kLastBare + kProof, "n,,n=other,r=rOprNGfwEbeRWgbNEkqO")) == ErrorKind::authentication);
}

TEST(ConnectScram, TakesAProofOnce) {
  ScramLogin log_in(keys, kServersNonce);
  CHECK(!log_in.last(kLastBare + kProof).ok());
  CHECK(!log_in.first(kFirst).ok());
  ScramLogin second(keys, kServersNonce);
  CHECK(second.first(kFirst).ok());
  CHECK(!second.last(kLastBare).ok());
  CHECK(!second.last(kLastBare + kProof).ok());
}

TEST(ConnectScram, TakesItsOwnNonceAlone) {
  // Another server's, the client's alone, one with something behind it: each with the proof that belongs to
  // it.
  for (const std::string& nonce :
       {std::string("rOprNGfwEbeRWgbNEkqO"), std::string("rOprNGfwEbeRWgbNEkqO0123456789"),
        std::string(kServerFirst).substr(2, 50) + "0"}) {
    const auto answer = prove("pencil", kFirst, "c=biws,r=" + nonce);
    CHECK_TEXT(!answer.ok(), nonce.c_str());
    CHECK(answer.error().kind == ErrorKind::invalid);
  }
  SystemRandom random;
  const auto one = ScramLogin::fresh_nonce(random);
  const auto other = ScramLogin::fresh_nonce(random);
  LONGS_EQUAL(24, one.size());
  CHECK(one != other);
  CHECK(one.find(',') == std::string::npos);
}

TEST(ConnectScram, BindsTheHeaderToTheProof) {
  const std::string other = "y,,n=user,r=rOprNGfwEbeRWgbNEkqO";
  const std::string bare = kLastBare.substr(6);
  CHECK(prove("pencil", other, "c=" + to_base64(as_bytes("y,,")) + bare).ok());
  CHECK(kind_of(prove("pencil", other, kLastBare)) == ErrorKind::invalid);
  CHECK(kind_of(prove("pencil", kFirst, "c=" + to_base64(as_bytes("p=tls-unique,,")) + bare)) ==
        ErrorKind::invalid);
}

TEST(ConnectScram, RefusesFirstMessagesThatAreCutOrAskForWhatIsNotOffered) {
  const std::string whole = kFirst;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    if (size > whole.find("r=") + 2) continue;  // a shorter nonce is a nonce
    CHECK(first_refused(whole.substr(0, size)) == ErrorKind::invalid);
  }
  for (const char* message :
       {"p=tls-server-end-point,,n=user,r=abc", "n,a=root,n=user,r=abc", "n,,m=ext,n=user,r=abc",
        "n,,r=abc,n=user", "n,,n=user,r=a\x01c", "n,,n=user,r=abc,", "n,,n=user,r=abc,m=ext",
        "n,,n=user,r=abc,9=x", "x,,n=user,r=abc"})
    CHECK(first_refused(message) == ErrorKind::invalid);
  ScramLogin log_in(keys, kServersNonce);
  CHECK(log_in.first("n,,n=,r=abc,x=passed over").ok());
}

TEST(ConnectScram, RefusesLastMessagesThatAreCut) {
  const std::string whole = kLastBare + kProof;
  for (std::size_t size = 0; size < whole.size(); ++size)
    CHECK_TEXT(kind_of(last(whole.substr(0, size))) == ErrorKind::invalid, whole.substr(0, size).c_str());
  CHECK(kind_of(last(whole + "=")) == ErrorKind::invalid);
  CHECK(kind_of(last(kLastBare + ",m=x" + kProof)) == ErrorKind::invalid);
}

TEST(ConnectScram, CountsAsManyIterationsAsItSays) {
  const auto salt = *from_base64("W22ZaJ0SNY7soEsUEjb6gQ==");
  keys = *scram_keys(Secret(as_bytes("pencil")), salt, 5000);
  const auto answer = ScramLogin(keys, kServersNonce).first(kFirst);
  CHECK(answer->ends_with(",i=5000"));
  CHECK(prove("pencil", kFirst, kLastBare).ok());
  CHECK(kind_of(last(kLastBare + kProof)) == ErrorKind::authentication);  // of 4096
  CHECK(!scram_keys(Secret(as_bytes("pencil")), salt, 0).ok());
  CHECK(!scram_keys(Secret(as_bytes("pencil")), {}).ok());
  CHECK(!scram_keys(Secret(as_bytes("cr\xC3\xA9pe")), salt).ok());
  CHECK(!scram_keys(Secret(), salt).ok());
}

TEST(ConnectScram, ItsMessageIsReadWhole) {
  const auto read = read_sasl(zero("SCRAM-SHA-256") + int32(3) + "n,,");
  STRCMP_EQUAL("SCRAM-SHA-256", read->mechanism.c_str());
  STRCMP_EQUAL("n,,", read->data.c_str());
  for (const auto& body : {std::string(), std::string("SCRAM"), zero("S"), zero("S") + int32(-1),
                           zero("S") + int32(4) + "n,,", zero("S") + int32(2) + "n,,"})
    CHECK(!read_sasl(body).ok());
}
