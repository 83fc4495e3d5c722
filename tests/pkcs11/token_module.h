// The module over a token in memory, in a reader "Token".
#pragma once

#include "fake_readers.h"
#include "token_in_memory.h"

namespace sceau::test {

// A connection of its own.
std::unique_ptr<token::Channel> wire_to(std::shared_ptr<TokenInMemory> token);

struct TokenModule {
  explicit TokenModule(std::shared_ptr<TokenInMemory> in = std::make_shared<TokenInMemory>(),
                       std::shared_ptr<pkcs11::Cache> cache = nullptr);
  // Its FIDO2 half as well, in the slot "Token (FIDO2)", which `session` is of.
  TokenModule(std::shared_ptr<TokenInMemory> in, std::vector<std::string> relying_parties);

  // The objects of a clear-sign key: handle, or CK_INVALID_HANDLE.
  CK_OBJECT_HANDLE find(CK_OBJECT_CLASS object_class, CK_BYTE id) {
    return module.find_one(session, object_class, id);
  }

  std::shared_ptr<TokenInMemory> token;
  std::shared_ptr<FixedClock> clock = std::make_shared<FixedClock>(kNow);
  FakeModule module{pkcs11::TokenOptions{}, {}, false};
  CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
};

}  // namespace sceau::test
