// The bytes of one delivery, kept until they have been verified and read: in memory while they are few, then
// in a file without a name, which no other program finds and which ends with this one.
#pragma once

#include <filesystem>

#include "rows.h"
#include "sceau/base/digest.h"
#include "sceau/base/files.h"

namespace sceau::connect {

class Spool {
 public:
  // `folder`: where the file is made, if it comes to that.
  explicit Spool(std::filesystem::path folder, std::size_t in_memory = 4U << 20U)
      : folder_(std::move(folder)), in_memory_(in_memory) {}

  // unavailable: the disk is full.
  Status write(ByteView piece);
  // Fewer bytes than asked for only at the end.
  Result<std::size_t> read(std::uint64_t offset, char* into, std::size_t count) const;
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] Digest digest() const { return digest_.current(); }

 private:
  Status to_file();
  std::filesystem::path folder_;
  std::size_t in_memory_;
  std::string memory_;
  FileDescriptor file_;
  std::uint64_t size_ = 0;
  DigestStream digest_;
};

// The gate's CSV (RFC 4180, FORMATS.md) as rows: a field of nothing is NULL, "" an empty text. The types are
// the caller's, column by column.
class SpooledRows final : public Rows {
 public:
  // corrupt: the header has another number of columns.
  static Result<std::unique_ptr<SpooledRows>> open(std::unique_ptr<Spool> spool, std::vector<Column> columns);
  [[nodiscard]] const std::vector<Column>& columns() const override { return columns_; }
  Result<bool> next(std::vector<Value>& row) override;

 private:
  SpooledRows(std::unique_ptr<Spool> spool, std::vector<Column> columns)
      : spool_(std::move(spool)), columns_(std::move(columns)) {}
  Result<int> character();  // -1 at the end
  Result<bool> quoted_field(std::string& into);
  std::unique_ptr<Spool> spool_;
  std::vector<Column> columns_;
  std::string buffer_;
  std::size_t at_ = 0;
  std::uint64_t offset_ = 0;
};

}  // namespace sceau::connect
