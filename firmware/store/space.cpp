// Where records go, and how room is won back.
#include "store/store.h"

namespace sceau::firmware {

namespace {

constexpr std::size_t kSource = 12;  // offsets in the page header
constexpr std::size_t kCopied = 16;

bool is_free(std::uint16_t used) { return used <= kPageHeader; }

}  // namespace

std::size_t Store::free_pages(const Pages& pages) const {
  std::size_t count = 0;
  for (std::size_t i = 0; i < page_count_; ++i) count += is_free(pages[i].used) ? 1 : 0;
  return count;
}

int Store::choose_free(const Pages& pages, bool most_worn) const {
  int chosen = -1;
  for (std::size_t i = 0; i < page_count_; ++i) {
    if (!is_free(pages[i].used)) continue;
    const auto best = static_cast<std::size_t>(chosen);
    if (chosen < 0 ||
        (most_worn ? pages[i].erased > pages[best].erased : pages[i].erased < pages[best].erased)) {
      chosen = static_cast<int>(i);
    }
  }
  return chosen;
}

// A page already begun, else a free one, but never the last free one: that is compaction's.
int Store::choose_page(const Pages& pages, std::size_t size) const {
  for (std::size_t i = 0; i < page_count_; ++i) {
    if (!is_free(pages[i].used) && pages[i].used + size <= page_size_) return static_cast<int>(i);
  }
  return free_pages(pages) > 1 ? choose_free(pages, false) : -1;
}

bool Store::take(Pages& pages, std::size_t size) const {
  const int page = choose_page(pages, size);
  if (page < 0) return false;
  Page& chosen = pages[static_cast<std::size_t>(page)];
  const std::size_t begin = is_free(chosen.used) ? kPageHeader : chosen.used;
  chosen.used = static_cast<std::uint16_t>(begin + size);
  return true;
}

// Plays the transaction on a copy of the page table: exactly the choices that append() will make.
bool Store::fits(std::span<const Change> changes, Room room) const {
  Pages pages = pages_;
  for (const Change& change : changes) {
    if (change.kind == Change::Kind::kRemove && !take(pages, kRecordHeader)) return false;
  }
  for (const Change& change : changes) {
    if (change.kind == Change::Kind::kRemove) continue;
    std::size_t left = change.value.size();
    do {
      RecordHeader header;
      header.length = static_cast<std::uint16_t>(left < kPartSize ? left : kPartSize);
      if (!take(pages, header.size())) return false;
      left -= header.length;
    } while (left != 0);
  }
  for (std::size_t i = 0; room == Room::kOrdinary && i < kReserve; ++i) {
    if (!take(pages, kMaxRecord)) return false;
  }
  return true;
}

int Store::most_garbage() const {
  int chosen = -1;
  std::size_t most = 0;
  for (std::size_t i = 0; i < page_count_; ++i) {
    if (is_free(pages_[i].used)) continue;
    const std::size_t garbage = pages_[i].used - kPageHeader - pages_[i].live;
    const bool better =
        garbage > most || (garbage != 0 && garbage == most && chosen >= 0 &&
                           pages_[i].erased < pages_[static_cast<std::size_t>(chosen)].erased);
    if (better) {
      chosen = static_cast<int>(i);
      most = garbage;
    }
  }
  return chosen;
}

// The least erased page, when it lags behind and rests under data that does not change; else -1.
int Store::least_worn() const {
  const Wear spread = wear();
  if (spread.highest - spread.lowest <= kWearSpread) return -1;
  for (std::size_t i = 0; i < page_count_; ++i) {
    if (pages_[i].erased == spread.lowest) return is_free(pages_[i].used) ? -1 : static_cast<int>(i);
  }
  return -1;
}

Store::Wear Store::wear() const {
  Wear wear{page_count_ == 0 ? 0 : pages_[0].erased, 0};
  for (std::size_t i = 0; i < page_count_; ++i) {
    if (pages_[i].erased < wear.lowest) wear.lowest = pages_[i].erased;
    if (pages_[i].erased > wear.highest) wear.highest = pages_[i].erased;
  }
  return wear;
}

std::size_t Store::free_bytes() const {
  std::size_t records = 0;
  const std::size_t whole_page = (page_size_ - kPageHeader) / kMaxRecord;
  for (std::size_t i = 0; i < page_count_; ++i) {
    records += (page_size_ - kPageHeader - pages_[i].live) / kMaxRecord;
  }
  const std::size_t kept = whole_page + kReserve;
  return records > kept ? (records - kept) * kMaxRecord : 0;
}

Status Store::make_room(std::span<const Change> changes, Room room) {
  // Each turn but the first wins at least one record's bytes back, so the number of turns is bounded.
  for (std::size_t turn = 0; !fits(changes, room); ++turn) {
    const int worn = turn == 0 ? least_worn() : -1;
    const int victim = worn >= 0 ? worn : most_garbage();
    const int target = choose_free(pages_, worn >= 0);
    if (victim < 0 || target < 0) return Status::kFull;
    const Status status = compact(static_cast<std::size_t>(victim), static_cast<std::size_t>(target));
    if (status != Status::kOk) return status;
  }
  return Status::kOk;
}

Status Store::compact(std::size_t victim, std::size_t target) {
  if (pages_[victim].live == 0) return renew_page(victim);
  Status status = open_page(target);
  if (status == Status::kOk) status = program_word(target, kSource, encode_source(victim));
  for (std::size_t i = 0; i < indexed_ && status == Status::kOk; ++i) {
    if (index_[i].page == victim) status = copy_record(index_[i], target);
  }
  if (status == Status::kOk) status = program_word(target, kCopied, 0);
  if (status == Status::kOk) status = renew_page(victim);
  if (status == Status::kOk) status = program_word(target, kSource, 0);
  return status;
}

Status Store::copy_record(Location& location, std::size_t target) {
  std::array<std::uint8_t, kMaxRecord> buffer{};
  const ByteSpan record = ByteSpan(buffer).first(location.size());
  Status status = read_flash(location.page, location.offset, record);
  Page& page = pages_[target];
  if (status == Status::kOk) status = program(target, page.used, record);
  if (status != Status::kOk) return status;
  location.page = static_cast<std::uint8_t>(target);
  location.offset = page.used;
  page.used = static_cast<std::uint16_t>(page.used + location.size());
  page.live = static_cast<std::uint16_t>(page.live + location.size());
  return Status::kOk;
}

// Gives a blank page its header; a page that has one stays as it is.
Status Store::open_page(std::size_t page) {
  if (pages_[page].used != 0) return Status::kOk;
  const Status status = program(page, 0, encode_page_header(pages_[page].erased));
  if (status == Status::kOk) pages_[page].used = kPageHeader;
  return status;
}

Status Store::renew_page(std::size_t page) {
  // The magic alone, so that a cut here cannot make another word of the header mean something else.
  Status status = program_word(page, 0, 0);
  if (status == Status::kOk) status = flash_.erase(page);
  if (status != Status::kOk) {
    usable_ = false;
    return status;
  }
  pages_[page] = Page{pages_[page].erased + 1, 0, 0};
  return open_page(page);
}

}  // namespace sceau::firmware
