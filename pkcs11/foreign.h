// Modules of other makers, passed through: their slots, sessions and objects as they are.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "functions_3_2.h"
#include "result.h"

namespace sceau::pkcs11 {

class ForeignModule {
 public:
  // Loads and initialises; null when there is no such module or it does not start. It is never unloaded,
  // since not every module survives that.
  static std::shared_ptr<ForeignModule> load(const std::string& path);
  // Finalises, unless somebody else in this process had initialised it before.
  ~ForeignModule();
  ForeignModule(const ForeignModule&) = delete;
  ForeignModule& operator=(const ForeignModule&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] CK_FUNCTION_LIST* functions() const { return functions_; }
  // Null: the module is older than 3.0.
  [[nodiscard]] CK_FUNCTION_LIST_3_0* functions_3_0() const { return functions_3_0_; }
  // Null: it has no list of 3.2.
  [[nodiscard]] CK_FUNCTION_LIST_3_2* functions_3_2() const { return functions_3_2_; }
  [[nodiscard]] std::vector<CK_SLOT_ID> slots() const;
  [[nodiscard]] bool token_present(CK_SLOT_ID slot) const;
  // The slot of an event that the module has to tell. CKR_NO_EVENT; others: it does not tell events.
  [[nodiscard]] Result<CK_SLOT_ID> next_event() const;
  // The slot with a token whose description is that reader's name, or begins it.
  [[nodiscard]] std::optional<CK_SLOT_ID> slot_of_reader(const std::string& reader) const;

 private:
  ForeignModule() = default;
  std::string path_;
  CK_FUNCTION_LIST* functions_ = nullptr;
  CK_FUNCTION_LIST_3_0* functions_3_0_ = nullptr;
  CK_FUNCTION_LIST_3_2* functions_3_2_ = nullptr;
  bool initialised_here_ = false;
};

struct ForeignSlot {
  std::shared_ptr<ForeignModule> module;
  CK_SLOT_ID id = 0;
};

struct ForeignSession {
  std::shared_ptr<ForeignModule> module;
  CK_SLOT_ID own_slot = 0;  // ours, not the module's
  CK_SESSION_HANDLE handle = CK_INVALID_HANDLE;
};

}  // namespace sceau::pkcs11
