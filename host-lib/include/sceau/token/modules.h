// The PKCS#11 modules that reach cards which this library does not drive itself, and their tokens.
//
// Modules are named by the caller (client.toml: modules = ["/path/to.so"]); OpenSC's is added by itself,
// where it is installed. Each is loaded when it is first needed, and once. A token whose card PIV reaches
// already, in a reader of the same name, is left out of lists and searches by name: a PKCS#11 URI names it
// all the same.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sceau/token/module_signer.h"
#include "sceau/token/uri.h"

namespace sceau::token {

struct ModuleFound {
  std::shared_ptr<Module> module;
  ModuleToken token;
  std::optional<std::string> object;  // the key that a URI named
  std::optional<Bytes> id;
};

class Modules {
 public:
  static constexpr const char* kOpenSc = "opensc-pkcs11.so";

  // OpenSC's comes last, unless `named` has it.
  explicit Modules(std::vector<std::string> named = {});

  [[nodiscard]] bool names_any() const { return !named_.empty(); }

  // Every token, except those in `piv_readers`. A module that fails is told in `problems` and hides no other;
  // OpenSC's, which nobody named, may be absent without a word.
  std::vector<ModuleFound> tokens(const std::vector<std::string>& piv_readers,
                                  std::vector<Error>* problems = nullptr);

  // `choice`: a PKCS#11 URI; else a serial, a label, a reader's name, or a part of one that fits no other;
  // empty for the only one there is. not_found and invalid (ambiguous) say what there is.
  Result<ModuleFound> find(const std::string& choice, const std::vector<std::string>& piv_readers = {});

 private:
  Result<std::shared_ptr<Module>> load(const std::string& path);
  Result<ModuleFound> find_by_uri(const std::string& text);
  std::vector<std::string> named_;
  std::map<std::string, std::shared_ptr<Module>> loaded_;
};

}  // namespace sceau::token
