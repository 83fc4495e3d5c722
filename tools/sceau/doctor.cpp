#include "doctor.h"

#include <algorithm>

#include "doctor_checks.h"

namespace sceau::tool {
namespace {

namespace fs = std::filesystem;
using statement::Value;

void join(Symptoms& all, Symptoms more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

const char* word_of(Health health) {
  return health == Health::good ? "good" : health == Health::note ? "note" : "bad";
}

std::string service_socket() {
  const auto named = environment("PCSCLITE_CSOCK_NAME");
  return named.empty() ? "/run/pcscd/pcscd.comm" : named;
}

// Reader by reader, card by card; what PIV does not reach is left to the modules.
void look_at_cards(Workplace& place, Symptoms& all) {
  std::vector<std::string> piv_readers;
  std::vector<token::FoundToken> others;
  auto readers = place.readers();
  auto list = readers ? readers->list() : Result<std::vector<token::ReaderStatus>>(readers.error());
  const bool answered = !all.empty() && all.front().health == Health::good;
  if (!list && answered) {
    // It may say so, or hang up without a word: then its silence is no reason to start it again.
    all.erase(all.begin());
    join(all, {{"service", Health::bad, "the smart-card service runs, and turns you away", kAskForTheRight}});
  }
  join(all, check_drivers("/", list ? list->size() : 0));
  if (list) {
    join(all, check_readers(*list));
    auto cards = token::list_tokens(*readers);
    for (const auto& card : cards ? *cards : std::vector<token::FoundToken>()) {
      if (card.kind == token::TokenKind::piv) piv_readers.push_back(card.reader);
      join(all, check_card(card, place.clock.now()));
    }
  }
  auto modules = place.modules();
  if (!modules) {
    all.push_back({"module", Health::bad, modules.error().message, "correct client.toml"});
    return;
  }
  join(all, check_modules(**modules, piv_readers, place.clock.now()));
}

Symptoms look(Workplace& place) {
  Symptoms all;
  place.output.step("looking at the smart-card service");
  join(all, check_service("/", service_socket()));
  place.output.step("looking at readers and cards");
  look_at_cards(place, all);
  place.output.step("asking the gate");
  join(all, check_gate(place));
  if (const auto home = place.home(); home && exists(*home / "sceau.toml"))
    join(all, check_auditors(gate::Home(*home), place.clock.now()));
  join(all, check_pam("/"));
  place.output.done();
  return all;
}

std::string lines_of(const Workplace& place, const Symptoms& findings) {
  std::string text;
  for (const auto& finding : findings) {
    const std::string mark = finding.health == Health::good   ? place.output.good("good")
                             : finding.health == Health::note ? std::string("note")
                                                              : place.output.bad("bad ");
    text += mark + "  " + finding.text + "\n";
    if (!finding.advice.empty()) text += "      " + finding.advice + "\n";
  }
  return text;
}

std::string consumers_text() {
  std::string text = "\nTo use the card in other programs:\n";
  for (const auto& one : consumers(provider_path())) {
    text += "  " + one.name + ", in " + one.where + ":\n";
    for (std::size_t at = 0; at <= one.line.size();) {
      const auto end = std::min(one.line.find('\n', at), one.line.size());
      text += "      " + one.line.substr(at, end - at) + "\n";
      at = end + 1;
    }
  }
  return text;
}

Value consumers_value() {
  statement::Array items;
  for (const auto& one : consumers(provider_path()))
    items.emplace_back(statement::Object{{"line", one.line}, {"name", one.name}, {"where", one.where}});
  return items;
}

}  // namespace

Value findings_value(const Symptoms& findings) {
  statement::Array items;
  for (const auto& finding : findings)
    items.emplace_back(statement::Object{{"advice", finding.advice},
                                         {"check", finding.check},
                                         {"health", word_of(finding.health)},
                                         {"text", finding.text}});
  return items;
}

Status doctor(Workplace& place, const DoctorOptions& options) {
  auto looked = options.source.empty() ? Result<Symptoms>(look(place)) : look_at_source(place, options);
  if (!looked) return looked.error();
  const Symptoms& findings = *looked;
  if (!options.record.empty()) return record_card(place, options, findings);
  statement::Object value{{"findings", findings_value(findings)}};
  if (options.source.empty()) value.emplace("consumers", consumers_value());
  place.output.result(std::move(value), lines_of(place, findings) +
                                            (options.source.empty() ? consumers_text() : std::string()));
  const auto bad = std::count_if(findings.begin(), findings.end(),
                                 [](const Symptom& finding) { return finding.health == Health::bad; });
  if (bad == 0) return {};
  return Error{ErrorKind::unavailable, counted(static_cast<std::uint64_t>(bad), "thing") +
                                           (bad == 1 ? " needs" : " need") + " to be put right: see above"};
}

}  // namespace sceau::tool
