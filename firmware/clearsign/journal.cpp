#include "clearsign/journal.h"

#include "clearsign/keys.h"

namespace sceau::firmware::clearsign {

namespace {

using HeadBytes = std::array<std::uint8_t, 4 + kHashSize>;
using StoredEntry = std::array<std::uint8_t, kEntrySize + kHashSize>;

ObjectKey entry_place(std::uint32_t number) {
  return static_cast<ObjectKey>(place::kEntries + number % kKeptEntries);
}

void write_u32(Writer& out, std::uint32_t value) {
  std::array<std::uint8_t, 4> bytes{};
  store_be32(bytes.data(), value);
  out.bytes(bytes);
}

EntryBytes encode(std::uint32_t number, const Entry& entry) {
  EntryBytes bytes{};
  Writer out(bytes);
  write_u32(out, number);
  out.byte(entry.slot);
  out.byte(static_cast<std::uint8_t>(entry.act));
  write_u32(out, entry.counter);
  const auto time = static_cast<std::uint64_t>(entry.time);
  write_u32(out, static_cast<std::uint32_t>(time >> 32U));
  write_u32(out, static_cast<std::uint32_t>(time));
  out.bytes(entry.statement);
  out.bytes(entry.shown);
  return bytes;
}

}  // namespace

Result<JournalHead> Journal::head() {
  HeadBytes bytes{};
  JournalHead head;
  const Result<std::size_t> size = store_.read(place::kJournal, bytes);
  if (!size.ok() && size.status() == Status::kNotFound) return head;
  if (!size.ok()) return size.status();
  if (size.value() != bytes.size()) return Status::kCorrupt;
  head.count = load_be32(bytes.data());
  copy(ByteView(bytes).subspan(4), head.hash);
  return head;
}

Result<JournalHead> Journal::append(const Entry& entry) {
  const Result<JournalHead> before = head();
  if (!before.ok()) return before.status();
  JournalHead after;
  after.count = before.value().count + 1;
  const EntryBytes bytes = encode(after.count, entry);
  const Result<Hash> hash = sha256({before.value().hash, bytes});
  if (!hash.ok()) return hash.status();
  after.hash = hash.value();

  StoredEntry stored{};
  copy(bytes, stored);
  copy(after.hash, ByteSpan(stored).subspan(kEntrySize));
  HeadBytes head_bytes{};
  store_be32(head_bytes.data(), after.count);
  copy(after.hash, ByteSpan(head_bytes).subspan(4));
  std::array<std::uint8_t, 4> counter{};
  store_be32(counter.data(), entry.counter);
  const Change changes[] = {Change::set(Keys::counter_place(entry.slot), counter),
                            Change::set(place::kJournal, head_bytes),
                            Change::set(entry_place(after.count), stored)};
  const Status status = store_.apply(changes, Room::kReserved);
  return status == Status::kOk ? Result<JournalHead>(after) : Result<JournalHead>(status);
}

Result<std::size_t> Journal::read(std::uint32_t number, ByteSpan into) {
  const Result<JournalHead> head = this->head();
  if (!head.ok()) return head.status();
  const std::uint32_t count = head.value().count;
  if (number == 0 || number > count || count - number >= kKeptEntries) return Status::kNotFound;
  return store_.read(entry_place(number), into);
}

}  // namespace sceau::firmware::clearsign
