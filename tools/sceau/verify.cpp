#include "verify.h"

#include <filesystem>

#include "registry_view.h"
#include "sceau/base/files.h"
#include "sceau/client/receipt.h"
#include "show.h"

namespace sceau::tool {
namespace {

namespace fs = std::filesystem;
using statement::Value;

constexpr std::size_t kLargestFile = 64U << 20U;

// What a file turned out to be, and to say.
struct Finding {
  std::string kind;  // evidence, receipt, result
  std::string text;
  Value facts;
};

std::string signers_text(const std::vector<client::Signer>& signers) {
  std::string text;
  for (const auto& signer : signers) {
    text += (text.empty() ? "" : ", ") + signer.person + " (" + shown(signer.subject) + ") at " +
            to_rfc3339(signer.signed_at);
  }
  return text;
}

Value signers_value(const std::vector<client::Signer>& signers) {
  statement::Array items;
  for (const auto& signer : signers) {
    items.emplace_back(statement::Object{{"certificate", signer.certificate},
                                         {"person", signer.person},
                                         {"signed_at", to_rfc3339(signer.signed_at)},
                                         {"subject", shown(signer.subject)}});
  }
  return items;
}

pki::KeyUse use_of(const std::string& type) {
  if (type == "login") return pki::KeyUse::login;
  return type == "extraction.result" || type == "gate.summary" ? pki::KeyUse::result : pki::KeyUse::sign;
}

class Verification {
 public:
  Verification(Workplace& place, const VerifyOptions& options) : place_(place), options_(options) {}

  Result<Finding> check(const fs::path& file) {
    if (file.extension() == ".p7s" || file.extension() == ".webauthn")
      return check_signature(file, content_of(file));
    auto bytes = read_file(file, kLargestFile);
    if (!bytes) return bytes.error();
    auto value = statement::parse_wire(*bytes, kLargestFile);
    if (!value) return not_evidence(file);
    if (value->contains("proof")) return check_receipt(file, *value);
    for (const char* ending : {".p7s", ".webauthn"}) {
      const auto beside = fs::path(file).replace_extension(ending);
      if (value->contains("sceau") && fs::exists(beside)) return check_signature(beside, file);
    }
    return not_evidence(file);
  }

 private:
  static Error not_evidence(const fs::path& file) {
    return {ErrorKind::corrupt,
            file.string() +
                " is neither evidence (.p7s or .webauthn beside its .json) nor a receipt, or was "
                "changed; of rows, 'sceau who' "
                "tells where they come from"};
  }

  [[nodiscard]] fs::path content_of(const fs::path& file) const {
    return options_.content.empty() ? fs::path(file).replace_extension(".json") : fs::path(options_.content);
  }

  // Roots and lists for this file, and the gate's certificate where one lies beside it.
  [[nodiscard]] Result<pki::TrustStore> trust_for(const fs::path& file) const {
    const auto folder = file.parent_path();
    const auto source = options_.trust.empty() ? folder / "roots-and-crls.pem" : fs::path(options_.trust);
    auto pem = read_file(source, 1U << 20U);
    if (!pem) {
      return Error{ErrorKind::invalid,
                   "there are no roots to verify " + file.string() + " under: say --trust PEM"};
    }
    auto text = to_text(*pem);
    if (auto gate = read_file(folder / "gate.pem", 65536)) text += "\n" + to_text(*gate);
    auto trust = client::read_trust(text);
    if (!trust) return trust.error().within(source.string());
    return trust;
  }

  // Whose FIDO2 keys are, where that lies beside the file.
  [[nodiscard]] static Result<client::FidoKeys> fido_for(const fs::path& file) {
    const auto source = file.parent_path() / "fido2-keys.json";
    if (!fs::exists(source)) return client::FidoKeys();
    auto bytes = read_file(source, kLargestFile);
    if (!bytes) return bytes.error();
    auto keys = client::read_fido_keys(*bytes);
    if (!keys) return Error{ErrorKind::corrupt, source.string() + ": " + keys.error().message};
    return keys;
  }

  // When the signature must have been good: as told, else when the ledger took it in, else now.
  [[nodiscard]] Result<Time> time_for(const fs::path& file) const {
    if (!options_.at.empty()) return read_date(options_.at);
    const auto name = file.stem() == "result" ? "result-receipt.json" : "receipt.json";
    if (auto bytes = read_file(file.parent_path() / name, kLargestFile)) {
      auto value = statement::parse_wire(*bytes, kLargestFile);
      auto receipt = value ? client::read_receipt(*value) : Result<client::Receipt>(value.error());
      auto leaf = receipt ? ledger::parse_leaf(receipt->leaf) : Result<ledger::Leaf>(receipt.error());
      if (leaf) return leaf->at;
    }
    return place_.clock.now();
  }

