// Requests that name people by parameters: who sees whom they mean, and that nothing else at the gate says
// it.
#include <CppUTest/TestHarness.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "gate_home.h"
#include "sceau/base/handle.h"
#include "sceau/gate/audit.h"

using namespace sceau;
using namespace sceau::test;

namespace {

const std::string meant = "00000000000000042";  // in IR_BEN_R, and nowhere else

// An auditor's certificate, self-signed, and its private key, in PEM.
struct AuditorKey {
  explicit AuditorKey(bool rsa = false) {
    const Handle<EVP_PKEY, EVP_PKEY_free> made(rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"));
    const Handle<X509, X509_free> x509(X509_new());
    X509_set_version(x509.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509.get()), 7);
    X509_gmtime_adj(X509_getm_notBefore(x509.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(x509.get()), 86400);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x509.get()), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("Auditor"), -1, -1, 0);
    X509_set_issuer_name(x509.get(), X509_get_subject_name(x509.get()));
    X509_set_pubkey(x509.get(), made.get());
    X509_sign(x509.get(), made.get(), EVP_sha256());
    const Handle<BIO, BIO_free> out(BIO_new(BIO_s_mem())), secret(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(out.get(), x509.get());
    PEM_write_bio_PrivateKey(secret.get(), made.get(), nullptr, nullptr, 0, nullptr, nullptr);
    certificate = text_of(out.get());
    key = text_of(secret.get());
  }
  static std::string text_of(BIO* bio) {
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio, &text);
    return {text, static_cast<std::size_t>(size)};
  }
  std::string certificate, key;
};

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string contents(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_GROUP(NamedPeople) {
  GateHome home;
  AuditorKey anna, hugo{true};
  std::unique_ptr<gate::Gate> gate;

  void setup() override {
    std::filesystem::create_directories(home.path() / "auditors");
    for (const auto& [name, auditor] : {std::pair("anna.pem", &anna), std::pair("hugo.pem", &hugo)})
      must_write(home.path() / "auditors" / name, auditor->certificate);
    gate = home.open();
  }
  static void must_write(const std::filesystem::path& file, const std::string& text) {
    CHECK(write_file(file, as_bytes(text), 0644).ok());
  }
  Signed asked(const std::string& where = "BEN_NIR_PSA = $1",
               const std::vector<std::string>& values = {meant}, const std::string& kind = "individual") {
    Object body = home.world.request_body(kind);
    body["sql"] = Array{"SELECT BEN_NIR_PSA, BEN_NAI_ANN FROM IR_BEN_R WHERE " + where};
    body["parameters"] = statement::texts(values);
    return home.write(*gate, "extraction.request", {"dora"}, std::move(body));
  }
  void approve(const Signed& request) {
    must_be(*gate,
            home.write(*gate, "approval", {"carl"},
                       Object{{"request", request.digest()}, {"evidence", request.evidence_digest()}}),
            "admitted");
  }
  std::string rows_of(const Signed& request) {
    auto delivery = gate->fetch(log_in(home, *gate, "dora"), request.digest()).value();
    const Bytes rows = receive(*delivery);
    CHECK(delivery->complete().ok());
    return to_text(rows);
  }
  // What the gate's home says besides the warehouse itself, once it is closed.
  void nothing_says(const std::string& value) {
    gate.reset();
    for (const auto& entry : std::filesystem::recursive_directory_iterator(home.path())) {
      if (entry.is_regular_file() && entry.path().filename() != "source.db")
        CHECK_TEXT(!holds(contents(entry.path()), value), entry.path().c_str());
    }
    for (const std::string& line : home.log) CHECK_TEXT(!holds(line, value), line.c_str());
  }
  gate::AuditReport audited(const std::string& key) {
    const auto log = *ledger::Ledger::open_read_only(
        home.path() / "ledger.db",
        key.empty() ? ledger::LedgerOptions{} : gate::unseal_with(Secret(as_bytes(key))));
    return *gate::audit(*log);
  }
};

TEST(NamedPeople, AreSeenByTheApproverAndGivenToTheAgent) {
  const Signed request = asked();
  must_be(*gate, request, "pending");
  const auto view = *gate->request(log_in(home, *gate, "carl"), request.digest());
  CHECK(view.statement == request.statement);
  CHECK(holds(to_text(view.statement), meant));
  CHECK_FALSE(view.beside.contains("trouble"));
  approve(request);
  const std::string rows = rows_of(request);
  LONGS_EQUAL(2, std::count(rows.begin(), rows.end(), '\n'));
  CHECK(holds(rows, ",1952"));
}

TEST(NamedPeople, AreNowhereInTheGatesHomeOrLog) {
  const Signed request = asked();
  must_be(*gate, request, "pending");
  approve(request);
  rows_of(request);
  must_be(*gate, asked("BEN_NAI_ANN = $1", {meant + "x"}), "refused");
  must_be(*gate, asked("BEN_NIR_PSA = $1", {meant}, "aggregate"), "refused");
  nothing_says(meant);
}

TEST(NamedPeople, AreKnownAgainWhenTheGateStartsAgain) {
  const Signed request = asked();
  must_be(*gate, request, "pending");
  gate.reset();
  gate = home.open();
  CHECK(gate->request(log_in(home, *gate, "carl"), request.digest()).value().statement == request.statement);
  CHECK(gate->submit(submission_of(request)).value().refusal.has_value());  // its id is used
  approve(request);
  CHECK(holds(rows_of(request), ",1952"));
}

TEST(NamedPeople, AreNotShownToAdministratorsOrToWhoeverKnowsADigest) {
  const Signed request = asked();
  const auto admission = must_be(*gate, request, "pending");
  const std::string whole = to_base64(request.statement);
  const auto ada = log_in(home, *gate, "ada");
  CHECK(gate->request(ada, request.digest()).value().statement.empty());
  for (const auto& view : gate->requests(ada, "")) CHECK(view.statement.empty());
  CHECK_FALSE(holds(*gate->receipt_document(request.digest()), whole));
  CHECK_FALSE(holds(*gate->receipt_document(request.digest(), &ada), whole));
  const auto dora = log_in(home, *gate, "dora");
  CHECK(holds(*gate->receipt_document(request.digest(), &dora), whole));
  CHECK(gate->request(dora, request.digest()).value().statement == request.statement);
  gate::Caller auditor = ada;
  auditor.auditor = true;
  CHECK_FALSE(holds(*gate->opening_document(auditor, admission.index), whole));
}

TEST(NamedPeople, RequestsAreNotToldBesideLaterOnesToWhoMayNotReadThem) {
  must_be(*gate, asked(), "pending");
  Object body = home.world.request_body("individual");
  body["sql"] = Array{"SELECT BEN_NIR_PSA FROM IR_BEN_R"};
  const Signed later = home.write(*gate, "extraction.request", {"dora"}, std::move(body));
  must_be(*gate, later, "pending");
  const auto told = [&](const std::string& person) {
    const auto view = gate->request(log_in(home, *gate, person), later.digest()).value();
    return statement::to_canonical(view.beside.at("earlier"));
  };
  CHECK(holds(told("carl"), "$1"));
  CHECK(holds(told("ada"), "\"by\":\"dora\""));
  CHECK_FALSE(holds(told("ada"), "$1"));
  CHECK_FALSE(holds(told("ada"), "purpose"));
}

TEST(NamedPeople, AreReadByAnAuditorsKeyAndTheRestIsCheckedWithout) {
  const Signed request = asked();
  const auto entry = must_be(*gate, request, "pending").index;
  approve(request);
  rows_of(request);
  gate.reset();
  for (const std::string& key : {anna.key, hugo.key}) {
    const auto report = audited(key);
    CHECK_TEXT(report.ok(), report.ok() ? "" : report.findings.front().what.c_str());
    CHECK(report.sealed.empty());
    CHECK(report.extractions.back().parameters == std::vector<std::string>{meant});
  }
  for (const std::string& key : {std::string(), AuditorKey().key}) {
    const auto report = audited(key);
    CHECK_TEXT(report.ok(), report.ok() ? "" : report.findings.front().what.c_str());
    CHECK(report.sealed == std::vector<std::uint64_t>{entry});
    CHECK_FALSE(holds(statement::to_canonical(gate::to_value(report)), meant));
  }
}

TEST(NamedPeople, AreRefusedWhereNoAuditorCouldReadThem) {
  gate.reset();
  std::filesystem::remove_all(home.path() / "auditors");
  gate = home.open();
  const auto before = gate->ledger().head()->size;
  const auto refused = gate->submit(submission_of(asked()));
  CHECK_FALSE(refused.ok());
  CHECK(refused.error().kind == ErrorKind::refused);
  CHECK(holds(refused.error().message, "auditors/"));
  LONGS_EQUAL(before, gate->ledger().head()->size);
  nothing_says(meant);
}

TEST(NamedPeople, OfTheWrongTypeOrPlaceAreRefusedBeforeAnythingRuns) {
  for (const auto& [where, values, why] :
       std::initializer_list<std::tuple<const char*, std::vector<std::string>, const char*>>{
           {"BEN_NAI_ANN = $1", {meant + "x"}, "no whole number"},
           {"BEN_NIR_PSA LIKE $1", {meant}, "stands where"},
           {"BEN_NIR_PSA > $1", {meant}, "compared with parameters"},
           {"BEN_NIR_PSA = '1'", {}, "compared with parameters"},
           {"BEN_NAI_ANN + $1 = 1", {meant}, "stands where"},
           {"BEN_NIR_PSA = $1", {meant, meant}, "not used"}}) {
    const auto admission = must_be(*gate, asked(where, values), "refused");
    CHECK_TEXT(holds(admission.refusal->message, why), admission.refusal->message.c_str());
    CHECK_FALSE(holds(admission.refusal->message, meant));
  }
  LONGS_EQUAL(0, count(*gate, "extraction.result"));
}

TEST(NamedPeople, AreNotReadWithAnotherHomesKey) {
  must_be(*gate, asked(), "pending");
  gate.reset();
  CHECK(write_file(home.path() / "pseudonym.key", Bytes(32, 8), 0600).ok());
  const auto opened = gate::Gate::open(home.options());
  CHECK_FALSE(opened.ok());
  CHECK(opened.error().kind == ErrorKind::corrupt);
}

TEST(NamedPeople, WantACertificateThatCanBeEncryptedTo) {
  gate.reset();
  must_write(home.path() / "auditors" / "gate.pem", contents(home.path() / "gate.pem"));
  const auto opened = gate::Gate::open(home.options());
  CHECK_FALSE(opened.ok());
  CHECK(opened.error().kind == ErrorKind::invalid);
  CHECK(holds(opened.error().message, "keyAgreement"));
}

TEST(NamedPeople, KeptInClearAreFound) {
  const Signed request = asked();
  must_be(*gate, request, "pending");
  gate.reset();
  auto log = *ledger::Ledger::open(home.path() / "ledger.db", log_signer());
  // As a gate would that forgot to seal.
  registry::Verdict verdict;
  verdict.state = "refused";
  verdict.reason = "again";
  verdict.consumed = false;
  auto entry = *registry::make_entry(home.world.clock.now(), "extraction.request", request.statement,
                                     request.evidence, verdict, {}, home.world.random);
  CHECK(log->append({entry}).ok());
  log.reset();
  const auto report = audited(anna.key);
  CHECK(std::any_of(report.findings.begin(), report.findings.end(),
                    [](const auto& finding) { return holds(finding.what, "kept in clear"); }));
}
