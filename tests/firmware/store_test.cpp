// The store against its model: a map. Power is cut at every flash operation of every transaction.
#include <algorithm>
#include <map>
#include <memory>
#include <optional>

#include "ram_board.h"
#include "store/record.h"
#include "store/store.h"

#include <CppUTest/TestHarness.h>

using namespace sceau::firmware;        // NOLINT
using namespace sceau::firmware::test;  // NOLINT

namespace {

using Value = std::vector<std::uint8_t>;
using Model = std::map<ObjectKey, Value>;

constexpr ObjectKey kKeys = 12;  // keys 1 to 12

struct Step {
  std::vector<std::pair<ObjectKey, std::optional<Value>>> changes;  // no value: removed
  std::optional<std::pair<ObjectKey, ObjectKey>> removed_range;
};

Step random_step(std::mt19937& random) {
  Step step;
  const std::size_t count = 1 + random() % 3;
  for (std::size_t i = 0; i < count; ++i) {
    const auto key = static_cast<ObjectKey>(1 + random() % kKeys);
    bool used = false;
    for (const auto& [other, value] : step.changes) used = used || other == key;
    if (used) continue;
    if (random() % 5 == 0) {
      step.changes.emplace_back(key, std::nullopt);
      continue;
    }
    const std::size_t size = random() % 4 == 0 ? random() % 1300 : random() % 60;
    Value value(size);
    for (std::uint8_t& byte : value) byte = static_cast<std::uint8_t>(random());
    step.changes.emplace_back(key, value);
  }
  if (random() % 10 == 0) step.removed_range = {ObjectKey(3), ObjectKey(8)};
  return step;
}

Status apply(Store& store, const Step& step) {
  std::vector<Change> changes;
  if (step.removed_range) {
    changes.push_back(Change::remove_range(step.removed_range->first, step.removed_range->second));
  }
  for (const auto& [key, value] : step.changes) {
    changes.push_back(value ? Change::set(key, *value) : Change::remove(key));
  }
  return store.apply(changes, Room::kReserved);
}

Model after(Model model, const Step& step) {
  if (step.removed_range) {
    for (ObjectKey key = step.removed_range->first; key <= step.removed_range->second; ++key)
      model.erase(key);
  }
  for (const auto& [key, value] : step.changes) {
    if (value) {
      model[key] = *value;
    } else {
      model.erase(key);
    }
  }
  return model;
}

bool holds(Store& store, const Model& model) {
  std::vector<std::uint8_t> buffer(Store::kMaxObject);
  for (ObjectKey key = 1; key <= kKeys; ++key) {
    const Result<std::size_t> size = store.read(key, buffer);
    const auto found = model.find(key);
    if (found == model.end()) {
      if (size.status() != Status::kNotFound) return false;
      continue;
    }
    if (!size.ok() || size.value() != found->second.size()) return false;
    if (!equal(ByteView(buffer).first(size.value()), found->second)) return false;
  }
  return true;
}

// Looks at the raw flash: every record that is not in force is zeros from its state on, and those in force
// are exactly as many as the model's values need.
bool nothing_left_behind(RamFlash& flash, const Model& model) {
  std::size_t in_force = 0;
  for (std::size_t page = 0; page < flash.page_count(); ++page) {
    const ByteView bytes = ByteView(flash.content()).subspan(page * flash.page_size(), flash.page_size());
    // No compaction is left under way: a source still named would be erased at the next power-on.
    if (decode_source(load_le32(bytes.data() + 12)) >= 0) return false;
    std::size_t offset = kPageHeader;
    while (offset + kRecordHeader <= bytes.size()) {
      RecordHeaderBytes header{};
      copy(bytes.subspan(offset), header);
      const Record record = decode(header);
      if (record.size == 0) break;
      if (record.in_force()) {
        ++in_force;
      } else {
        for (std::size_t i = offset + kRecordState; i < offset + record.size; ++i) {
          if (bytes[i] != 0) return false;
        }
      }
      offset += record.size;
    }
    // What follows the last record holds nothing: all ones, or closed with zeros.
    for (std::size_t i = offset; i < bytes.size(); ++i) {
      if (bytes[i] != bytes[bytes.size() - 1] || (bytes[i] != 0 && bytes[i] != 0xFF)) return false;
    }
  }
  std::size_t expected = 0;
  for (const auto& [key, value] : model)
    expected += value.empty() ? 1 : (value.size() + kPartSize - 1) / kPartSize;
  return in_force == expected;
}

struct Rig {
  explicit Rig(std::size_t pages = 10) : flash(2048, pages), board(flash) { restart(); }
  Status restart() {
    flash.restore_power();
    store = std::make_unique<Store>(board);
    return store->mount();
  }
  RamFlash flash;
  RamBoard board;
  std::unique_ptr<Store> store;
};

// Cuts `step` at operation `cut`; then also cuts the mount that follows, at `mount_cut` (none when negative).
// Returns false when the step was over before the cut.
bool cut_once(Rig& rig, const std::vector<std::uint8_t>& before, const Step& step, std::size_t cut,
              long mount_cut, Torn torn, unsigned seed) {
  rig.flash.content() = before;
  CHECK(rig.restart() == Status::kOk);
  rig.flash.cut_power_after(cut, torn, seed);
  const Status status = apply(*rig.store, step);
  if (!rig.flash.dead()) return false;
  CHECK(status == Status::kHardware);
  if (mount_cut >= 0) {
    rig.flash.restore_power();
    rig.store = std::make_unique<Store>(rig.board);
    rig.flash.cut_power_after(static_cast<std::size_t>(mount_cut), torn, seed + 1);
    static_cast<void>(rig.store->mount());
  }
  return true;
}

// What a mount has put in order stays so while pages are used again, and at the next power-on.
void live_on(Rig& rig, Model model, std::mt19937& random) {
  for (int i = 0; i < 40; ++i) {
    const Step step = random_step(random);
    CHECK(apply(*rig.store, step) == Status::kOk);
    model = after(model, step);
  }
  CHECK(rig.restart() == Status::kOk);
  CHECK(holds(*rig.store, model));
}

}  // namespace

