#include "options.h"

#include <charconv>
#include <string_view>

namespace sceau::pam {
namespace {

constexpr int kLongestWait = 600;
constexpr int kLongestFresh = 60'000;

bool read_flag(std::string_view word, Options& options) {
  if (word == "debug") return options.debug = true;
  if (word == "quiet") return options.quiet = true;
  if (word == "cue") return options.cue = true;
  if (word == "nullok") return options.nullok = true;
  if (word == "keyboard") return options.keyboard = true;
  if (word == "card_only") return options.card_only = true;
  if (word == "try_first_pass") return options.try_first_pass = true;
  if (word == "use_first_pass") return options.use_first_pass = true;
  return false;
}

bool read_number(std::string_view text, int longest, int& number) {
  int value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return false;
  if (value < 0 || value > longest) return false;
  number = value;
  return true;
}

bool read_setting(std::string_view name, std::string_view value, Options& options) {
  if (name == "wait") return read_number(value, kLongestWait, options.wait_seconds);
  if (name == "fresh") return read_number(value, kLongestFresh, options.fresh_milliseconds);
  if (name == "cue_prompt") return options.cue = true, options.cue_prompt = value, true;
  if (name == "reader") return options.reader = value, true;
  if (name == "module" && value.starts_with('/')) return options.modules.emplace_back(value), true;
  if (name == "folder" && value.starts_with('/')) return options.folder = value, true;
  if (name == "send" && value == "none") return options.program.clear(), true;
  if (name == "send" && value.starts_with('/')) return options.program = value, true;
  return false;
}

}  // namespace

Options read_options(int count, const char** arguments) {
  Options options;
  for (int i = 0; i < count; ++i) {
    const std::string_view word(arguments[i]);
    const auto equals = word.find('=');
    const bool known = equals == std::string_view::npos
                           ? read_flag(word, options)
                           : read_setting(word.substr(0, equals), word.substr(equals + 1), options);
    if (!known) options.unknown.emplace_back(word);
  }
  return options;
}

}  // namespace sceau::pam
