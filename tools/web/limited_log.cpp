#include "limited_log.h"

#include <algorithm>

#include "sceau/statement/value.h"

namespace sceau::web {
namespace {

constexpr Time kMinute = 60;
constexpr unsigned kLinesEachMinute = 30;
constexpr std::size_t kLongestLine = 400;

// Nothing of a line that anybody may have made shows as another line, or hides one.
std::string plain(std::string line) {
  if (statement::check_text(line)) return line;
  std::ranges::replace_if(
      line, [](char c) { return c < ' ' || c > '~'; }, '?');
  return line;
}

}  // namespace

void LimitedLog::begin_minute() {
  const Time now = clock_.now();
  if (now - minute_ < kMinute && now >= minute_) return;
  if (withheld_ > 0) write_(std::to_string(withheld_) + " more such warnings were not written");
  minute_ = now;
  written_ = withheld_ = 0;
}

void LimitedLog::tick() {
  const std::lock_guard held(mutex_);
  if (write_) begin_minute();
}

void LimitedLog::warn(const std::string& line) {
  if (!write_) return;
  const std::lock_guard held(mutex_);
  begin_minute();
  if (written_ >= kLinesEachMinute) {
    ++withheld_;
    return;
  }
  ++written_;
  write_(plain(line.substr(0, kLongestLine)));
}

}  // namespace sceau::web
