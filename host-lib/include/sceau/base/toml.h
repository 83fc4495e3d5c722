// toml++, for texts that anybody may have written. Every file that parses TOML includes it through this one,
// so that a program holds one copy of it.
//
// Its parser asserts what a text such as "[=" makes untrue, one step before it would refuse that text; with
// NDEBUG it has the compiler take the same for granted. Here neither: it goes on, and refuses.
#pragma once

#pragma push_macro("NDEBUG")
#undef NDEBUG
#define TOML_ASSERT(expr) static_assert(true)
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")

#include <algorithm>
#include <string_view>

namespace sceau {

// toml::parse() for texts without characters from U+FC40 to U+FEFF, whose table of white space it reads past
// the end: a text that has one is refused like any that is no TOML. Throws toml::parse_error.
inline toml::table parse_toml(std::string_view text) {
  for (std::size_t at = text.find('\xEF'); at != std::string_view::npos && at + 1 < text.size();
       at = text.find('\xEF', at + 1)) {
    const auto second = static_cast<unsigned char>(text[at + 1]);
    const bool begins = at == 0 && text.starts_with("\xEF\xBB\xBF");  // an editor's mark of UTF-8
    if (second < 0xB1 || second > 0xBB || begins) continue;
    const auto before = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    throw toml::parse_error("a presentation form or byte-order mark: write the letter itself",
                            toml::source_position{static_cast<toml::source_index>(before + 1), 1});
  }
  return toml::parse(text);
}

}  // namespace sceau
