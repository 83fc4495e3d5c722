#include "spool.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace sceau::connect {
namespace {

Error no_room() {
  return {ErrorKind::unavailable, "the rows find no room on this machine's disk (" +
                                      system_error_text(errno) +
                                      "): make some in the home's folder and ask again"};
}

Error not_csv() {
  return {ErrorKind::corrupt,
          "the gate's rows are not the CSV that they should be: use none of them, and tell its "
          "operator"};
}

Status write_whole(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto done = ::write(descriptor, bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return no_room();
    bytes.remove_prefix(static_cast<std::size_t>(done));
  }
  return {};
}

}  // namespace

Status Spool::to_file() {
  file_.reset(::open(folder_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!file_.valid()) return no_room();
  auto written = write_whole(file_.get(), memory_);
  memory_.clear();
  memory_.shrink_to_fit();
  return written;
}

Status Spool::write(ByteView piece) {
  digest_.update(piece);
  size_ += piece.size();
  if (!file_.valid() && memory_.size() + piece.size() <= in_memory_) {
    memory_.append(as_text(piece));
    return {};
  }
  if (!file_.valid()) {
    if (auto made = to_file(); !made) return made;
  }
  return write_whole(file_.get(), as_text(piece));
}

Result<std::size_t> Spool::read(std::uint64_t offset, char* into, std::size_t count) const {
  if (!file_.valid()) {
    if (offset >= memory_.size()) return std::size_t{0};
    return memory_.copy(into, count, static_cast<std::size_t>(offset));
  }
  std::size_t got = 0;
  while (got < count) {
    const auto done = ::pread(file_.get(), into + got, count - got, static_cast<off_t>(offset + got));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0)
      return Error{ErrorKind::unavailable,
                   "reading the rows back: " + system_error_text(errno) + ": ask again"};
    if (done == 0) break;
    got += static_cast<std::size_t>(done);
  }
  return got;
}

Result<std::unique_ptr<SpooledRows>> SpooledRows::open(std::unique_ptr<Spool> spool,
                                                       std::vector<Column> columns) {
  std::unique_ptr<SpooledRows> rows(new SpooledRows(std::move(spool), std::move(columns)));
  std::vector<Value> header;
  auto read = rows->next(header);
  if (!read) return read.error();
  if (!*read) return not_csv();
  for (std::size_t i = 0; i < header.size(); ++i) rows->columns_[i].name = header[i].value_or("");
  return rows;
}

Result<int> SpooledRows::character() {
  if (at_ == buffer_.size()) {
    buffer_.resize(65536);
    auto got = spool_->read(offset_, buffer_.data(), buffer_.size());
    if (!got) return got.error();
    buffer_.resize(*got);
    offset_ += *got;
    at_ = 0;
    if (*got == 0) return -1;
  }
  return static_cast<unsigned char>(buffer_[at_++]);
}

// After its first quote; true when it was the last of its row. The quote that ends it is followed by a comma
// or the row's end.
Result<bool> SpooledRows::quoted_field(std::string& into) {
  for (;;) {
    auto next = character();
    if (!next) return next.error();
    if (*next < 0) return not_csv();
    if (*next != '"') {
      into += static_cast<char>(*next);
      continue;
    }
    next = character();
    if (!next) return next.error();
    if (*next == '"') {
      into += '"';
      continue;
    }
    if (*next == ',') return false;
    if (*next != '\r') return not_csv();
    next = character();
    if (!next) return next.error();
    return *next == '\n' ? Result<bool>(true) : Result<bool>(not_csv());
  }
}

Result<bool> SpooledRows::next(std::vector<Value>& row) {
  row.clear();
  row.reserve(columns_.size());
  std::string field;
  for (;;) {
    auto read = character();
    if (!read) return read.error();
    if (*read < 0 && row.empty() && field.empty()) return false;
    if (*read == '"' && field.empty()) {
      auto last = quoted_field(field);
      if (!last) return last.error();
      row.emplace_back(std::move(field));
      field.clear();
      if (*last) break;
    } else if (*read == ',' || *read == '\r') {
      row.push_back(field.empty() ? Value() : Value(std::move(field)));
      field.clear();
      if (*read == ',') continue;
      auto end = character();
      if (!end) return end.error();
      if (*end != '\n') return not_csv();
      break;
    } else if (*read < 0 || row.size() >= columns_.size()) {
      return not_csv();
    } else {
      field += static_cast<char>(*read);
    }
  }
  return row.size() == columns_.size() ? Result<bool>(true) : Result<bool>(not_csv());
}

}  // namespace sceau::connect
