// What a project was given before: kept by the caller, opaque, so that every aggregate can be held against
// it.
#pragma once

#include <functional>
#include <vector>

#include "sceau/base/result.h"
#include "sceau/base/secret.h"

namespace sceau::release {

class History {
 public:
  History() = default;
  virtual ~History() = default;
  History(const History&) = delete;
  History& operator=(const History&) = delete;

  // The key of the project's people: at least 16 bytes, always the same ones for a project.
  [[nodiscard]] virtual const Secret& key() const = 0;
  // Calls `decide` once with what was kept before, oldest first, and keeps what it gives, durably, before it
  // returns; nobody else's decision about the same project comes between. Fails as `decide` does, or with
  // unavailable or corrupt: then nothing may leave.
  using Decide = std::function<Result<Bytes>(const std::vector<Bytes>& earlier)>;
  virtual Status with(const Decide& decide) = 0;
};

// What is kept of an answer that is about nobody.
Bytes about_nobody();

// One that ends with the process: for tests, and for looking at one answer alone.
class MemoryHistory final : public History {
 public:
  explicit MemoryHistory(Secret key) : key_(std::move(key)) {}
  [[nodiscard]] const Secret& key() const override { return key_; }
  Status with(const Decide& decide) override;

 private:
  Secret key_;
  std::vector<Bytes> kept_;
};

}  // namespace sceau::release
