// Evidence and receipts, verified with nothing but trust anchors.
#include "handles.h"
#include "sceau/base/digest.h"

struct sceau_report {
  std::string type, digest;
  std::int64_t index = -1;
  std::int64_t time = 0;
  std::vector<sceau::client::Signer> signers;
};

namespace sceau::abi {
namespace {

constexpr std::size_t kLargest = 64U << 20U;

pki::KeyUse use_of(const std::string& type) {
  if (type == "login") return pki::KeyUse::login;
  return type == "extraction.result" || type == "gate.summary" ? pki::KeyUse::result : pki::KeyUse::sign;
}

// Evidence as JSON, or one CMS file (DER) of the person whom the statement names.
Result<evidence::Evidence> read_evidence(ByteView bytes, const std::string& by) {
  constexpr std::uint8_t der_sequence = 0x30;
  if (!bytes.empty() && bytes[0] == der_sequence) return evidence::Evidence{{{by, "cades", to_bytes(bytes)}}};
  return evidence::parse(bytes);
}

Result<std::unique_ptr<sceau_report_t>> verify_act(ByteView statement, ByteView evidence_bytes,
                                                   ByteView trust_pem, Time at,
                                                   const client::FidoKeys& fido) {
  auto act = statement::read_statement(statement);
  if (!act) return act.error();
  auto proof = read_evidence(evidence_bytes, act->by);
  if (!proof) return proof.error();
  auto trust = client::read_trust(as_text(trust_pem));
  if (!trust) return trust.error();
  auto signers = client::verify_evidence(statement, *proof, *trust, use_of(act->type), at, fido);
  if (!signers) return signers.error();
  auto report = std::make_unique<sceau_report_t>();
  report->type = act->type;
  report->digest = to_hex(statement::digest(statement));
  report->time = at;
  report->signers = std::move(*signers);
  return report;
}

Result<std::unique_ptr<sceau_report_t>> verify_entry(ByteView receipt_bytes, ByteView trust_pem,
                                                     const char* log_key, const client::FidoKeys& fido) {
  auto value = statement::parse_wire(receipt_bytes, kLargest);
  if (!value) return value.error();
  auto receipt = client::read_receipt(*value);
  if (!receipt) return receipt.error();
  auto trust = client::read_trust(as_text(trust_pem));
  if (!trust) return trust.error();
  client::Anchors anchors{std::move(*trust), {}, fido};
  if (log_key != nullptr) {
    auto log = ledger::NoteVerifier::parse(log_key);
    if (!log) return log.error().within("the log's key");
    anchors.log = *log;
  }
  auto verified = client::verify_receipt(*receipt, anchors);
  if (!verified) return verified.error();
  auto report = std::make_unique<sceau_report_t>();
  report->type = verified->leaf.type;
  if (verified->statement) report->digest = to_hex(verified->statement_digest);
  report->index = static_cast<std::int64_t>(verified->index);
  report->time = verified->leaf.at;
  report->signers = std::move(verified->signers);
  return report;
}

bool missing(const std::uint8_t* bytes, std::size_t size) { return bytes == nullptr || size == 0; }

}  // namespace
}  // namespace sceau::abi

using namespace sceau::abi;

int sceau_verify_evidence(sceau_t* context, const uint8_t* statement, size_t statement_size,
                          const uint8_t* evidence, size_t evidence_size, const uint8_t* trust,
                          size_t trust_size, int64_t at, sceau_report_t** out) {
  if (out != nullptr) *out = nullptr;
  if (context == nullptr || out == nullptr || missing(statement, statement_size) ||
      missing(evidence, evidence_size) || missing(trust, trust_size))
    return argument(context, "sceau_verify_evidence: NULL, or nothing to verify");
  return guarded(context, [&]() -> sceau::Status {
    auto report = verify_act({statement, statement_size}, {evidence, evidence_size}, {trust, trust_size}, at,
                             context->fido_keys);
    if (!report) return report.error();
    *out = report->release();
    return {};
  });
}

int sceau_verify_receipt(sceau_t* context, const uint8_t* receipt, size_t receipt_size, const uint8_t* trust,
                         size_t trust_size, const char* log_key, sceau_report_t** out) {
  if (out != nullptr) *out = nullptr;
  if (context == nullptr || out == nullptr || missing(receipt, receipt_size) || missing(trust, trust_size))
    return argument(context, "sceau_verify_receipt: NULL, or nothing to verify");
  return guarded(context, [&]() -> sceau::Status {
    auto report = verify_entry({receipt, receipt_size}, {trust, trust_size}, log_key, context->fido_keys);
    if (!report) return report.error();
    *out = report->release();
    return {};
  });
}

const char* sceau_report_type(const sceau_report_t* report) {
  return report == nullptr ? nullptr : report->type.c_str();
}
const char* sceau_report_digest(const sceau_report_t* report) {
  return report == nullptr ? nullptr : report->digest.c_str();
}
int64_t sceau_report_index(const sceau_report_t* report) { return report == nullptr ? -1 : report->index; }
int64_t sceau_report_time(const sceau_report_t* report) { return report == nullptr ? 0 : report->time; }
size_t sceau_report_signers(const sceau_report_t* report) {
  return report == nullptr ? 0 : report->signers.size();
}
const char* sceau_report_signer_person(const sceau_report_t* report, size_t index) {
  return index < sceau_report_signers(report) ? report->signers[index].person.c_str() : nullptr;
}
const char* sceau_report_signer_subject(const sceau_report_t* report, size_t index) {
  return index < sceau_report_signers(report) ? report->signers[index].subject.c_str() : nullptr;
}
int64_t sceau_report_signer_time(const sceau_report_t* report, size_t index) {
  return index < sceau_report_signers(report) ? report->signers[index].signed_at : 0;
}
void sceau_report_free(sceau_report_t** report) { release(report); }
