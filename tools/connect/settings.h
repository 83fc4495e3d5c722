// The run-time settings of one session: those of PostgreSQL that clients set, and sceau.… that say under
// which project, for which purpose and as which kind of request statements are signed.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "replies.h"
#include "warehouse.h"

namespace sceau::connect {

class Settings {
 public:
  // Defaults that check() finds nothing wrong with.
  Settings(const Wanted& defaults, const std::string& user);
  // 22023: a kind or a number of rows that SET would not take.
  static std::optional<Problem> check(const Wanted& defaults);

  // 42704: unknown. 22023: a value that this server does not work with.
  std::optional<Problem> set(const std::string& name, const std::string& value);
  std::optional<Problem> reset(const std::string& name);
  void reset_all();
  // Without regard to case; nothing for an unknown one.
  [[nodiscard]] std::optional<std::string> get(const std::string& name) const;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> all() const;
  // Those that clients are told of whenever they change, by their own spelling.
  [[nodiscard]] static const std::vector<std::string>& reported();

  [[nodiscard]] Wanted wanted() const;                   // what data is asked for with
  [[nodiscard]] std::int64_t statement_timeout() const;  // milliseconds; 0: none

 private:
  struct Setting {
    std::string name, value, first;
  };
  [[nodiscard]] const Setting* find(const std::string& name) const;
  [[nodiscard]] static std::optional<Problem> check(const std::string& name, const std::string& value);
  std::map<std::string, Setting> settings_;  // by lower-case name
};

}  // namespace sceau::connect
