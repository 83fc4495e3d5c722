#include "sceau/token/find.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sceau::token {
namespace {

constexpr std::array kListedSlots{Slot::authentication, Slot::signature, Slot::key_management,
                                  Slot::card_authentication, Slot::session};

struct Candidate {
  std::string reader;
  std::string serial;
  std::shared_ptr<PivCard> card;
};

Result<std::vector<std::string>> readers_with_cards(const Readers& readers) {
  auto all = readers.list();
  if (!all) return all.error();
  std::vector<std::string> names;
  for (ReaderStatus& reader : *all)
    if (reader.card_present) names.push_back(std::move(reader.name));
  return names;
}

Status read_token(PivCard& card, FoundToken& token) {
  auto held = card.hold();
  if (!held) return held.error();
  if (auto selected = card.select(); !selected) return selected.error();
  token.kind = TokenKind::piv;
  if (auto serial = card.serial()) token.serial = *serial;
  if (auto version = card.version()) token.version = *version;
  if (auto pin = card.pin_state()) token.tries_left = pin->tries_left;
  for (const Slot slot : kListedSlots) {
    auto certificate = card.certificate(slot);
    if (certificate) {
      token.keys.push_back({slot, std::move(*certificate)});
    } else if (certificate.error().kind == ErrorKind::unavailable) {
      return certificate.error();
    }
  }
  return {};
}

std::string describe(const std::vector<Candidate>& candidates) {
  std::string text;
  for (const Candidate& candidate : candidates) {
    text += text.empty() ? "" : ", ";
    text += candidate.serial.empty() ? "" : candidate.serial + " in ";
    text += "\"" + candidate.reader + "\"";
  }
  return text;
}

// PIV tokens among those readers, with their serials. What cannot be read is left out.
std::vector<Candidate> piv_tokens(const Readers& readers, const std::vector<std::string>& names) {
  std::vector<Candidate> found;
  for (const std::string& name : names) {
    auto channel = readers.connect(name);
    if (!channel) continue;
    auto card = std::make_shared<PivCard>(std::move(*channel));
    auto held = card->hold();
    if (!held || !card->select()) continue;
    auto serial = card->serial();
    found.push_back({name, serial ? *serial : std::string(), card});
  }
  return found;
}

Result<OpenToken> open_reader(const Readers& readers, const std::string& name) {
  auto channel = readers.connect(name);
  if (!channel) return channel.error();
  return OpenToken{std::make_shared<PivCard>(std::move(*channel)), name, {}};
}

Result<OpenToken> open_only(const Readers& readers, const std::vector<std::string>& names) {
  if (names.empty()) return Error{ErrorKind::not_found, "no token is inserted: insert one and try again"};
  if (names.size() == 1) return open_reader(readers, names[0]);
  std::vector<Candidate> found = piv_tokens(readers, names);
  if (found.size() == 1) return OpenToken{found[0].card, found[0].reader, found[0].serial};
  if (found.empty())
    return Error{ErrorKind::not_found, "none of the cards inserted is a PIV token: insert one and try again"};
  return Error{ErrorKind::invalid,
               "several tokens are inserted: choose one with --token: " + describe(found)};
}

}  // namespace

Result<std::vector<FoundToken>> list_tokens(const Readers& readers) {
  auto names = readers_with_cards(readers);
  if (!names) return names.error();
  std::vector<FoundToken> tokens;
  for (const std::string& name : *names) {
    FoundToken token;
    token.reader = name;
    auto channel = readers.connect(name);
    if (channel) {
      PivCard card(std::move(*channel));
      if (auto read = read_token(card, token); !read) token.problem = read.error().message;
    } else {
      token.problem = channel.error().message;
    }
    tokens.push_back(std::move(token));
  }
  return tokens;
}

Result<OpenToken> open_token(const Readers& readers, const std::string& choice) {
  auto names = readers_with_cards(readers);
  if (!names) return names.error();
  if (choice.empty()) return open_only(readers, *names);
  if (std::find(names->begin(), names->end(), choice) != names->end()) return open_reader(readers, choice);

  std::vector<std::string> partly;
  std::copy_if(names->begin(), names->end(), std::back_inserter(partly),
               [&](const std::string& name) { return name.find(choice) != std::string::npos; });
  const bool may_be_serial = choice.find_first_not_of("0123456789") == std::string::npos;
  if (partly.size() == 1 && !may_be_serial) return open_reader(readers, partly[0]);

  const std::vector<Candidate> found = piv_tokens(readers, *names);
  for (const Candidate& candidate : found)
    if (candidate.serial == choice) return OpenToken{candidate.card, candidate.reader, candidate.serial};
  if (partly.size() == 1) return open_reader(readers, partly[0]);
  const std::string there = found.empty() ? "there is none inserted" : "there are " + describe(found);
  if (partly.empty()) return Error{ErrorKind::not_found, "no token \"" + choice + "\": " + there};
  return Error{ErrorKind::invalid,
               "\"" + choice + "\" fits several tokens: name one whole: " + describe(found)};
}

}  // namespace sceau::token
