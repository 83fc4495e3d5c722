// The flash store, mounted on whatever image an input describes: real transactions, with pages, records and
// bytes put in by somebody who holds the chip but not the device's secret.
#include <map>
#include <optional>

#include "../firmware/ram_board.h"
#include "fuzz.h"
#include "store/record.h"
#include "store/store.h"
#include "targets.h"

namespace sceau::fuzz {
namespace {

using firmware::ObjectKey;
using firmware::Store;
using StoreStatus = firmware::Status;

constexpr std::size_t kPageSizes[] = {1024, 2048, 4096};
constexpr ObjectKey kKeys = 24;

using State = std::map<ObjectKey, std::optional<Bytes>>;  // no value: it does not authenticate

class Image {
 public:
  explicit Image(ByteView input)
      : feed_(input), flash_{feed_.one_of(kPageSizes), 4 + feed_.below(6)}, board_(flash_) {
    Store store(board_);
    require(store.mount() == StoreStatus::kOk, "a blank flash that does not mount");
    for (std::size_t i = feed_.below(6); i > 0; --i) change(store);
  }

  void go() {
    for (int i = 0; i < 60 && !feed_.done(); ++i) spoil();
    Store store(board_);
    if (store.mount() != StoreStatus::kOk) return;
    require(!flash_.misused(), "the flash used against its rules");
    const State before = read(store);
    Store again(board_);
    require(again.mount() == StoreStatus::kOk, "an image that mounts once only");
    require(read(again) == before, "objects that the second mount changes");
    use(again, before);
  }

 private:
  ObjectKey key() { return static_cast<ObjectKey>(1 + feed_.below(kKeys)); }

  StoreStatus change(Store& store) {
    const ObjectKey where = key();
    const auto room = feed_.below(2) == 0 ? firmware::Room::kOrdinary : firmware::Room::kReserved;
    if (feed_.below(5) == 0) return store.remove(where);
    return store.set(where, feed_.filler(1500), room);
  }

  std::size_t page() { return feed_.below(flash_.page_count()); }
  // Where a record may begin.
  std::size_t place() { return feed_.word() % (flash_.page_size() / 4) * 4; }

  void put(std::size_t page, std::size_t offset, ByteView bytes) {
    auto& content = flash_.content();
    const std::size_t at = page * flash_.page_size() + offset;
    const std::size_t count = std::min(bytes.size(), content.size() - at);
    std::copy(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count),
              content.begin() + static_cast<std::ptrdiff_t>(at));
  }

  void spoil() {
    const std::size_t where = page();
    switch (feed_.below(7)) {
      case 0: {
        const std::size_t offset = place();
        return put(where, offset, feed_.bytes());
      }
      case 1:
        return put(where, 0, Bytes(flash_.page_size(), feed_.below(2) == 0 ? 0xFF : 0));
      case 2:
        return put_page_header(where);
      case 3:
        static_cast<void>(put_record(where, place()));
        return;
      case 4:
        return put_records(where);
      case 5: {  // a copy of a page, or of a part
        const ByteView all = flash_.content();
        const Bytes other = to_bytes(all.subspan(page() * flash_.page_size(), flash_.page_size()));
        const std::size_t offset = place();
        return put(where, offset, ByteView(other).subspan(offset));
      }
      default: {
        Store store(board_);
        if (store.mount() == StoreStatus::kOk) static_cast<void>(change(store));
      }
    }
  }

  void put_page_header(std::size_t where) {
    auto header = firmware::encode_page_header(feed_.below(3) == 0 ? 0xFFFFFFFF : feed_.byte());
    if (feed_.below(2) == 0)
      firmware::store_le32(header.data() + 12, firmware::encode_source(feed_.below(12)));
    if (feed_.below(2) == 0) firmware::store_le32(header.data() + 16, 0);
    put(where, 0, header);
  }

  // The size of what was put there.
  std::size_t put_record(std::size_t where, std::size_t offset) {
    firmware::RecordHeader header;
    const bool removal = feed_.below(4) == 0;
    header.kind = removal ? firmware::RecordHeader::Kind::kRemoval : firmware::RecordHeader::Kind::kValue;
    header.length = static_cast<std::uint16_t>(removal ? 0 : feed_.word() % (firmware::kPartSize + 1));
    header.last = feed_.below(2) == 0;
    header.key = feed_.below(8) == 0 ? feed_.word() : key();
    header.last_key = feed_.below(4) == 0 ? std::uint16_t{0xFFFF} : feed_.word();
    header.parts = removal ? std::uint8_t{0} : static_cast<std::uint8_t>(1 + feed_.below(255));
    header.part = removal ? std::uint8_t{0} : static_cast<std::uint8_t>(feed_.below(header.parts));
    header.transaction = feed_.below(8) == 0 ? 0xFFFFFFFF : static_cast<std::uint32_t>(feed_.below(32));
    auto bytes = firmware::encode(header);
    const std::uint32_t states[] = {firmware::kStateWritten, firmware::kStateInForce, firmware::kStateGone,
                                    0x00FFFFFF, 0xFFFF0000};
    firmware::store_le32(bytes.data() + firmware::kRecordState, feed_.one_of(states));
    put(where, offset, bytes);
    return header.size();
  }

  void put_records(std::size_t where) {
    put_page_header(where);
    std::size_t offset = firmware::kPageHeader;
    for (std::size_t i = 1 + feed_.below(255); i > 0 && offset + 600 < flash_.page_size() && !feed_.done();
         --i)
      offset += put_record(where, offset);
  }

  static State read(Store& store) {
    State state;
    Bytes buffer(Store::kMaxObject);
    for (unsigned each = 1; each <= kKeys; ++each) {
      const auto object = static_cast<ObjectKey>(each);
      const auto size = store.read(object, buffer);
      require(size.ok() || size.status() != StoreStatus::kTooLong, "an object longer than any may be");
      if (size.ok())
        state[object] = to_bytes(ByteView(buffer).first(size.value()));
      else if (size.status() == StoreStatus::kCorrupt)
        state[object] = std::nullopt;
    }
    return state;
  }

  // A store that mounted takes changes, and keeps what it took.
  void use(Store& store, State expected) {
    const Bytes value(100, 0x42);
    const ObjectKey where = 7;
    if (store.set(where, value, firmware::Room::kReserved) != StoreStatus::kOk) return;
    expected[where] = value;
    require(read(store) == expected, "a change that changed something else");
    Store after(board_);
    require(after.mount() == StoreStatus::kOk && read(after) == expected, "a change that power-on undoes");
    require(!flash_.misused(), "the flash used against its rules");
  }

  Feed feed_;
  firmware::test::RamFlash flash_;
  firmware::test::RamBoard board_;
};

}  // namespace

void store(ByteView input) { Image(input).go(); }

}  // namespace sceau::fuzz