TEST_GROUP(Store){};

TEST(Store, KeepsValuesOfEverySizeAcrossPowerOn) {
  Rig rig;
  Model model;
  ObjectKey key = 1;
  for (const std::size_t size : {0U, 1U, 3U, 4U, 527U, 528U, 529U, 1056U, 1057U, 3000U, 4096U}) {
    const Value value(size, static_cast<std::uint8_t>(size + 1));
    CHECK(rig.store->set(key, value, Room::kReserved) == Status::kOk);
    model[key++] = value;
  }
  CHECK(holds(*rig.store, model));
  CHECK(rig.restart() == Status::kOk);
  CHECK(holds(*rig.store, model));
  CHECK(nothing_left_behind(rig.flash, model));
}

TEST(Store, RefusesValuesAndBuffersOfTheWrongSize) {
  Rig rig;
  CHECK(rig.store->set(1, Value(4097), Room::kReserved) == Status::kInvalid);
  CHECK(rig.store->set(1, Value(100, 7), Room::kReserved) == Status::kOk);
  Value small(99);
  CHECK(rig.store->read(1, small).status() == Status::kTooLong);
  CHECK_EQUAL(100U, rig.store->size(1).value());
  const Value value(1);
  const Change twice[] = {Change::set(2, value), Change::set(2, value)};
  CHECK(rig.store->apply(twice, Room::kReserved) == Status::kInvalid);
  CHECK_FALSE(rig.store->contains(2));
}

TEST(Store, ShowsOldOrNewStateAfterAPowerCutAtAnyOperation) {
  std::mt19937 random(42);
  Rig rig(6);
  Model model;
  std::size_t cuts = 0;
  for (int round = 0; round < 100; ++round) {
    const Step step = random_step(random);
    const std::vector<std::uint8_t> before = rig.flash.content();
    const Model next = after(model, step);
    bool more = true;
    for (std::size_t cut = 0; more; ++cut) {
      for (const Torn torn : {Torn::kNothing, Torn::kEverything, Torn::kSomeBits, Torn::kSomeWords}) {
        const auto seed = static_cast<unsigned>(random());
        more = cut_once(rig, before, step, cut, -1, torn, seed);
        if (!more) break;
        ++cuts;
        CHECK(rig.restart() == Status::kOk);
        const bool old_state = holds(*rig.store, model);
        CHECK(old_state || holds(*rig.store, next));
        CHECK(nothing_left_behind(rig.flash, old_state ? model : next));
        if (torn == Torn::kSomeBits && random() % 4 == 0) live_on(rig, old_state ? model : next, random);
      }
    }
    model = next;
    CHECK(holds(*rig.store, model));
    CHECK(nothing_left_behind(rig.flash, model));
  }
  CHECK(cuts > 1000);
  CHECK_FALSE(rig.flash.misused());
}

TEST(Store, SurvivesASecondCutWhileMounting) {
  std::mt19937 random(43);
  Rig rig;
  Model model;
  for (int round = 0; round < 25; ++round) {
    const Step step = random_step(random);
    const std::vector<std::uint8_t> before = rig.flash.content();
    const Model next = after(model, step);
    for (std::size_t cut = 0;; ++cut) {
      const auto seed = static_cast<unsigned>(random());
      if (!cut_once(rig, before, step, cut, static_cast<long>(random() % 5), Torn::kSomeBits, seed)) break;
      CHECK(rig.restart() == Status::kOk);
      const bool old_state = holds(*rig.store, model);
      CHECK(old_state || holds(*rig.store, next));
      CHECK(nothing_left_behind(rig.flash, old_state ? model : next));
    }
    model = next;
    CHECK(holds(*rig.store, model));
  }
}

