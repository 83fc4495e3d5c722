#include "audit_command.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "act.h"
#include "sceau/base/files.h"
#include "sceau/evidence/cades.h"
#include "sceau/gate/audit.h"
#include "show.h"

namespace sceau::tool {
namespace {

namespace fs = std::filesystem;

Result<LedgerFile> from_gate(Workplace& place, const std::string& token) {
  auto holder = open_logged_in(place, token);
  if (!holder) return holder.error();
  auto folder = TemporaryFolder::make();
  if (!folder) return folder.error();
  LedgerFile source{folder->path() / "ledger.db", std::move(*folder)};
  if (auto copied = copy_ledger(place, source.file); !copied) return copied.error();
  return source;
}

// "token 1234", and that it is not attested where it is not.
std::string token_text(const gate::ExtractionStory& story, const std::string& serial) {
  const auto attestation = story.attestation_of(serial);
  return "token " + shown(serial) + (attestation == "attested" ? "" : ", " + shown(attestation));
}

std::string decided_text(const gate::ExtractionStory& story, const std::vector<registry::Decided>& decided) {
  std::string text;
  for (const auto& one : decided) {
    text += (text.empty() ? "" : ", ") + one.person + " (" + token_text(story, one.serial) + ", entry " +
            std::to_string(one.entry) + ")";
  }
  return text;
}

std::string story_text(const gate::ExtractionStory& story) {
  const auto& request = story.request;
  std::string text = "request " + short_id(request.digest) + ", entry " + std::to_string(request.entry) +
                     ", " + to_rfc3339(request.at) + ": " + request.kind + " on " + request.source +
                     " under " + request.project + ", \"" + shown(story.purpose) + "\"\n";
  text += "  asked by     " + request.by + " (" + shown(story.agent_name) + ", " +
          token_text(story, request.serial) + ")\n";
  for (std::size_t i = 0; i < story.parameters.size(); ++i)
    text += "  $" + std::to_string(i + 1) + "           " + shown(story.parameters[i]) + "\n";
  if (!request.approvals.empty()) text += "  approved by  " + decided_text(story, request.approvals) + "\n";
  if (request.held) {
    text += "  quarantined  " + to_rfc3339(request.held->at) + ", " +
            counted(static_cast<std::uint64_t>(request.held->rows), "row") + ", SHA-256 " +
            to_hex(request.held->sha256) + ": " + shown(request.held->reason) + "\n";
  }
  if (request.release) text += "  released by  " + decided_text(story, {*request.release}) + "\n";
  if (request.refusal) text += "  refused by   " + decided_text(story, {*request.refusal}) + "\n";
  text += "  outcome      " + std::string(registry::request_state_text(request.state));
  if (request.result) {
    text += ", " + counted(static_cast<std::uint64_t>(story.rows), "row") + ", entry " +
            std::to_string(*request.result);
  }
  if (story.sha256) text += ", SHA-256 " + to_hex(*story.sha256);
  if (!story.reason.empty()) text += ": " + shown(story.reason);
  return text + "\n";
}

std::string report_text(const gate::AuditReport& report, const Output& output) {
  std::string text = report.realm + ": " + counted(report.head.size, "entry") + ", " +
                     counted(report.signatures, "signature") + ", " +
                     counted(report.checkpoints, "checkpoint") + " checked again\n";
  for (const auto& story : report.extractions) text += story_text(story);
  for (const auto& note : report.notes) text += "note: " + shown(note) + "\n";
  for (const auto& finding : report.findings) {
    const auto where = finding.entry ? "entry " + std::to_string(*finding.entry) + ": " : std::string();
    text += output.bad("DAMAGED") + "  " + where + shown(finding.what) + "\n";
  }
  if (report.ok()) text += output.good("good") + "  everything follows from what was signed\n";
  return text;
}

std::string provenance_text(const gate::Provenance& found) {
  std::string text = found.what + " of entry " + std::to_string(found.entry) + " (" + found.type + ", " +
                     to_rfc3339(found.at) + "), by " + found.person;
  if (!found.serial.empty()) text += " with token " + shown(found.serial);
  if (!found.attestation.empty() && found.attestation != "attested") text += ", " + shown(found.attestation);
  text += "\n";
  if (found.extraction) text += story_text(*found.extraction);
  return text;
}

// What this user remembers of the realm's log, as an anchor.
std::string remembered_log(const Workplace& place, const std::string& realm) {
  auto home = place.home();
  if (!home || realm.empty()) return {};
  return client::SeenCheckpoints(memory_folder(*home)).log_key(realm);
}

Result<gate::AuditOptions> anchors(Workplace& place, const AuditOptions& options,
                                   const ledger::Ledger& ledger) {
  gate::AuditOptions anchors;
  if (!options.genesis.empty()) {
    auto genesis = digest_from_hex(options.genesis);
    if (!genesis) return genesis.error().within("--genesis");
    anchors.genesis = *genesis;
  }
  anchors.log = options.log.empty() ? remembered_log(place, ledger.origin()) : options.log;
  anchors.progress = [&place](std::uint64_t done, std::uint64_t total) {
    if (done % 64 == 0) place.output.step("entry " + std::to_string(done) + " of " + std::to_string(total));
  };
  return anchors;
}

// The statement that a file of evidence is over: of a .p7s, and of what the ledger keeps.
std::optional<Digest> signed_by(const std::string& file) {
  auto bytes = read_file(file, evidence::max_evidence_bytes);
  if (!bytes) return {};
  if (const auto whole = evidence::parse(*bytes)) *bytes = whole->signatures.front().bytes;
  const auto signers = evidence::read_signers(*bytes);
  if (!signers) return {};
  return signers->front().message_digest;
}

Result<Digest> digest_of(const std::string& what) {
  if (auto digest = digest_from_hex(what)) return digest;
  if (auto statement = signed_by(what)) return *statement;
  FileDescriptor file(::open(what.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) {
    return Error{ErrorKind::not_found, "'" + what + "' is neither a file nor 64 hexadecimal characters"};
  }
  DigestStream stream;
  Bytes buffer(1U << 16U);
  for (;;) {
    const auto got = ::read(file.get(), buffer.data(), buffer.size());
    if (got < 0) return Error{ErrorKind::unavailable, what + " cannot be read: " + system_error_text(errno)};
    if (got == 0) return stream.current();
    stream.update(ByteView(buffer).first(static_cast<std::size_t>(got)));
  }
}

}  // namespace

Result<LedgerFile> find_ledger(Workplace& place, const std::string& where, const std::string& token) {
  if (where.starts_with("https://")) {
    place.options.gate = where;
    return from_gate(place, token);
  }
  if (where.find("://") != std::string::npos) {
    return Error{ErrorKind::invalid,
                 "'" + where + "' is no gate's address: gates are reached by https:// alone"};
  }
  if (!where.empty() && fs::is_regular_file(where)) return LedgerFile{where, {}};
  auto home = where.empty() ? place.home() : Result<fs::path>(fs::path(where));
  if (!home) return home.error();
  if (fs::exists(*home / "ledger.db") && (place.options.gate.empty() || !where.empty())) {
    return LedgerFile{*home / "ledger.db", {}};
  }
  if (!where.empty()) return Error{ErrorKind::not_found, "there is no ledger in " + where};
  return from_gate(place, token);
}

Result<std::unique_ptr<ledger::Ledger>> open_ledger(const fs::path& file, const std::string& key) {
  if (key.empty()) return ledger::Ledger::open_read_only(file);
  constexpr std::size_t longest_key = 65536;
  auto bytes = read_file(key, longest_key);
  if (!bytes) return bytes.error().within("reading the auditor's key");
  return ledger::Ledger::open_read_only(file, gate::unseal_with(Secret(std::move(*bytes))));
}

Result<gate::AuditReport> audited(Workplace& place, const AuditOptions& options,
                                  const ledger::Ledger& ledger) {
  auto anchored = anchors(place, options, ledger);
  if (!anchored) return anchored.error();
  return gate::audit(ledger, *anchored);
}

Status audit(Workplace& place, const AuditOptions& options) {
  auto source = find_ledger(place, options.where, options.token);
  if (!source) return source.error();
  auto ledger = open_ledger(source->file, options.key);
  if (!ledger) return ledger.error();
  auto report = audited(place, options, **ledger);
  if (!report) return report.error();
  place.output.result(gate::to_value(*report), report_text(*report, place.output));
  if (report->ok()) return {};
  const auto& first = report->findings.front();
  return Error{ErrorKind::corrupt,
               "the ledger is damaged: " + counted(report->findings.size(), "finding") + ", the first is" +
                   (first.entry ? " in entry " + std::to_string(*first.entry) : std::string()) + ": " +
                   first.what};
}

Status who(Workplace& place, const WhoOptions& options) {
  auto digest = digest_of(options.what);
  if (!digest) return digest.error();
  auto source = find_ledger(place, options.where, options.token);
  if (!source) return source.error();
  auto ledger = open_ledger(source->file, options.key);
  if (!ledger) return ledger.error();
  auto found = gate::who(**ledger, *digest);
  if (!found) return found.error();
  if (found->empty()) {
    return Error{ErrorKind::not_found,
                 "the ledger of " + (*ledger)->origin() + " knows nothing of SHA-256 " + to_hex(*digest)};
  }
  for (const auto& one : *found) place.output.result(gate::to_value(one), provenance_text(one));
  return {};
}

}  // namespace sceau::tool
