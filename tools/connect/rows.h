// Rows of a result, one after the other, as texts.
#pragma once

#include <memory>
#include <vector>

#include "sceau/base/result.h"
#include "values.h"

namespace sceau::connect {

class Rows {
 public:
  Rows() = default;
  virtual ~Rows() = default;
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;
  [[nodiscard]] virtual const std::vector<Column>& columns() const = 0;
  // False: there are no more. The values stay as many as the columns.
  virtual Result<bool> next(std::vector<Value>& row) = 0;
};

// Rows in memory.
class HeldRows final : public Rows {
 public:
  explicit HeldRows(std::vector<Column> columns, std::vector<std::vector<Value>> rows = {})
      : columns_(std::move(columns)), rows_(std::move(rows)) {}
  [[nodiscard]] const std::vector<Column>& columns() const override { return columns_; }
  Result<bool> next(std::vector<Value>& row) override {
    if (at_ >= rows_.size()) return false;
    row = rows_[at_++];
    return true;
  }

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<Value>> rows_;
  std::size_t at_ = 0;
};

}  // namespace sceau::connect
