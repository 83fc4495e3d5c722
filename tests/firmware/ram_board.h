// A board for tests: flash in memory whose power can be cut at any operation, random bytes and time that the
// test chooses, and the simulator's test maker.
#pragma once

#include <functional>
#include <random>
#include <vector>

#include "board/board.h"
#include "board/host/test_maker.h"

namespace sceau::firmware::test {

// What the interrupted operation leaves of the bits that it was to change.
enum class Torn { kNothing, kEverything, kSomeBits, kSomeWords };

class RamFlash final : public Flash {
 public:
  explicit RamFlash(std::size_t page_size = 4096, std::size_t pages = 64)
      : page_size_(page_size), content_(page_size * pages, 0xFF) {}

  std::size_t page_size() const override { return page_size_; }
  std::size_t page_count() const override { return content_.size() / page_size_; }

  Status read(std::size_t offset, ByteSpan into) override {
    if (offset + into.size() > content_.size()) return Status::kHardware;
    copy(ByteView(content_).subspan(offset, into.size()), into);
    return Status::kOk;
  }

  Status program(std::size_t offset, ByteView bytes) override {
    if (offset + bytes.size() > content_.size() || offset % 4 != 0 || bytes.size() % 4 != 0) {
      misused_ = true;
      return Status::kHardware;
    }
    std::vector<std::uint8_t> target(bytes.begin(), bytes.end());
    for (std::size_t i = 0; i < target.size(); ++i) {
      target[i] = static_cast<std::uint8_t>(target[i] & content_[offset + i]);
    }
    return change(offset, target);
  }

  Status erase(std::size_t page) override {
    return change(page * page_size_, std::vector<std::uint8_t>(page_size_, 0xFF));
  }

  // The operation after `operations` more ones is torn, and all after it fail.
  void cut_power_after(std::size_t operations, Torn torn, unsigned seed) {
    cut_ = static_cast<long>(operations);
    torn_ = torn;
    random_.seed(seed);
  }
  void restore_power() {
    cut_ = -1;
    dead_ = false;
  }

  // One program or erase operation: what its bytes were to become.
  struct Operation {
    std::size_t offset = 0;
    std::vector<std::uint8_t> target;
  };
  // Every operation from now on is noted there; null: no longer.
  void record(std::vector<Operation>* operations) { recorder_ = operations; }

  std::size_t operations() const { return operations_; }
  bool dead() const { return dead_; }
  bool misused() const { return misused_; }
  std::vector<std::uint8_t>& content() { return content_; }

 private:
  Status change(std::size_t offset, const std::vector<std::uint8_t>& target) {
    if (dead_) return Status::kHardware;
    ++operations_;
    if (cut_ == 0) {
      tear(offset, target);
      dead_ = true;
      return Status::kHardware;
    }
    if (cut_ > 0) --cut_;
    if (recorder_ != nullptr) recorder_->push_back({offset, target});
    copy(target, ByteSpan(content_).subspan(offset));
    return Status::kOk;
  }

  void tear(std::size_t offset, const std::vector<std::uint8_t>& target) {
    if (torn_ == Torn::kNothing) return;
    std::uint32_t word = 0;
    for (std::size_t i = 0; i < target.size(); ++i) {
      if (i % 4 == 0) word = static_cast<std::uint32_t>(random_());
      auto mask = static_cast<std::uint8_t>(word >> (8 * (i % 4)));
      if (torn_ == Torn::kEverything) mask = 0xFF;
      if (torn_ == Torn::kSomeWords) mask = (word & 1) != 0 ? 0xFF : 0;
      std::uint8_t& byte = content_[offset + i];
      byte = static_cast<std::uint8_t>(byte ^ ((byte ^ target[i]) & mask));
    }
  }

  std::size_t page_size_;
  std::vector<std::uint8_t> content_;
  std::size_t operations_ = 0;
  std::vector<Operation>* recorder_ = nullptr;
  long cut_ = -1;
  bool dead_ = false;
  bool misused_ = false;
  Torn torn_ = Torn::kNothing;
  std::mt19937 random_{1};  // NOLINT(cert-msc32-c,cert-msc51-cpp): a test repeats
};

class RamBoard final : public Board {
 public:
  explicit RamBoard(RamFlash& flash) : flash_(flash), maker_(*this) { secret_.fill(0x5E); }

  Flash& flash() override { return flash_; }
  Status random(ByteSpan into) override {
    if (random_fails) return Status::kHardware;
    random_bytes += into.size();
    for (std::uint8_t& byte : into) byte = static_cast<std::uint8_t>(random_());
    return Status::kOk;
  }
  std::uint64_t milliseconds() override { return now; }
  Touch wait_for_touch(std::uint32_t milliseconds) override {
    ++touches_asked;
    if (touch == Touch::kTimedOut && on_wait) on_wait(milliseconds);
    return touch;
  }
  void display(std::span<const std::string_view> lines) override {
    if (!lines.empty()) shown.assign(lines.begin(), lines.end());
  }
  ByteView unique_secret() override { return secret_; }
  std::uint32_t serial() override { return number; }
  Maker* maker() override { return has_maker ? &maker_ : nullptr; }

  std::uint32_t number = 0x01020384;  // its serial
  bool random_fails = false;
  std::size_t random_bytes = 0;  // given out so far: signing takes many
  bool has_maker = true;
  std::uint64_t now = 1000;
  Touch touch = Touch::kTouched;
  int touches_asked = 0;
  std::function<void(std::uint64_t)> on_wait;  // called with the milliseconds that nobody touched
  std::vector<std::string> shown;

  std::array<std::uint8_t, 32>& secret() { return secret_; }

 private:
  RamFlash& flash_;
  std::array<std::uint8_t, 32> secret_{};
  std::mt19937 random_{20240101};  // NOLINT(cert-msc32-c,cert-msc51-cpp): a test repeats
  host::TestMaker maker_;
};

}  // namespace sceau::firmware::test
