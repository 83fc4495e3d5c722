// The gate as the warehouse, behind one person's token: what every session shares of it, and what each has.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "act.h"
#include "outcome.h"
#include "warehouse.h"

namespace sceau::connect {

// The token, used by one session at a time, and what is known of projects.
class Desk {
 public:
  // Everything is borrowed, and outlives it.
  Desk(tool::Workplace& place, tool::Holder& holder) : place_(place), holder_(holder) {}

  // A connection of its own to the gate for `place`, with a session opened by this token's holder.
  Status connect(tool::Workplace& place, bool anew);
  // Shows on this terminal what will be signed, and signs it. Work is signed by the key for sessions where
  // the token has one: without a touch, and with no more than a line here.
  Result<tool::SignedAct> sign(tool::Workplace& place, statement::Object body, bool work);
  // A project as the registry has it, asked for once a minute.
  Result<statement::Value> project(tool::Workplace& place, const std::string& id);
  [[nodiscard]] const tool::Workplace::Options& options() const { return place_.options; }
  [[nodiscard]] std::string label() const { return holder_.label(); }
  // The command at whose terminal the holder is asked.
  [[nodiscard]] std::string signs_at() const { return holder_.has_agent() ? "agent" : "connect"; }
  Result<std::filesystem::path> folder() const;

 private:
  std::mutex mutex_;
  tool::Workplace& place_;
  tool::Holder& holder_;
  std::optional<std::string> person_;
  std::optional<bool> session_key_;
  struct Known {
    statement::Value project;
    Time at = 0;
  };
  std::map<std::string, Known> projects_;
};

class GateWarehouse final : public Warehouse {
 public:
  explicit GateWarehouse(Desk& desk) : desk_(desk) { place_.options = desk.options(); }

  Result<std::shared_ptr<const Tables>> tables(const Wanted& wanted, bool anew) override;
  Result<std::unique_ptr<Spool>> rows(const Wanted& wanted, const std::string& sql,
                                      Waiting& waiting) override;
  Status work(const Wanted& wanted, const std::vector<std::string>& sql, Waiting& waiting) override;

 private:
  Status connected();
  Result<std::string> source(const Wanted& wanted);
  Result<statement::Object> body(const Wanted& wanted, const std::string& kind,
                                 const std::vector<std::string>& sql);
  Result<tool::SignedAct> sign(const Wanted& wanted, const std::string& kind,
                               const std::vector<std::string>& sql, Waiting& waiting);
  // The rows of what was sent and is in that state, once it is approved.
  Result<std::unique_ptr<Spool>> collect(const Digest& request, const std::string& state, Waiting& waiting);
  Status wait_for_approval(const Digest& request, Waiting& waiting);
  // Says so when the rows do not come because they are held.
  void tell_quarantine(const Digest& request, Waiting& waiting);
  Result<std::unique_ptr<Spool>> receive(const Digest& request, Waiting& waiting);
  // That the gate delivered, with these rows and no others, and its notices.
  static Status hear(const tool::Outcome& outcome, const Digest& rows, Waiting& waiting);
  template <typename Act>
  auto again_when_logged_out(const Act& act) -> decltype(act());

  Desk& desk_;
  tool::Workplace place_;  // a connection to the gate is for one thread
  bool connected_ = false;
  std::shared_ptr<const Tables> tables_;
  std::string tables_of_;
  Time tables_at_ = 0, seen_at_ = 0;
};

}  // namespace sceau::connect
