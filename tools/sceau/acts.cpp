#include "acts.h"

#include <array>
#include <string_view>

namespace sceau::tool {
namespace {

struct ActCommand {
  std::string_view act, command;
};

constexpr std::array<ActCommand, 14> kActCommands{{{"account.bind", "account add"},
                                                   {"authority.add", "ca add"},
                                                   {"crl.publish", "ca publish"},
                                                   {"export.release", "release"},
                                                   {"organisation.add", "organisation add"},
                                                   {"person.add", "person add"},
                                                   {"policy.set", "policy set"},
                                                   {"project.assign", "project assign"},
                                                   {"project.open", "project add"},
                                                   {"role.grant", "role grant"},
                                                   {"source.add", "source add"},
                                                   {"token.enrol", "token enrol"},
                                                   {"token.renew", "token renew"},
                                                   {"token.replace", "token enrol --replaces"}}};

// Whether an act's name that ends there is not the beginning of a longer word.
bool ends_word(std::string_view line, std::size_t at) {
  const auto in_word = [](char c) {
    return c == '_' || c == '-' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  };
  if (at < line.size() && line[at] == '.') ++at;  // of a sentence, unless letters follow
  return at >= line.size() || !in_word(line[at]);
}

}  // namespace

std::string with_commands(std::string line) {
  for (const ActCommand& one : kActCommands) {
    const std::string named = "with " + std::string(one.act);
    const auto at = line.find(named);
    if (at == std::string::npos || !ends_word(line, at + named.size())) continue;
    line.insert(at + named.size(), " ('sceau " + std::string(one.command) + "')");
  }
  return line;
}

}  // namespace sceau::tool
