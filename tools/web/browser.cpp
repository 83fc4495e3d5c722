#include "browser.h"

#include <algorithm>
#include <string_view>

namespace sceau::web {
namespace {

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool fits(std::string_view origin, std::string_view allowed) {
  if (!allowed.ends_with(":*")) return origin == allowed;
  allowed.remove_suffix(1);
  return origin.starts_with(allowed) && is_port(origin.substr(allowed.size()));
}

// "application/json", whatever its letters' case and parameters.
bool is_json(std::string_view type) {
  constexpr std::string_view wanted = "application/json";
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return type.size() == wanted.size() &&
         std::equal(type.begin(), type.end(), wanted.begin(),
                    [](char given, char letter) { return (given | 0x20) == (letter | 0x20); });
}

}  // namespace

Status check_post(const Browser& browser, std::span<const std::string> origins) {
  // "none" is a person who typed an address: never a POST of ours.
  if (!browser.fetch_site.empty() && browser.fetch_site != "same-origin") {
    return Error{ErrorKind::refused,
                 "reading the request: another site's page asks for it: open the gate's own page"};
  }
  if (!browser.origin.empty() &&
      std::ranges::none_of(origins, [&](const std::string& one) { return fits(browser.origin, one); })) {
    return Error{
        ErrorKind::refused,
        "reading the request: its page's origin does not speak for this gate: open the page under an "
        "origin that policy names"};
  }
  const bool is_browser = !browser.origin.empty() || !browser.fetch_site.empty();
  if (is_browser && !is_json(browser.content_type)) {
    return Error{ErrorKind::invalid,
                 "reading the request: its body is not application/json: say so, and send it"};
  }
  return {};
}

}  // namespace sceau::web
