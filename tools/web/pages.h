// The pages for people: /login, /approve and /enrol, and the script and the style that they use.
//
// Invariants: no markup comes from outside (what is put in is escaped), no script or style stands in a page,
// and every answer carries headers under which the browser would not run any.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "texts.h"

namespace sceau::web {

// What the pages say about this gate.
struct Facts {
  std::string realm, rp_id;
  std::string card_url;    // where the browser can show a card's certificate; empty: nowhere
  bool card_here = false;  // this is that place
};

struct Page {
  std::string type, body;
};

// `chosen`: the language that the page's link asked for, or nothing; else what the browser prefers (RFC 9110,
// 12.5.4), else English.
Language choose_language(std::string_view chosen, std::string_view accept_language);

// The page at `path`; nothing for a path that is none of theirs.
std::optional<Page> find_page(std::string_view path, Language language, const Facts& facts);

using Header = std::pair<std::string_view, std::string_view>;
// What every answer of the gate carries, but rows (they are text/csv, and carry nosniff alone); besides, what
// pages carry, and what everything else does.
std::span<const Header> common_headers();
std::span<const Header> page_headers();
std::span<const Header> document_headers();

}  // namespace sceau::web
