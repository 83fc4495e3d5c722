// One session with one token of a module: objects, log-in, signatures. Owns its handle and nothing else.
//
// Errors as cryptoki::failure() words them, and corrupt for what a module must not answer.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "module_functions.h"
#include "sceau/base/bytes.h"
#include "sceau/base/secret.h"

namespace sceau::token {

class ModuleSession {
 public:
  // Read-only.
  static Result<std::unique_ptr<ModuleSession>> open(std::shared_ptr<Module> module,
                                                     const ModuleToken& token);
  ~ModuleSession();
  ModuleSession(const ModuleSession&) = delete;
  ModuleSession& operator=(const ModuleSession&) = delete;

  // Every object that has these attributes, at most 4096.
  Result<std::vector<CK_OBJECT_HANDLE>> find(std::span<CK_ATTRIBUTE> wanted);
  // not_found: the object has no such attribute, or does not show it.
  Result<Bytes> attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type);
  // A CK_BBOOL attribute; false where there is none.
  bool flag(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type);
  Result<std::vector<CK_MECHANISM_TYPE>> mechanisms();

  // CKU_USER or CKU_CONTEXT_SPECIFIC. Nothing for `pin`: it is typed on the reader. Returns whether this call
  // logged in (as against the token having been logged in already).
  Result<bool> log_in(CK_USER_TYPE user, const Secret* pin);
  void log_out();

  // C_SignInit alone, so that a caller may take another mechanism when this one is not taken.
  CK_RV begin_signature(CK_OBJECT_HANDLE key, CK_MECHANISM& mechanism);
  Result<Bytes> finish_signature(ByteView data);

 private:
  ModuleSession(std::shared_ptr<Module> module, ModuleToken token)
      : module_(std::move(module)), token_(std::move(token)) {}
  [[nodiscard]] const CK_FUNCTION_LIST& list() const { return module_->functions().list; }
  [[nodiscard]] std::string doing(const std::string& what) const { return what + " token " + token_.name(); }

  std::shared_ptr<Module> module_;
  ModuleToken token_;
  CK_SESSION_HANDLE handle_ = 0;
};

}  // namespace sceau::token
