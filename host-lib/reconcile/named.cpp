#include "named.h"

namespace sceau::reconcile {

using Kind = NameUse::Kind;

void Named::make(const NameUse& use) {
  if (use.kind == Kind::prepare) {
    prepared_.insert(use.name);
    last_prepared_.insert(use.name);
  } else if (use.kind == Kind::declare || use.kind == Kind::declare_hold) {
    cursors_[use.name] = {use.kind == Kind::declare_hold, false, savepoint_};
    last_cursors_.insert(use.name);
  } else if (use.kind == Kind::begin) {
    in_block_ = true;
  } else if (use.kind == Kind::savepoint) {
    savepoint_ = true;
  }
}

void Named::commit() {
  std::erase_if(cursors_, [](const auto& one) { return !one.second.hold; });
  for (auto& [name, cursor] : cursors_) {
    if (!cursor.committed) last_cursors_.insert(name);
    cursor.committed = true;
  }
  in_block_ = savepoint_ = false;
}

void Named::roll_back() {
  std::erase_if(cursors_, [](const auto& one) { return !one.second.committed; });
  in_block_ = savepoint_ = false;
}

void Named::end(const NameUse& use) {
  if (use.kind == Kind::deallocate) {
    if (use.name.empty()) prepared_.clear();
    prepared_.erase(use.name);
  } else if (use.kind == Kind::close) {
    if (use.name.empty()) cursors_.clear();
    cursors_.erase(use.name);
  } else if (use.kind == Kind::discard) {
    prepared_.clear();
    cursors_.clear();
  } else if (use.kind == Kind::commit) {
    commit();
  } else if (use.kind == Kind::roll_back) {
    roll_back();
  } else if (use.kind == Kind::roll_back_to) {
    std::erase_if(cursors_,
                  [](const auto& one) { return !one.second.committed && one.second.after_savepoint; });
  }
}

std::vector<std::string> Named::follow(const std::vector<NameUse>& uses, bool vouched, bool makes) {
  std::vector<std::string> unknown;
  if (makes) {
    last_prepared_.clear();
    last_cursors_.clear();
  }
  for (const NameUse& use : uses) {
    if (use.kind == Kind::execute && !vouched && !prepared_.contains(use.name))
      unknown.push_back("what \"" + use.name + "\" was prepared as is not in the log");
    if (use.kind == Kind::fetch && !cursors_.contains(use.name))
      unknown.push_back("what cursor \"" + use.name + "\" reads is not in the log");
    if (makes) make(use);
    end(use);
  }
  // Outside of a block each text is a transaction.
  if (!in_block_) commit();
  return unknown;
}

void Named::failed() {
  for (const std::string& name : last_prepared_) prepared_.erase(name);
  for (const std::string& name : last_cursors_) cursors_.erase(name);
  // A block that failed is rolled back, even where COMMIT ends it.
  std::erase_if(cursors_, [](const auto& one) { return !one.second.committed && !one.second.hold; });
  for (auto& [name, cursor] : cursors_) {
    if (!cursor.committed) cursor.hold = false;
  }
}

}  // namespace sceau::reconcile