  Result<Finding> check_signature(const fs::path& file, const fs::path& content) {
    auto signature = read_file(file, kLargestFile);
    if (!signature) return signature.error();
    auto statement = read_file(content, kLargestFile);
    if (!statement) return statement.error();
    auto act = statement::read_statement(*statement);
    if (!act) return Error{ErrorKind::corrupt, content.string() + ": " + act.error().message};
    auto trust = trust_for(file);
    if (!trust) return trust.error();
    auto at = time_for(file);
    if (!at) return at.error();
    auto fido = fido_for(file);
    if (!fido) return fido.error();
    const char* kind = file.extension() == ".webauthn" ? evidence::webauthn_kind : evidence::cades_kind;
    auto signers = client::verify_evidence(*statement, {{{act->by, kind, *signature}}}, *trust,
                                           use_of(act->type), *at, *fido);
    if (!signers) return Error{ErrorKind::corrupt, file.string() + ": " + signers.error().message};
    return Finding{"evidence", act->type + " signed by " + signers_text(*signers),
                   statement::Object{{"digest", statement::digest(*statement)},
                                     {"signers", signers_value(*signers)},
                                     {"type", act->type},
                                     {"verified_at", to_rfc3339(*at)}}};
  }

  // The key that the log's checkpoints must be signed with.
  [[nodiscard]] std::string log_for(const client::Receipt& receipt) const {
    if (!options_.log.empty()) return options_.log;
    auto own = ledger::NoteVerifier::parse(receipt.log);
    auto home = place_.home();
    if (!own || !home) return {};
    return client::SeenCheckpoints(memory_folder(*home)).log_key(own->name());
  }

  Result<Finding> check_receipt(const fs::path& file, const Value& value) {
    auto receipt = client::read_receipt(value);
    if (!receipt) return Error{ErrorKind::corrupt, file.string() + ": " + receipt.error().message};
    auto trust = trust_for(file);
    if (!trust) return trust.error();
    auto fido = fido_for(file);
    if (!fido) return fido.error();
    client::Anchors anchors{std::move(*trust), {}, std::move(*fido)};
    const auto log = log_for(*receipt);
    if (!log.empty()) {
      auto verifier = ledger::NoteVerifier::parse(log);
      if (!verifier) return verifier.error().within("the log's key");
      anchors.log = *verifier;
    }
    auto report = client::verify_receipt(*receipt, anchors);
    if (!report) return Error{ErrorKind::corrupt, file.string() + ": " + report.error().message};
    const auto where = "entry " + std::to_string(report->index) + " of " + report->checkpoint.origin + ", " +
                       to_rfc3339(report->leaf.at);
    const auto by = report->signers.empty() ? std::string() : ", signed by " + signers_text(report->signers);
    const std::string caution =
        log.empty() ? " (the log's key is the receipt's own: say --log to be sure of it)" : "";
    return Finding{"receipt", report->leaf.type + " is " + where + by + caution,
                   statement::Object{{"at", to_rfc3339(report->leaf.at)},
                                     {"digest", report->statement_digest},
                                     {"index", report->index},
                                     {"log_key_known", !log.empty()},
                                     {"realm", report->checkpoint.origin},
                                     {"signers", signers_value(report->signers)},
                                     {"type", report->leaf.type},
                                     {"verdict", report->verdict}}};
  }

  Workplace& place_;
  const VerifyOptions& options_;
};

// The files of an evidence folder that can be verified.
std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const char* name :
       {"request.p7s", "request.webauthn", "receipt.json", "result.p7s", "result-receipt.json"}) {
    if (fs::exists(folder / name)) files.push_back(folder / name);
  }
  return files;
}

}  // namespace

Status verify(Workplace& place, const VerifyOptions& options) {
  std::vector<fs::path> files;
  for (const auto& name : options.files) {
    if (!fs::is_directory(name)) {
      files.emplace_back(name);
      continue;
    }
    auto inside = files_in(name);
    if (inside.empty())
      return Error{ErrorKind::not_found, name + " holds nothing that 'sceau extract --evidence' writes"};
    files.insert(files.end(), inside.begin(), inside.end());
  }
  Verification verification(place, options);
  std::size_t bad = 0;
  std::string first;
  for (const auto& file : files) {
    auto finding = verification.check(file);
    if (!finding && finding.error().kind != ErrorKind::corrupt) return finding.error();
    statement::Object line{{"file", file.string()}, {"good", finding.ok()}};
    if (finding) {
      line.emplace("kind", finding->kind);
      line.emplace("facts", finding->facts);
      place.output.result(line, place.output.good("good") + "  " + file.string() + ": " + finding->text);
      continue;
    }
    ++bad;
    if (first.empty()) first = finding.error().message;
    line.emplace("error", shown(finding.error().message));
    place.output.result(line, place.output.bad("BAD ") + "  " + shown(finding.error().message));
  }
  if (bad == 0) return {};
  return Error{ErrorKind::corrupt, counted(bad, "file") + " of " + std::to_string(files.size()) +
                                       " did not verify, the first because " + first};
}

}  // namespace sceau::tool
