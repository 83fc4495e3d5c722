// One libfido2 device, open for one command, and what its codes mean to a person.
#pragma once

#include <fido.h>

#include <memory>
#include <optional>
#include <string>

#include "sceau/token/apdu.h"

namespace sceau::token {

// What libfido2 is handed as its device where the key is in a reader.
struct FidoWire {
  Channel* channel = nullptr;
  Bytes nonce;   // of the INIT that is under way
  Bytes answer;  // to the message that is under way
  std::optional<Error> problem;
};

class FidoDevice {
 public:
  FidoDevice() = default;
  ~FidoDevice();
  FidoDevice(const FidoDevice&) = delete;
  FidoDevice& operator=(const FidoDevice&) = delete;

  // `channel` null: at `path`. Holds the reader's card until this object ends.
  Status open(Channel* channel, const std::string& path, const std::string& name);
  [[nodiscard]] fido_dev_t* get() const { return device_; }
  // What a code of libfido2 other than FIDO_OK means here. `doing`: "signing with a FIDO2 key".
  [[nodiscard]] Error failure(const std::string& doing, int code) const;

 private:
  Status open_channel();
  Status open_path(const std::string& path);
  [[nodiscard]] Error pin_failure(const std::string& what, int code) const;

  fido_dev_t* device_ = nullptr;
  Channel* held_ = nullptr;
  std::unique_ptr<FidoWire> wire_;
  std::string name_;
};

}  // namespace sceau::token
