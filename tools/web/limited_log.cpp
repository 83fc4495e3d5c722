#include "limited_log.h"

#include "sceau/statement/value.h"

namespace sceau::web {
namespace {

constexpr Time kMinute = 60;
constexpr unsigned kLinesEachMinute = 30;
constexpr std::size_t kLongestLine = 400;

}  // namespace

void LimitedLog::warn(const std::string& line) {
  if (!write_) return;
  const Time now = clock_.now();
  const std::lock_guard held(mutex_);
  if (now - minute_ >= kMinute || now < minute_) {
    if (withheld_ > 0) write_(std::to_string(withheld_) + " more such warnings were not written");
    minute_ = now;
    written_ = withheld_ = 0;
  }
  if (written_ >= kLinesEachMinute) {
    ++withheld_;
    return;
  }
  ++written_;
  const std::string cut = line.substr(0, kLongestLine);
  write_(statement::check_text(cut) ? cut : "a warning with characters that cannot be shown");
}

}  // namespace sceau::web
