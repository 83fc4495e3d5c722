#include "pages.h"

#include <algorithm>
#include <map>

#include "embedded.h"

namespace sceau::web {
namespace {

// 'none' for whatever is not named: no inline script or style, no frame, no form that sends itself anywhere,
// no image. Trusted types: the script could not make markup of text if it tried.
constexpr Header kCommon[] = {
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
};
constexpr Header kPages[] = {
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; "
     "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"},
    {"X-Frame-Options", "DENY"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Permissions-Policy",
     "publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), microphone=(), "
     "geolocation=(), usb=(), hid=(), serial=(), clipboard-read=(), display-capture=(), payment=()"},
    {"Vary", "Accept-Language"},
};

// A document that a browser is made to open all the same: nothing in it is run, or framed.
constexpr Header kDocuments[] = {
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox"},
};

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

using Values = std::map<std::string, std::string, std::less<>>;

// Replaces each {{name}}; what has no value is left out.
std::string filled(std::string_view form, const Values& values) {
  std::string out;
  for (;;) {
    const std::size_t open = form.find("{{");
    const std::size_t close = open == std::string_view::npos ? open : form.find("}}", open);
    if (close == std::string_view::npos) return out.append(form);
    out.append(form.substr(0, open));
    const auto found = values.find(form.substr(open + 2, close - open - 2));
    if (found != values.end()) out.append(found->second);
    form.remove_prefix(close + 2);
  }
}

std::string spoken(Language language) {
  std::string out;
  for (const Text& text : spoken_texts()) {
    out.append("<p data-text=\"").append(text.name).append("\">");
    out.append(escaped(text.in(language))).append("</p>");
  }
  return out;
}

// How a card comes in: by the button where the browser has been asked for its certificate, else by a link
// thither.
std::string_view card_part(const Facts& facts) {
  if (facts.card_here) {
    return "<h2>{{card-heading}}</h2>\n<p>{{card-here}}</p>\n"
           "<p><button type=\"button\" id=\"log-in-card\">{{card-button}}</button></p>";
  }
  if (facts.card_url.empty()) return {};
  return "<p>{{card-elsewhere}} <a href=\"{{card-url}}\">{{card-link}}</a></p>";
}

Values values_of(std::string_view name, Language language, const Facts& facts) {
  Values values;
  for (const Text& text : page_texts()) values.emplace(text.name, escaped(text.in(language)));
  const bool french = language == Language::french;
  values.emplace("language", french ? "fr" : "en");
  values.emplace("other", french ? "en" : "fr");
  values.emplace("page", name);
  values.emplace("title", values[std::string(name) + "-title"]);
  values.emplace("current-" + std::string(name), " aria-current=\"page\"");
  values.emplace("realm", escaped(facts.realm));
  values.emplace("rp_id", escaped(facts.rp_id));
  values.emplace("card-url", escaped(facts.card_url));
  values.emplace("texts", spoken(language));
  values.emplace("card", filled(card_part(facts), values));
  return values;
}

// The quality that an Accept-Language gives a range beginning with `tag`, in thousandths; 0 without it.
int quality_of(std::string_view header, std::string_view tag) {
  int best = 0;
  while (!header.empty()) {
    const std::size_t comma = std::min(header.find(','), header.size());
    std::string_view range = header.substr(0, comma);
    header.remove_prefix(std::min(comma + 1, header.size()));
    while (range.starts_with(' ') || range.starts_with('\t')) range.remove_prefix(1);
    const auto same = [](char a, char b) { return (a | 0x20) == b; };
    const bool is_it = range.size() >= tag.size() &&
                       std::equal(tag.begin(), tag.end(), range.begin(),
                                  [&](char wanted, char given) { return same(given, wanted); }) &&
                       (range.size() == tag.size() ||
                        std::string_view("-; \t").find(range[tag.size()]) != std::string_view::npos);
    if (!is_it) continue;
    int quality = 1000;
    if (const std::size_t q = range.find("q="); q != std::string_view::npos) {
      quality = 0;
      int unit = 1000;
      for (const char c : range.substr(q + 2, 5)) {
        if (c == '.') continue;
        if (c < '0' || c > '9') break;
        quality += (c - '0') * unit;
        unit /= 10;
      }
    }
    best = std::max(best, std::min(quality, 1000));
  }
  return best;
}

}  // namespace

Language choose_language(std::string_view chosen, std::string_view accept_language) {
  if (chosen == "fr") return Language::french;
  if (chosen == "en") return Language::english;
  return quality_of(accept_language, "fr") > quality_of(accept_language, "en") ? Language::french
                                                                               : Language::english;
}

std::optional<Page> find_page(std::string_view path, Language language, const Facts& facts) {
  if (path == "/pages/page.js") return Page{"text/javascript; charset=utf-8", std::string(kScript)};
  if (path == "/pages/style.css") return Page{"text/css; charset=utf-8", std::string(kStyle)};
  for (const std::string_view name : {"login", "approve", "enrol"}) {
    if (path.size() != name.size() + 1 || !path.ends_with(name)) continue;
    Values values = values_of(name, language, facts);
    values.emplace("content", filled(name == "enrol" ? kEnrolForm : kDecideForm, values));
    return Page{"text/html; charset=utf-8", filled(kShellForm, values)};
  }
  return std::nullopt;
}

std::span<const Header> common_headers() { return kCommon; }
std::span<const Header> page_headers() { return kPages; }
std::span<const Header> document_headers() { return kDocuments; }

}  // namespace sceau::web
