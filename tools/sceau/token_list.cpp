#include "tokens.h"

#include "sceau/pki/certificate.h"

namespace sceau::tool {
namespace {

struct Seen {
  std::string person, keys, until;
};

Seen read_keys(const token::FoundToken& found) {
  Seen seen;
  for (const auto& key : found.keys) {
    seen.keys += (seen.keys.empty() ? "" : " ") + token::slot_text(key.slot);
    auto certificate = pki::Certificate::from_der(key.certificate);
    if (!certificate) continue;
    if (seen.person.empty()) seen.person = certificate->person();
    if (key.slot == token::Slot::signature) seen.until = to_rfc3339(certificate->not_after()).substr(0, 10);
  }
  return seen;
}

}  // namespace

Status list_tokens(Workplace& place) {
  auto readers = place.readers();
  if (!readers) return readers.error();
  auto found = token::list_tokens(*readers);
  if (!found) return found.error();
  if (found->empty()) {
    return Error{ErrorKind::not_found, "there is no token in any reader: insert one"};
  }
  statement::Array items;
  std::vector<std::vector<std::string>> rows{
      {"READER", "SERIAL", "FIRMWARE", "PERSON", "KEYS", "UNTIL", "TRIES"}};
  for (const auto& one : *found) {
    const auto seen = read_keys(one);
    const auto tries = one.tries_left ? std::to_string(*one.tries_left) : std::string();
    const std::string keys = !one.problem.empty() ? one.problem : seen.keys.empty() ? "blank" : seen.keys;
    rows.push_back({shown(one.reader), one.serial, one.version, seen.person, keys, seen.until, tries});
    statement::Object item{{"firmware", one.version}, {"keys", seen.keys},    {"person", seen.person},
                           {"problem", one.problem},  {"reader", one.reader}, {"serial", one.serial}};
    if (one.tries_left) item.emplace("tries_left", *one.tries_left);
    items.emplace_back(std::move(item));
  }
  place.output.result(statement::Object{{"tokens", std::move(items)}}, table(rows));
  return {};
}

}  // namespace sceau::tool
