#include "store_cuts.h"

#include <memory>

#include "store_image.h"

#include <CppUTest/TestHarness.h>

namespace sceau::firmware::test {

namespace {

unsigned tries_left(Store& store, ObjectKey place) {
  std::array<std::uint8_t, 2> record{};
  const Result<std::size_t> size = store.read(place, record);
  return size.ok() ? record[1] : 0;
}

// A token that counts none has all.
unsigned fido_tries_left(Store& store) {
  std::array<std::uint8_t, 1> record{};
  return store.read(fido::place::kPinTries, record).ok() ? record[0] : fido::kPinLimit;
}

}  // namespace

Cutter::Found Cutter::power_on(bool read_everything) {
  flash_.restore_power();
  const auto store = std::make_unique<Store>(board_);
  CHECK(store->mount() == Status::kOk);
  const Image image = read_image(flash_.content(), flash_.page_size());
  CHECK(image.clean);
  std::vector<std::uint8_t> value(Store::kMaxObject);
  for (const ObjectKey key : image.keys) {
    if (read_everything) CHECK(store->read(key, value).ok());
  }
  return {image.state, tries_left(*store, piv::place::kPinTries), tries_left(*store, piv::place::kPukTries),
          fido_tries_left(*store)};
}

// Nothing and everything of the operation come first, then whole words, then any bits.
void Cutter::tear(const std::vector<std::uint8_t>& whole, const RamFlash::Operation& operation,
                  std::size_t attempt) {
  flash_.content() = whole;
  std::uint32_t word = 0;
  for (std::size_t i = 0; i < operation.target.size(); ++i) {
    if (i % 4 == 0) {
      word = attempt == 0 ? 0 : attempt == 1 ? 0xFFFFFFFF : static_cast<std::uint32_t>(random_());
      if (attempt > 1 && attempt % 4 == 2) word = (word & 1) != 0 ? 0xFFFFFFFF : 0;
    }
    const auto mask = static_cast<std::uint8_t>(word >> (8 * (i % 4)));
    std::uint8_t& byte = flash_.content()[operation.offset + i];
    byte = static_cast<std::uint8_t>(byte ^ ((byte ^ operation.target[i]) & mask));
  }
}

// Power goes again while the store brings itself into order.
void Cutter::cut_while_mounting() {
  flash_.cut_power_after(random_() % 6, Torn::kSomeBits, static_cast<unsigned>(random_()));
  const auto store = std::make_unique<Store>(board_);
  static_cast<void>(store->mount());
  if (flash_.dead()) ++cuts_;
}

// As many states as transactions and one, in their order; no try comes back but where the command gives it.
void Cutter::check_states(const Recording& recording) {
  std::size_t changes = 0;
  for (std::size_t i = 1; i < whole_.size(); ++i) {
    const Found& before = whole_[i - 1];
    const Found& after = whole_[i];
    if (after.state == before.state) continue;
    ++changes;
    const bool may_give = recording.gives_tries_from != 0 && changes >= recording.gives_tries_from;
    CHECK(may_give || (after.pin_tries <= before.pin_tries && after.puk_tries <= before.puk_tries &&
                       after.fido_tries <= before.fido_tries));
  }
  UNSIGNED_LONGS_EQUAL_TEXT(recording.transactions, changes, recording.name.c_str());
}

void Cutter::cut(const Recording& recording, std::size_t times) {
  std::vector<std::uint8_t> whole = recording.before;
  whole_.clear();
  flash_.content() = whole;
  whole_.push_back(power_on(true));
  for (const RamFlash::Operation& operation : recording.operations) {
    const std::vector<std::uint8_t> before = whole;
    copy(operation.target, ByteSpan(whole).subspan(operation.offset));
    flash_.content() = whole;
    const Found last = whole_.back();
    whole_.push_back(power_on(true));
    const Found& next = whole_.back();
    for (std::size_t attempt = 0; attempt < times; ++attempt) {
      tear(before, operation, attempt);
      ++cuts_;
      if (random_() % 8 == 0) cut_while_mounting();
      const Found found = power_on(attempt % 16 == 0);
      CHECK_TEXT(found.state == last.state || found.state == next.state, recording.name.c_str());
    }
  }
  check_states(recording);
}

}  // namespace sceau::firmware::test
