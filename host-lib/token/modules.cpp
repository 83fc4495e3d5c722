#include "sceau/token/modules.h"

#include <algorithm>

namespace sceau::token {
namespace {

bool ends_with_path(const std::string& path, const std::string& name) {
  return path == name || path.ends_with("/" + name);
}

std::string describe(const std::vector<ModuleFound>& found) {
  std::string text;
  for (const ModuleFound& one : found)
    text += (text.empty() ? "" : ", ") + one.token.serial + " in \"" + one.token.name() + "\" (" +
            one.module->name() + ")";
  return text;
}

bool matches(const TokenUri& uri, const ModuleToken& token) {
  const auto fits = [](const std::optional<std::string>& wanted, const std::string& is) {
    return !wanted || *wanted == is;
  };
  return fits(uri.token, token.label) && fits(uri.serial, token.serial) &&
         fits(uri.manufacturer, token.manufacturer) && fits(uri.model, token.model) &&
         fits(uri.slot_description, token.reader);
}

Result<ModuleFound> only(std::vector<ModuleFound> fitting, const std::string& choice,
                         const std::vector<ModuleFound>& all) {
  if (fitting.size() == 1) return std::move(fitting.front());
  if (fitting.empty()) {
    const std::string there = all.empty() ? "no PKCS#11 module shows one" : "there are " + describe(all);
    if (choice.empty()) return Error{ErrorKind::not_found, "no token is inserted: " + there};
    return Error{ErrorKind::not_found, "no token \"" + choice + "\": " + there};
  }
  return Error{ErrorKind::invalid,
               (choice.empty() ? "several tokens are inserted" : "\"" + choice + "\" fits several") +
                   std::string(": choose one with --token: ") + describe(fitting)};
}

}  // namespace

Modules::Modules(std::vector<std::string> named) : named_(std::move(named)) {}

Result<std::shared_ptr<Module>> Modules::load(const std::string& path) {
  if (const auto known = loaded_.find(path); known != loaded_.end()) return known->second;
  auto module = Module::load(path);
  if (module) loaded_.emplace(path, *module);
  return module;
}

std::vector<ModuleFound> Modules::tokens(const std::vector<std::string>& piv_readers,
                                         std::vector<Error>* problems) {
  auto paths = named_;
  const bool has_opensc =
      std::ranges::any_of(named_, [](const std::string& path) { return ends_with_path(path, kOpenSc); });
  if (!has_opensc) paths.emplace_back(kOpenSc);
  std::vector<ModuleFound> found;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const bool nobody_asked = i >= named_.size();
    auto module = load(paths[i]);
    auto tokens = module ? (*module)->tokens() : Result<std::vector<ModuleToken>>(module.error());
    if (!tokens) {
      if (problems != nullptr && !(nobody_asked && tokens.error().kind == ErrorKind::not_found))
        problems->push_back(tokens.error());
      continue;
    }
    for (ModuleToken& token : *tokens) {
      if (std::ranges::find(piv_readers, token.reader) != piv_readers.end()) continue;
      // Two modules may reach the same card: the one named first has it.
      const bool known = std::ranges::any_of(found, [&token](const ModuleFound& other) {
        return other.token.reader == token.reader && other.token.serial == token.serial &&
               other.token.label == token.label;
      });
      if (!known) found.push_back({*module, std::move(token), {}, {}});
    }
  }
  return found;
}

Result<ModuleFound> Modules::find_by_uri(const std::string& text) {
  auto uri = read_token_uri(text);
  if (!uri) return uri.error();
  std::vector<ModuleFound> all;
  std::vector<Error> problems;
  if (uri->module_path.empty()) {
    all = tokens({}, &problems);
  } else {
    auto module = load(uri->module_path);
    if (!module) return module.error();
    auto tokens = (*module)->tokens();
    if (!tokens) return tokens.error();
    for (ModuleToken& token : *tokens) all.push_back({*module, std::move(token), {}, {}});
  }
  std::vector<ModuleFound> fitting;
  for (const ModuleFound& one : all) {
    if (!matches(*uri, one.token)) continue;
    if (!uri->module_name.empty() && one.module->name() != uri->module_name) continue;
    fitting.push_back(one);
    fitting.back().object = uri->object;
    fitting.back().id = uri->id;
  }
  if (all.empty() && !problems.empty()) return problems.front();
  return only(std::move(fitting), text, all);
}

Result<ModuleFound> Modules::find(const std::string& choice, const std::vector<std::string>& piv_readers) {
  if (is_token_uri(choice)) return find_by_uri(choice);
  std::vector<Error> problems;
  const auto all = tokens(piv_readers, &problems);
  if (all.empty() && !problems.empty()) return problems.front();
  if (choice.empty()) return only(all, choice, all);
  std::vector<ModuleFound> exactly;
  std::vector<ModuleFound> partly;
  for (const ModuleFound& one : all) {
    if (one.token.serial == choice || one.token.label == choice || one.token.reader == choice)
      exactly.push_back(one);
    if (one.token.reader.find(choice) != std::string::npos ||
        one.token.label.find(choice) != std::string::npos)
      partly.push_back(one);
  }
  return only(exactly.empty() ? std::move(partly) : std::move(exactly), choice, all);
}

}  // namespace sceau::token
