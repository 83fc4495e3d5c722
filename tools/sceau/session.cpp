// Sessions at a gate: opened by slot 9A, kept between commands in a file that only their owner reads.
#include "act.h"
#include "fido.h"
#include "sceau/base/files.h"

namespace sceau::tool {
namespace {

namespace fs = std::filesystem;

constexpr Time kSpare = 60;  // a session this near its end is not worth using

// $XDG_RUNTIME_DIR/sceau, which the system empties at log-out; without it, the home.
Result<fs::path> session_file(Workplace& place, const Connection& connection, const Holder& holder) {
  auto home = place.home();
  if (!home) return home.error();
  const auto runtime = environment("XDG_RUNTIME_DIR");
  const fs::path folder = runtime.empty() ? memory_folder(*home) : fs::path(runtime) / "sceau";
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed)
    return Error{ErrorKind::unavailable,
                 "no folder for sessions: " + folder.string() + ": " + failed.message()};
  const auto name = sha256({as_bytes(connection.state.realm), as_bytes("\n"),
                            as_bytes(connection.gate->url()), as_bytes("\n"), as_bytes(holder.serial())});
  return folder / (to_hex(name).substr(0, 24) + ".session");
}

struct KeptSession {
  std::string bearer;
  Digest login{};
};

// A session that still holds, or nothing.
std::optional<KeptSession> kept_session(const fs::path& file, Time now) {
  auto bytes = read_file(file, 4096);
  if (!bytes) return std::nullopt;
  auto value = statement::parse_wire(*bytes, 4096);
  if (!value) return std::nullopt;
  auto bearer = statement::text_field(*value, "session");
  auto login = statement::digest_field(*value, "login");
  auto until = statement::time_field(*value, "until");
  if (!bearer || !login || !until || now + kSpare >= *until) return std::nullopt;
  return KeptSession{*bearer, *login};
}

Status keep_session(const fs::path& file, const Digest& login, const client::Submitted& submitted) {
  if (!submitted.session_until) return {};
  return write_file(
      file,
      statement::to_canonical_bytes(statement::Object{{"login", login},
                                                      {"session", *submitted.session},
                                                      {"until", to_rfc3339(*submitted.session_until)}}),
      0600);
}

Result<SignedAct> sign_login(Workplace& place, const Connection& connection, Holder& holder) {
  auto who = holder.signatory(token::Slot::authentication);
  if (!who) return who.error();
  auto statement =
      place.author().write(connection.position, "login", who->person,
                           statement::Object{{"audience", connection.state.gate}}, client::kRequestWindow);
  if (!statement) return statement.error();
  auto signature = holder.sign(*statement, place.clock.now(), token::Slot::authentication);
  if (!signature) return signature.error();
  return SignedAct{std::move(*statement), evidence::serialise({{std::move(*signature)}})};
}

// Whether the gate still takes the session that the connection carries.
bool still_taken(client::GateClient& gate) {
  auto answer = gate.get("/requests?state=none");
  return answer || answer.error().kind != ErrorKind::authentication;
}

// What the registry says is this FIDO2 key's: its signatures are held against that before they go out.
Status learn_public_key(Workplace& place, Holder& holder) {
  if (holder.fido() == nullptr) return {};
  auto enrolled = enrolled_fido_keys(place, false);
  if (!enrolled) return enrolled.error();
  const auto key = enrolled->keys.find(sha256(holder.fido()->credential.id));
  if (key != enrolled->keys.end()) holder.know_public_key(key->second.public_key);
  return {};
}

}  // namespace

Status log_in(Workplace& place, Holder& holder, bool anew) {
  auto connection = place.connect();
  if (!connection) return connection.error();
  auto& gate = *(*connection)->gate;
  auto file = session_file(place, **connection, holder);
  if (!file) return file.error();
  if (const auto kept = anew ? std::nullopt : kept_session(*file, place.clock.now())) {
    gate.use_session(kept->bearer);
    (*connection)->login = kept->login;
    if (still_taken(gate)) return {};
    gate.use_session({});
  }
  auto act = sign_login(place, **connection, holder);
  if (!act) return act.error();
  auto submitted = submit(place, *act);
  if (!submitted) return submitted.error();
  if (!submitted->session)
    return Error{ErrorKind::corrupt, "the gate admitted the log-in and gave no session"};
  gate.use_session(*submitted->session);
  const Digest login = statement::digest(act->statement);
  (*connection)->login = login;
  return keep_session(*file, login, *submitted);
}

Result<std::unique_ptr<Holder>> open_logged_in(Workplace& place, const std::string& token, bool anew) {
  if (auto address = place.gate_address(); !address) return address.error();
  auto holder = Holder::open(place, token);
  if (!holder) return holder;
  if (auto session = log_in(place, **holder, anew); !session) return session.error();
  if (auto learnt = learn_public_key(place, **holder); !learnt) return learnt.error();
  return holder;
}

}  // namespace sceau::tool
