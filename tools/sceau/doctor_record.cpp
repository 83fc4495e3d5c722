// The full check of one card, with its owner's consent: what it is, what it holds, whether its keys sign;
// written to a file that can be attached to a bug report. The report holds no PIN, no name and no whole
// serial number.
#include <chrono>

#include "doctor.h"
#include "holder.h"
#include "sceau/base/files.h"

namespace sceau::tool {
namespace {

using statement::Value;
using token::Slot;

// Enough to tell two cards apart, not enough to find one.
std::string masked(const std::string& serial) {
  return serial.size() <= 2 ? serial : std::string(serial.size() - 2, 'x') + serial.substr(serial.size() - 2);
}

// An error's line without the serial number that it may name.
std::string without(std::string line, const std::string& serial) {
  for (auto at = line.find(serial); serial.size() > 2 && at != std::string::npos; at = line.find(serial, at))
    line.replace(at, serial.size(), masked(serial));
  return line;
}

std::string algorithm_text(const pki::Certificate& certificate) {
  switch (certificate.algorithm()) {
    case pki::KeyAlgorithm::p256:
      return "P-256";
    case pki::KeyAlgorithm::p384:
      return "P-384";
    case pki::KeyAlgorithm::rsa:
      return "RSA";
    default:
      return "other";
  }
}

class Recorder {
 public:
  Recorder(Workplace& place, Holder& holder) : place_(place), holder_(holder) {}

  statement::Array steps() { return std::move(steps_); }

  // One step: what was tried, whether it worked, how long it took.
  Result<std::string> step(const std::string& what, const std::function<Result<std::string>()>& work) {
    place_.output.step(what);
    const auto begun = std::chrono::steady_clock::now();
    const auto outcome = work();
    const auto took =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun)
            .count();
    const auto& line = outcome ? *outcome : outcome.error().message;
    steps_.emplace_back(statement::Object{{"milliseconds", took},
                                          {"result", without(line, holder_.serial())},
                                          {"step", what},
                                          {"worked", outcome.ok()}});
    place_.output.done();
    place_.output.note((outcome ? "  worked  " : "  failed  ") + what + ": " + line);
    return outcome;
  }

  void card() {
    (void)step("SELECT PIV", [&]() -> Result<std::string> {
      if (auto selected = holder_.card().select(); !selected) return selected.error();
      return std::string(holder_.card().extended_length() ? "extended length" : "short length");
    });
    (void)step("version", [&] { return holder_.card().version(); });
    (void)step("PIN tries", [&]() -> Result<std::string> {
      auto state = holder_.card().pin_state();
      if (!state) return state.error();
      return std::to_string(state->tries_left) + " left";
    });
    for (const Slot slot :
         {Slot::authentication, Slot::signature, Slot::key_management, Slot::card_authentication})
      slot_of(slot);
  }

  // False when the PIN was wrong: it is not to be asked for again.
  bool signature(Slot slot) {
    const auto outcome = step("sign with slot " + token::slot_text(slot), [&]() -> Result<std::string> {
      // A text that is no statement: a gate takes it for nothing.
      const auto words = "sceau doctor: a test, " + to_rfc3339(place_.clock.now());
      if (auto made = holder_.try_key(as_bytes(words), slot); !made) return made.error();
      return std::string("made, and verified with the certificate");
    });
    return outcome || outcome.error().kind != ErrorKind::authentication;
  }

 private:
  void slot_of(Slot slot) {
    const auto name = "slot " + token::slot_text(slot);
    (void)step(name + ", certificate", [&]() -> Result<std::string> {
      auto bytes = holder_.card().certificate(slot);
      if (!bytes) return bytes.error();
      auto certificate = pki::Certificate::from_der(*bytes);
      if (!certificate) return certificate.error();
      return algorithm_text(*certificate) + ", " + std::to_string(bytes->size()) + " bytes, until " +
             to_rfc3339(certificate->not_after());
    });
    (void)step(name + ", metadata", [&]() -> Result<std::string> {
      auto metadata = holder_.card().metadata(slot);
      if (!metadata) return metadata.error();
      return "PIN policy " + std::to_string(static_cast<int>(metadata->pin)) + ", touch policy " +
             std::to_string(static_cast<int>(metadata->touch)) +
             (metadata->generated ? ", generated" : ", imported");
    });
    (void)step(name + ", attestation", [&]() -> Result<std::string> {
      auto attested = holder_.card().attest(slot);
      if (!attested) return attested.error();
      return std::to_string(attested->size()) + " bytes";
    });
  }

  Workplace& place_;
  Holder& holder_;
  statement::Array steps_;
};

Status consent(Workplace& place, const DoctorOptions& options, const Holder& holder) {
  place.output.note("This signs two test texts with " + holder.label() +
                    ", which asks for its PIN, and writes what happened to " + options.record +
                    ".\nThe report holds no PIN, no name, and only the end of the serial number.");
  if (options.yes) return {};
  auto agreed = client::ask_yes("go on?");
  if (!agreed)
    return Error{agreed.error().kind, "nobody could be asked: run this at a terminal, or say --yes"};
  if (!*agreed) return Error{ErrorKind::refused, "nothing was done"};
  return {};
}

std::string atr_of(Workplace& place, const std::string& reader) {
  auto readers = place.readers();
  auto list = readers ? readers->list() : Result<std::vector<token::ReaderStatus>>(readers.error());
  for (const auto& one : list ? *list : std::vector<token::ReaderStatus>())
    if (one.name == reader) return to_hex(one.atr);
  return {};
}

// Symptoms name readers, slots and people: only their kind and health are told on.
Value summary_of(const Symptoms& findings) {
  statement::Object counts;
  for (const auto& finding : findings) {
    if (finding.health == Health::good) continue;
    auto& count = counts.try_emplace(finding.check, Value(0)).first->second;
    count = Value(count.as_int() + 1);
  }
  return counts;
}

}  // namespace

Status record_card(Workplace& place, const DoctorOptions& options, const Symptoms& findings) {
  auto holder = Holder::open(place, options.token);
  if (!holder) return holder.error();
  if (auto agreed = consent(place, options, **holder); !agreed) return agreed;
  Recorder recorder(place, **holder);
  if ((*holder)->is_card()) recorder.card();
  const bool known = recorder.signature(Slot::authentication);
  (*holder)->pins().forget();
  if (known) recorder.signature(Slot::signature);
  const auto reader = shown((*holder)->reader());
  const statement::Object report{
      {"atr", atr_of(place, (*holder)->reader())}, {"at", to_rfc3339(place.clock.now())},
      {"not_good", summary_of(findings)},          {"reader", reader},
      {"reached", (*holder)->reached_through()},   {"sceau", SCEAU_VERSION},
      {"serial", masked((*holder)->serial())},     {"steps", recorder.steps()}};
  auto text = statement::to_canonical(report) + "\n";
  if (auto written = write_file(options.record, as_bytes(text)); !written) return written;
  place.output.result(statement::Object{{"report", options.record}},
                      "the report is in " + options.record + ": read it, then attach it to your report");
  return {};
}

}  // namespace sceau::tool
