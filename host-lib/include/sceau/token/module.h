// A PKCS#11 module that somebody else wrote (OpenSC's, a vendor's), loaded by path, and the tokens it
// reaches.
//
// What a module says is not trusted: lengths are checked before they are used, texts are cleaned, a function
// that is missing counts as not supported, and every failure names the module. It runs inside this process
// all the same: load only modules that the configuration or the caller named.
//
// Rule: OASIS PKCS #11 2.40 and 3.0. A module is initialised once and finalised by its last owner; where
// other code of this process had initialised it before, it is left as it was. Not for use by two threads at
// once.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sceau/base/result.h"

namespace sceau::token {

struct ModuleToken {
  unsigned long slot = 0;
  std::string label, serial, manufacturer, model;
  std::string reader;           // the slot's description: for cards, the reader's name
  bool protected_path = false;  // the PIN is typed on the reader
  bool needs_pin = false;
  bool pin_low = false, pin_final_try = false, pin_locked = false;  // as the token says; it need not

  // As people know it: its reader, or its label where it has none.
  [[nodiscard]] const std::string& name() const { return reader.empty() ? label : reader; }
};

class Module {
 public:
  // `path` as dlopen takes it: a name without slash is looked for where the system keeps libraries.
  // not_found: there is no such file. invalid: it is no PKCS#11 module. unavailable: it does not start.
  static Result<std::shared_ptr<Module>> load(const std::string& path);
  ~Module();
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  // Its file's name without folder, "lib" and ending: "opensc-pkcs11".
  [[nodiscard]] std::string name() const;

  // Initialised tokens that are there now; one that fails is left out. unavailable: the module fails.
  [[nodiscard]] Result<std::vector<ModuleToken>> tokens() const;
  // The token in that slot, as it is now. unavailable: it is gone.
  [[nodiscard]] Result<ModuleToken> token(unsigned long slot) const;

  // For this room's own sources.
  struct Functions;
  [[nodiscard]] const Functions& functions() const { return *functions_; }

 private:
  Module() = default;
  std::string path_;
  std::unique_ptr<Functions> functions_;
  bool initialised_here_ = false;
};

}  // namespace sceau::token
