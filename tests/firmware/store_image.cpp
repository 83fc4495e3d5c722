#include "store_image.h"

#include <algorithm>
#include <functional>

namespace sceau::firmware::test {

namespace {

// Whether all bytes are the first one, and that one is `value`.
bool filled(ByteView bytes, std::uint8_t value) {
  return bytes.empty() ||
         (bytes[0] == value && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

void read_page(ByteView page, Image& image) {
  if (filled(page, 0xFF)) return;
  if (decode_source(load_le32(page.data() + 12)) >= 0) image.clean = false;
  std::size_t offset = kPageHeader;
  while (offset + kRecordHeader <= page.size()) {
    RecordHeaderBytes header{};
    copy(page.subspan(offset), header);
    const Record record = decode(header);
    if (record.size == 0 || offset + record.size > page.size()) break;
    const ByteView bytes = page.subspan(offset, record.size);
    if (record.in_force()) {
      image.state +=
          std::hash<std::string_view>()({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
      image.keys.push_back(record.header.key);
    } else if (!filled(bytes.subspan(kRecordState), 0)) {
      image.clean = false;
    }
    offset += record.size;
  }
  const ByteView rest = page.subspan(offset);
  if (!filled(rest, 0) && !filled(rest, 0xFF)) image.clean = false;
}

}  // namespace

Image read_image(ByteView flash, std::size_t page_size) {
  Image image;
  for (std::size_t at = 0; at < flash.size(); at += page_size) read_page(flash.subspan(at, page_size), image);
  std::sort(image.keys.begin(), image.keys.end());
  image.keys.erase(std::unique(image.keys.begin(), image.keys.end()), image.keys.end());
  return image;
}

}  // namespace sceau::firmware::test
