#include "sceau/gate/gate.h"

#include "held.h"
#include "spool.h"
#include "state.h"

namespace sceau::gate {
namespace {

constexpr Time kSummaryInterval = 60;

// A registry that knows this gate must know it by the keys that are here.
Status check_own_keys(const registry::Registry& registry, const HomeConfig& config, const HomeKeys& keys) {
  if (!registry.has_genesis()) return {};
  if (registry.realm() != config.realm) {
    return Error{ErrorKind::refused, "opening the home: sceau.toml says realm \"" + config.realm +
                                         "\", the ledger's genesis \"" + registry.realm() +
                                         "\": correct sceau.toml"};
  }
  for (const registry::GateKey& gate : registry.gates()) {
    if (gate.id != config.gate) continue;
    if (gate.certificate != keys.certificate.digest() || gate.log != keys.checkpoint.vkey()) {
      return Error{ErrorKind::refused,
                   "opening the home: gate \"" + config.gate +
                       "\" is enrolled with other keys than gate.pem and checkpoint.key: put the "
                       "enrolled ones back, or rotate with two administrators"};
    }
  }
  return {};
}

}  // namespace

Gate::State::State(GateOptions given, HomeConfig read, HomeLock taken, HomeKeys held,
                   std::shared_ptr<const Sealing> sealed, std::unique_ptr<ledger::Ledger> log,
                   registry::Registry folded)
    : options(std::move(given)),
      home(options.home),
      config(std::move(read)),
      lock(std::move(taken)),
      keys(std::move(held)),
      sealing(std::move(sealed)),
      recorder(std::move(log), std::move(folded), *options.clock),
      planner(config, recorder.log()),
      turns(config.runs) {}

void Gate::State::say(LogLevel level, const std::string& line) const {
  if (options.log) options.log(level, line);
}

void Gate::State::changed(const Digest& request) const {
  if (observer) observer(request);
}

Gate::Gate(std::unique_ptr<State> state) : state_(std::move(state)) {}

Gate::~Gate() {
  if (state_) state_->stop.request_stop();
}

Result<std::unique_ptr<Gate>> Gate::open(GateOptions options) {
  const Home home(options.home);
  auto config = read_home_config(home);
  if (!config) return config.error();
  auto lock = HomeLock::take(home);
  if (!lock) return lock.error();
  auto keys = read_home_keys(home, *config);
  if (!keys) return keys.error();
  auto signer = read_home_keys(home, *config);  // the ledger keeps a checkpoint signer of its own
  if (!signer) return signer.error();
  auto read_sealing = Sealing::read(home, keys->pseudonym);
  if (!read_sealing) return read_sealing.error().within("opening the home");
  auto sealing = std::make_shared<const Sealing>(std::move(*read_sealing));
  auto log = ledger::Ledger::open(
      home.file("ledger.db"), std::move(signer->checkpoint),
      {options.ledger_vfs, [sealing](ByteView envelope) { return sealing->unseal(envelope); }});
  if (!log) return log.error().within("opening the ledger");
  auto registry = registry::Registry::fold(**log);
  if (!registry) return registry.error().within("reading the ledger");
  if (auto status = check_own_keys(*registry, *config, *keys); !status) return status.error();
  clear_spool(home.file("spool"));

  auto state =
      std::make_unique<State>(std::move(options), std::move(*config), std::move(*lock), std::move(*keys),
                              std::move(sealing), std::move(*log), std::move(*registry));
  if (auto status = state->recorder.load(); !status) return status.error().within("reading the ledger");
  if (auto status = state->recover(); !status) return status.error().within("recovering what was running");
  return std::unique_ptr<Gate>(new Gate(std::move(state)));
}

Status Gate::State::recover() {
  erase_named();
  const auto open = recorder.read([](const registry::Registry& registry) {
    std::vector<registry::Request> copies;
    for (const registry::Request* request : registry.open_requests()) copies.push_back(*request);
    return copies;
  });
  for (const registry::Request& request : open) {
    if (request.state == registry::RequestState::pending) admit_when_approved(request.digest);
    if (request.state != registry::RequestState::running &&
        request.state != registry::RequestState::checked) {
      continue;
    }
    // Of a script that may have been committed the database knows.
    if (request.kind == "work") continue;
    auto facts = interrupted_by_crash(request);
    if (!facts) return facts.error();
    if (auto status = record_result(*facts); !status) return status.error();
    say(LogLevel::warning, "request " + to_hex(request.digest) +
                               " was running when this gate last ended: its result is interrupted");
  }
  end_refused();
  sweep_held();
  settle_scripts();
  return {};
}

void Gate::on_change(std::function<void(const Digest&)> observer) { state_->observer = std::move(observer); }

void Gate::tick() {
  state_->write_owed();
  state_->settle_scripts();
  state_->end_refused();
  state_->admit_approved();
  state_->expire_requests();
  state_->summarise(kSummaryInterval);
}

void Gate::stop_running() { state_->stop.request_stop(); }

void Gate::finish() {
  state_->write_owed();
  state_->summarise(0);
}

void Gate::State::write_owed() {
  std::vector<ResultFacts> facts;
  {
    const std::lock_guard held(extraction_mutex);
    for (const auto& [request, owing] : owed) facts.push_back(owing);
  }
  for (const ResultFacts& owing : facts) {
    if (record_result(owing)) changed(owing.request);
  }
}

std::vector<Digest> Gate::State::may_take(registry::RequestState step) const {
  const Time now = recorder.now();
  return recorder.read([now, step](const registry::Registry& registry) {
    std::vector<Digest> digests;
    for (const registry::Request* request : registry.open_requests()) {
      if (registry.check_step(request->digest, step, now)) digests.push_back(request->digest);
    }
    return digests;
  });
}

void Gate::State::admit_approved() {
  for (const Digest& request : may_take(registry::RequestState::admitted)) admit_when_approved(request);
}

std::string Gate::State::why_not_begun(const Digest& request) const {
  const Time now = recorder.now();
  return recorder.read([&](const registry::Registry& registry) {
    const registry::Request* known = registry.request(request);
    if (known == nullptr || known->state != registry::RequestState::admitted) return std::string();
    const Status goes_on = registry.check_goes_on(request, now);
    return goes_on ? std::string() : goes_on.error().message;
  });
}

void Gate::State::expire_requests() {
  for (const Digest& request : may_take(registry::RequestState::expired)) {
    if (!take(request)) continue;  // its rows are being fetched
    const std::string why = why_not_begun(request);
    statement::Object details;
    if (!why.empty()) details.emplace("reason", line_for_statement(why, kReasonLimit));
    const Status status = record_step(request, registry::RequestState::expired, std::move(details));
    if (status) {
      destroy_held(home.file("held"), request);
      if (!why.empty()) say(LogLevel::info, why);
    } else {
      say(LogLevel::warning,
          "request " + to_hex(request) + " could not be expired: " + status.error().message);
    }
    release(request);
  }
}

void Gate::State::summarise(Time interval) {
  const auto counted = rubbish.take(recorder.now(), interval);
  if (!counted) return;
  statement::Array counts;
  for (const auto& [reason, count] : counted->reasons) {
    counts.emplace_back(statement::Object{{"reason", reason}, {"count", count}});
  }
  const statement::Object body{{"from", to_rfc3339(counted->from)},
                               {"until", to_rfc3339(counted->until)},
                               {"counts", std::move(counts)}};
  auto recorded = recorder.record({"gate.summary", false, [&](const Standing& standing) {
                                     return alone(own_entry(standing, "gate.summary", body));
                                   }});
  if (!recorded) rubbish.put_back(*counted);
}

const ledger::Ledger& Gate::ledger() const { return state_->recorder.log(); }
const HomeConfig& Gate::config() const { return state_->config; }
void Gate::with_registry(const std::function<void(const registry::Registry&)>& reader) const {
  state_->recorder.read([&](const registry::Registry& registry) { reader(registry); });
}

}  // namespace sceau::gate