TEST(Store, LosesNoRoomToPowerCutsHoweverMany) {
  Rig rig(5);
  std::mt19937 random(44);
  Model model;
  for (ObjectKey key = 1; key <= 6; ++key) {
    model[key] = Value(500, static_cast<std::uint8_t>(key));
    CHECK(rig.store->set(key, model[key], Room::kReserved) == Status::kOk);
  }
  for (int round = 0; round < 1000; ++round) {
    rig.flash.cut_power_after(random() % 4, Torn::kSomeBits, static_cast<unsigned>(random()));
    const Value value(500, static_cast<std::uint8_t>(round));
    static_cast<void>(rig.store->set(1, value, Room::kReserved));
    CHECK(rig.restart() == Status::kOk);
    Value now(500);
    CHECK(rig.store->read(1, now).ok());
    model[1] = now;
    CHECK(holds(*rig.store, model));
  }
  CHECK(rig.store->set(7, Value(500, 9), Room::kReserved) == Status::kOk);
}

TEST(Store, SaysFullBeforeChangingAnythingAndKeepsRoomForCounters) {
  Rig rig;
  Model model;
  Status status = Status::kOk;
  const Value value(528, 0xAB);
  ObjectKey key = 100;
  while ((status = rig.store->set(key, value, Room::kOrdinary)) == Status::kOk) ++key;
  CHECK(status == Status::kFull);
  CHECK(key > 110);
  CHECK_EQUAL(0U, rig.store->free_bytes());
  const std::vector<std::uint8_t> full = rig.flash.content();
  const Change both[] = {Change::set(1, value), Change::set(2, value)};
  CHECK(rig.store->apply(both, Room::kOrdinary) == Status::kFull);
  CHECK_FALSE(rig.store->contains(1));
  CHECK(full == rig.flash.content());
  for (int i = 0; i < 300; ++i) {
    const std::uint8_t counter[] = {static_cast<std::uint8_t>(i)};
    CHECK(rig.store->set(3, counter, Room::kReserved) == Status::kOk);
  }
  CHECK(rig.store->remove(100) == Status::kOk);
  const Change all = Change::remove_range(100, 999);
  CHECK(rig.store->apply({&all, 1}, Room::kReserved) == Status::kOk);
  CHECK(rig.store->set(1, value, Room::kOrdinary) == Status::kOk);
}

TEST(Store, WearsAllPagesAlike) {
  Rig rig(12);
  for (ObjectKey key = 1; key <= 8; ++key) {
    CHECK(rig.store->set(key, Value(1000, 1), Room::kReserved) == Status::kOk);  // never changes again
  }
  for (int i = 0; i < 12000; ++i) {
    const std::uint8_t counter[] = {static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8)};
    CHECK(rig.store->set(50, counter, Room::kReserved) == Status::kOk);
  }
  const Store::Wear wear = rig.store->wear();
  CHECK(wear.lowest > 20);
  CHECK(wear.highest - wear.lowest <= Store::kWearSpread + 2);
}

TEST(Store, OpensNothingWithAnotherDevicesSecret) {
  Rig rig;
  CHECK(rig.store->set(1, Value(40, 0x77), Room::kReserved) == Status::kOk);
  const std::vector<std::uint8_t>& raw = rig.flash.content();
  const Value plain(16, 0x77);
  CHECK(std::search(raw.begin(), raw.end(), plain.begin(), plain.end()) == raw.end());
  rig.board.secret()[0] ^= 1;
  CHECK(rig.restart() == Status::kOk);
  Value read(40);
  CHECK(rig.store->read(1, read).status() == Status::kCorrupt);
  CHECK(read == Value(40));
}

TEST(Store, ReadsNoAlteredByteAsAValue) {
  Rig rig;
  CHECK(rig.store->set(1, Value(40, 0x77), Room::kReserved) == Status::kOk);
  const std::vector<std::uint8_t> good = rig.flash.content();
  std::size_t altered = 0;
  for (std::size_t at = kPageHeader; at < kPageHeader + kRecordHeader + 12 + 40 + 16; ++at) {
    rig.flash.content() = good;
    rig.flash.content()[at] ^= 0x10;
    CHECK(rig.restart() == Status::kOk);
    Value read(40);
    const Result<std::size_t> size = rig.store->read(1, read);
    CHECK(size.status() == Status::kCorrupt || size.status() == Status::kNotFound);
    ++altered;
  }
  CHECK_EQUAL(88U, altered);
}

TEST(Store, TakesNothingMoreOnceItsTransactionNumbersAreUsedUp) {
  RamFlash flash(2048, 8);
  RecordHeader header;
  header.length = 4;
  header.last = true;
  header.key = 9;
  header.parts = 1;
  header.transaction = 0xFFFFFFFF;
  auto record = encode(header);
  store_le32(record.data() + kRecordState, kStateInForce);
  const auto page = encode_page_header(0);
  std::copy(page.begin(), page.end(), flash.content().begin());
  std::copy(record.begin(), record.end(), flash.content().begin() + kPageHeader);
  RamBoard board(flash);
  Store store(board);
  CHECK(store.mount() == Status::kOk);
  CHECK(store.contains(9));
  CHECK(store.set(1, Value(5, 0x11), Room::kReserved) == Status::kHardware);
  CHECK_FALSE(store.contains(1));
}
