#include "released.h"

#include <array>
#include <bit>

namespace sceau::release {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kMostFamilies = 4096;
constexpr std::size_t kMostKeys = 64;

class Writer {
 public:
  template <typename Number>
  void number(Number value) {
    for (std::size_t i = 0; i < sizeof value; ++i)
      bytes.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (8 * i)));
  }
  void sketch(const Sketch& sketch) {
    for (const std::uint64_t term : sketch.terms()) number(term);
  }
  void cell(const ReleasedCell& cell) {
    const bool same = cell.who == cell.how_much;
    number(static_cast<std::uint8_t>((cell.shown ? 1U : 0U) | (cell.small ? 2U : 0U) | (same ? 4U : 0U)));
    number(cell.people);
    number(std::bit_cast<std::uint64_t>(cell.total));
    number(static_cast<std::uint8_t>(cell.keys.size()));
    for (const std::uint64_t key : cell.keys) number(key);
    sketch(cell.who);
    if (!same) sketch(cell.how_much);
    number(cell.sample.bound());
    number(static_cast<std::uint16_t>(cell.sample.numbers().size()));
    for (const std::uint32_t one : cell.sample.numbers()) number(one);
  }
  Bytes bytes;
};

class Reader {
 public:
  explicit Reader(ByteView bytes) : bytes_(bytes) {}

  template <typename Number>
  Number number() {
    if (bytes_.size() < sizeof(Number)) {
      good = false;
      return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i) value |= std::uint64_t{bytes_[i]} << (8 * i);
    bytes_ = bytes_.subspan(sizeof(Number));
    return static_cast<Number>(value);
  }
  Sketch sketch() {
    std::array<std::uint64_t, Sketch::kTerms> terms{};
    for (std::uint64_t& term : terms) term = number<std::uint64_t>();
    Sketch sketch;
    good = sketch.assign(terms) && good;
    return sketch;
  }
  ReleasedCell cell() {
    ReleasedCell cell;
    const auto flags = number<std::uint8_t>();
    cell.shown = (flags & 1U) != 0;
    cell.small = (flags & 2U) != 0;
    good = good && flags < 8;
    cell.people = number<std::uint32_t>();
    cell.total = std::bit_cast<double>(number<std::uint64_t>());
    const std::size_t keys = number<std::uint8_t>();
    good = good && keys <= kMostKeys;
    for (std::size_t i = 0; i < keys && good; ++i) cell.keys.push_back(number<std::uint64_t>());
    cell.who = sketch();
    cell.how_much = (flags & 4U) != 0 ? cell.who : sketch();
    const auto bound = number<std::uint32_t>();
    std::vector<std::uint32_t> numbers(number<std::uint16_t>());
    for (std::uint32_t& one : numbers) one = good ? number<std::uint32_t>() : 0;
    good = good && cell.sample.assign(std::move(numbers), bound);
    return cell;
  }
  [[nodiscard]] bool done() const { return good && bytes_.empty(); }
  bool good = true;

 private:
  ByteView bytes_;
};

}  // namespace

Bytes write_families(const std::vector<Family>& families) {
  Writer writer;
  writer.number(kVersion);
  writer.number(static_cast<std::uint16_t>(families.size()));
  for (const Family& family : families) {
    writer.number(
        static_cast<std::uint8_t>((family.tells_people ? 1U : 0U) | (family.tells_amount ? 2U : 0U)));
    writer.number(family.scope);
    writer.number(static_cast<std::uint32_t>(family.cells.size()));
    for (const ReleasedCell& cell : family.cells) writer.cell(cell);
  }
  return std::move(writer.bytes);
}

Result<std::vector<Family>> read_families(ByteView bytes) {
  Reader reader(bytes);
  reader.good = reader.number<std::uint8_t>() == kVersion;
  const std::size_t count = reader.number<std::uint16_t>();
  std::vector<Family> families;
  for (std::size_t i = 0; i < count && reader.good && count <= kMostFamilies; ++i) {
    Family& family = families.emplace_back();
    const auto tells = reader.number<std::uint8_t>();
    family.tells_people = (tells & 1U) != 0;
    family.tells_amount = (tells & 2U) != 0;
    reader.good = reader.good && tells < 4;
    family.scope = reader.number<std::uint64_t>();
    const std::size_t cells = reader.number<std::uint32_t>();
    for (std::size_t c = 0; c < cells && reader.good; ++c) family.cells.push_back(reader.cell());
  }
  if (reader.done()) return families;
  return Error{
      ErrorKind::corrupt,
      "reading what was released before: these are not its bytes: restore the gate's home from a backup"};
}

}  // namespace sceau::release
