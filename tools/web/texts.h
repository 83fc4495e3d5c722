// The pages' sentences, English and French.
#pragma once

#include <span>
#include <string_view>

namespace sceau::web {

enum class Language { english, french };

struct Text {
  std::string_view name, english, french;
  [[nodiscard]] std::string_view in(Language language) const {
    return language == Language::french ? french : english;
  }
};

// Those that stand in the pages, and those that the script says.
std::span<const Text> page_texts();
std::span<const Text> spoken_texts();

}  // namespace sceau::web
