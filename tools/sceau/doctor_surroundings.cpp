// What the card's work meets: the gate, the clocks, the machine's own log-in.
#include <algorithm>

#include "doctor_checks.h"
#include "sceau/base/files.h"

namespace sceau::tool {
namespace {

namespace fs = std::filesystem;

constexpr Time kSkew = 60;  // what a gate allows
constexpr Time kUneasy = 10;

// One line of a PAM file, comments gone: its words.
std::vector<std::string> words_of(std::string_view line) {
  line = line.substr(0, line.find('#'));
  std::vector<std::string> words;
  std::string word;
  bool bracket = false;
  for (const char c : std::string(line) + " ") {
    bracket = c == '[' || (bracket && c != ']');
    if (bracket || (c != ' ' && c != '\t')) {
      word += c;
      continue;
    }
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  }
  return words;
}

struct Stack {
  bool ours = false;        // pam_sceau.so is in its auth lines
  bool other = false;       // so is something else that lets people in
  bool compulsory = false;  // ours is required or requisite
  std::string module;       // as it is written
};

Stack read_stack(std::string_view text) {
  Stack stack;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto words = words_of(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (!words.empty() && words[0] == "@include") stack.other = true;
    if (words.size() < 3 || (words[0] != "auth" && words[0] != "-auth")) continue;
    if (words[2].ends_with("pam_sceau.so")) {
      stack.ours = true;
      stack.module = words[2];
      stack.compulsory = stack.compulsory || words[1] == "required" || words[1] == "requisite";
    } else if (words[2].ends_with("pam_unix.so") || words[2].ends_with("pam_sss.so") ||
               words[1] == "include" || words[1] == "substack") {
      stack.other = true;
    }
  }
  return stack;
}

bool module_installed(const fs::path& root, const std::string& module) {
  std::error_code ignored;
  if (module.starts_with('/')) return fs::exists(root / module.substr(1), ignored);
  for (const char* folder : {"usr/lib", "lib", "usr/local/lib", "usr/lib64"}) {
    if (fs::exists(root / folder / "security" / module, ignored)) return true;
    for (fs::directory_iterator entry(root / folder, ignored), end; !ignored && entry != end;
         entry.increment(ignored))
      if (fs::exists(entry->path() / "security" / module, ignored)) return true;
  }
  return false;
}

}  // namespace

Symptoms check_clock(Time ours, Time gates) {
  const Time apart = ours > gates ? ours - gates : gates - ours;
  const std::string text = "this machine's clock is " + counted(static_cast<std::uint64_t>(apart), "second") +
                           (ours > gates ? " ahead of" : " behind") + " the gate's";
  const char* const advice =
      "set it: timedatectl set-ntp true (or chronyd); statements bear this machine's time";
  if (apart > kSkew) return {{"clock", Health::bad, text, advice}};
  if (apart > kUneasy) return {{"clock", Health::note, text, advice}};
  return {{"clock", Health::good, "this machine's clock and the gate's agree", {}}};
}

Symptoms check_gate(Workplace& place) {
  auto address = place.gate_address();
  const auto home = place.home();
  if (!address && home && exists(*home / "sceau.toml"))
    return {{"gate", Health::bad, "no gate runs in " + home->string(),
             "start it: sceaud --home " + home->string()}};
  if (!address && address.error().kind == ErrorKind::not_found)
    return {{"gate", Health::note, "no gate is known here",
             "say --gate URL --gate-certificate PEM, once with 'sceau login --remember'"}};
  if (!address) return {{"gate", Health::bad, address.error().message, "correct it"}};
  Symptoms found;
  const auto before = place.clock.now();
  auto connection = place.connect();
  if (!connection) {
    found.push_back({"gate", Health::bad, address->url + ": " + connection.error().message,
                     connection.error().kind == ErrorKind::refused
                         ? "sign nothing, and tell the auditor"
                         : "look at the network, at --gate and at --gate-certificate"});
    return found;
  }
  found.push_back(
      {"gate", Health::good, address->url + " answers for " + shown((*connection)->state.realm), {}});
  // The gate looked at its clock somewhere between asking and now.
  const auto ours = before + (place.clock.now() - before) / 2;
  const auto clock = check_clock(ours, (*connection)->state.time);
  found.insert(found.end(), clock.begin(), clock.end());
  return found;
}

Symptoms check_pam(const fs::path& root) {
  Symptoms found;
  std::error_code failed;
  for (fs::directory_iterator entry(root / "etc/pam.d", failed), end; !failed && entry != end;
       entry.increment(failed)) {
    auto text = read_file(entry->path(), 1U << 20U);
    if (!text) continue;
    const auto stack = read_stack(as_text(*text));
    if (!stack.ours) continue;
    const auto name = "log-in to " + entry->path().filename().string();
    if (!module_installed(root, stack.module)) {
      found.push_back({"pam", Health::bad, name + " wants " + stack.module + ", which is not installed",
                       "install it before you log out: PAM refuses everybody without it"});
    } else if (stack.compulsory && !stack.other) {
      found.push_back({"pam", Health::note, name + " works by card alone",
                       "keep another way in for a day without cards: a root shell on the console"});
    } else {
      found.push_back(
          {"pam", Health::good, name + (stack.compulsory ? " wants the card" : " takes the card"), {}});
    }
  }
  std::sort(found.begin(), found.end(), [](const Symptom& a, const Symptom& b) { return a.text < b.text; });
  return found;
}

}  // namespace sceau::tool
