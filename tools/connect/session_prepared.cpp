#include <algorithm>

#include "session.h"
#include "tree.h"

namespace sceau::connect {
namespace {

constexpr std::size_t kMostPrepared = 1000;
constexpr int kMostTried = 6;  // parameters of unknown type whose types are found by trying

std::vector<std::string> literals_of(const std::vector<Value>& values,
                                     const std::vector<std::uint32_t>& types) {
  std::vector<std::string> literals;
  literals.reserve(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) literals.push_back(literal(values[i], types[i]));
  return literals;
}

Result<Sentence> only_sentence(const std::string& sql) {
  auto sentences = read_sentences(sql);
  if (!sentences) return sentences.error();
  if (sentences->empty()) {
    Sentence empty;
    empty.kind = Sentence::Kind::nothing;
    return empty;
  }
  if (sentences->size() > 1)
    return Error{ErrorKind::invalid, "cannot insert multiple commands into a prepared statement"};
  return std::move(sentences->front());
}

}  // namespace

// A statement with its values in it: what is signed is what is run. A value whose type the client left open
// is a text, unless only a number makes sense there.
Result<Sentence> Session::bound(const Prepared& prepared, const std::vector<Value>& values,
                                const std::vector<bool>& binary) {
  if (values.size() < static_cast<std::size_t>(prepared.sentence.parameters))
    return Error{ErrorKind::invalid, "the statement has " + std::to_string(prepared.sentence.parameters) +
                                         " parameters, and " + std::to_string(values.size()) +
                                         " values came"};
  if (prepared.sentence.parameters == 0) return prepared.sentence;
  std::vector<Value> texts;
  std::vector<std::uint32_t> types = prepared.types;
  types.resize(values.size(), kUnspecified);
  texts.reserve(values.size());
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < values.size(); ++i) {
    auto text = text_of(values[i], types[i], format_of(binary, i));
    if (!text) return text.error();
    if ((types[i] == kUnspecified || types[i] == kUnknown) && *text && looks_like_number(**text))
      open.push_back(i);
    texts.push_back(std::move(*text));
  }
  const auto tried = std::min<std::size_t>(open.size(), kMostTried);
  std::optional<Error> first;
  for (unsigned choice = 0; choice < 1U << tried; ++choice) {
    for (std::size_t i = 0; i < tried; ++i) types[open[i]] = (choice >> i & 1U) != 0 ? kNumeric : kText;
    auto sql = with_values(prepared.sentence.text, literals_of(texts, types));
    if (!sql) return sql.error();
    auto sentence = only_sentence(*sql);
    if (!sentence || sentence->reads != Sentence::Reads::data || sentence->kind != Sentence::Kind::query ||
        tried == 0)
      return sentence;
    auto columns = data_columns(*sentence);
    if (columns) return sentence;
    if (!first) first = columns.error();
  }
  return *first;
}

Session::Reply Session::prepare(const Sentence& sentence) {
  const auto& statement = *sentence.node->prepare_stmt;
  if (prepared_.contains(statement.name))
    return fail(
        Problem{"42P05", "prepared statement \"" + std::string(statement.name) + "\" already exists", {}});
  if (prepared_.size() >= kMostPrepared)
    return fail(Problem{"53400", "there are too many prepared statements", {}});
  auto inner = inner_query(sentence, statement.query);
  if (!inner) return fail(inner.error());
  Prepared made{std::move(*inner), {}, true};
  made.types.reserve(statement.n_argtypes);
  for (std::size_t i = 0; i < statement.n_argtypes; ++i) {
    const auto& type = *statement.argtypes[i]->type_name;
    made.types.push_back(type_of(last_name(type.n_names, type.names)));
  }
  prepared_.insert_or_assign(statement.name, std::move(made));
  replies_.complete("PREPARE");
  return true;
}

Session::Reply Session::execute(const PgQuery__ExecuteStmt& statement) {
  const auto found = prepared_.find(statement.name);
  if (found == prepared_.end())
    return fail(
        Problem{"26000", "prepared statement \"" + std::string(statement.name) + "\" does not exist", {}});
  std::vector<Value> values;
  values.reserve(statement.n_params);
  for (std::size_t i = 0; i < statement.n_params; ++i) values.push_back(constant_text(statement.params[i]));
  auto sentence = bound(found->second, values, {});
  if (!sentence) return fail(sentence.error());
  if (sentence->kind == Sentence::Kind::execute) return fail(Problem{"0A000", "EXECUTE of an EXECUTE", {}});
  std::size_t at = 0;
  return run({*sentence}, at);
}

Session::Reply Session::deallocate(const std::string& name) {
  if (name.empty()) {
    prepared_.clear();
    replies_.complete("DEALLOCATE ALL");
    return true;
  }
  if (prepared_.erase(name) == 0)
    return fail(Problem{"26000", "prepared statement \"" + name + "\" does not exist", {}});
  replies_.complete("DEALLOCATE");
  return true;
}

Session::Reply Session::extended(const Message& message) {
  const auto broken = [&](const Error& error) { return fail(Problem{"08P01", error.message, {}}); };
  if (message.type == 'P') {
    auto read = read_parse(message.body);
    return read ? parse(*read) : broken(read.error());
  }
  if (message.type == 'B') {
    auto read = read_bind(message.body);
    return read ? bind(*read) : broken(read.error());
  }
  if (message.type == 'E') {
    auto read = read_execute(message.body);
    return read ? execute_portal(*read) : broken(read.error());
  }
  auto read = read_named(message.body);
  if (!read) return broken(read.error());
  if (message.type == 'D') return describe_named(*read);
  if (read->kind == 'S') {
    prepared_.erase(read->name);
  } else {
    portals_.erase(read->name);
  }
  replies_.bare('3');
  return true;
}

Session::Reply Session::parse(const ParseMessage& message) {
  if (!message.name.empty() && prepared_.contains(message.name))
    return fail(Problem{"42P05", "prepared statement \"" + message.name + "\" already exists", {}});
  if (prepared_.size() >= kMostPrepared)
    return fail(Problem{"53400", "there are too many prepared statements", {}});
  auto sentence = only_sentence(message.query);
  if (!sentence) return fail(sentence.error());
  if (sentence->kind != Sentence::Kind::nothing && !allowed_now(*sentence)) return false;
  if (static_cast<std::size_t>(sentence->parameters) > kMostParameters)
    return fail(Problem{"54000", "a statement has at most 1000 parameters", {}});
  Prepared made{std::move(*sentence), message.types, false};
  made.types.resize(std::max(made.types.size(), static_cast<std::size_t>(made.sentence.parameters)),
                    kUnspecified);
  prepared_.insert_or_assign(message.name, std::move(made));
  replies_.bare('1');
  return true;
}

Session::Reply Session::bind(const BindMessage& message) {
  start_clock();
  const auto found = prepared_.find(message.statement);
  if (found == prepared_.end())
    return fail(Problem{"26000", "prepared statement \"" + message.statement + "\" does not exist", {}});
  if (!message.portal.empty() && portals_.contains(message.portal))
    return fail(Problem{"42P03", "portal \"" + message.portal + "\" already exists", {}});
  if (portals_.size() >= kMostPortals) return fail(Problem{"53400", "there are too many portals", {}});
  if (found->second.sentence.node != nullptr && !allowed_now(found->second.sentence)) return false;
  auto sentence = bound(found->second, message.values, message.binary);
  if (!sentence) return fail(sentence.error());
  Portal portal;
  portal.sentence = std::move(*sentence);
  portal.binary = message.results_binary;
  portals_.insert_or_assign(message.portal, std::move(portal));
  replies_.bare('2');
  return true;
}

Session::Reply Session::describe_named(const NamedMessage& message) {
  if (message.kind == 'P') {
    const auto found = portals_.find(message.name);
    if (found == portals_.end())
      return fail(Problem{"34000", "portal \"" + message.name + "\" does not exist", {}});
    return describe_as_row(found->second);
  }
  const auto found = prepared_.find(message.name);
  if (found == prepared_.end())
    return fail(Problem{"26000", "prepared statement \"" + message.name + "\" does not exist", {}});
  auto types = found->second.types;
  std::vector<Value> values(types.size(), Value("0"));
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (types[i] == kUnspecified) types[i] = kText;
    if (types[i] == kBool) values[i] = "f";
  }
  // To know the results without the values, any will do.
  auto sentence = bound(found->second, values, {});
  if (!sentence) return fail(sentence.error());
  Portal portal;
  portal.sentence = std::move(*sentence);
  replies_.parameter_description(types);
  return describe_as_row(portal);
}

Session::Reply Session::describe_as_row(Portal& portal) {
  const auto kind = portal.sentence.kind;
  if (kind == Sentence::Kind::fetch) {
    const auto found = portals_.find(portal.sentence.node->fetch_stmt->portalname);
    if (found != portals_.end()) {
      replies_.row_description(found->second.columns, portal.binary);
      return true;
    }
  }
  if (kind == Sentence::Kind::show) {
    replies_.row_description({{portal.sentence.node->variable_show_stmt->name, kText}}, portal.binary);
    return true;
  }
  if (kind != Sentence::Kind::query) {
    replies_.bare('n');
    return true;
  }
  if (!describe(portal)) return false;
  replies_.row_description(portal.columns, portal.binary);
  return true;
}

Session::Reply Session::execute_portal(const ExecuteMessage& message) {
  start_clock();
  const auto found = portals_.find(message.portal);
  if (found == portals_.end())
    return fail(Problem{"34000", "portal \"" + message.portal + "\" does not exist", {}});
  Portal& portal = found->second;
  if (portal.sentence.node == nullptr) {
    replies_.bare('I');
    return true;
  }
  if (!allowed_now(portal.sentence)) return false;
  if (portal.sentence.kind != Sentence::Kind::query) {
    // Its rows, where it has some, were described before: they go without a description.
    const Sentence sentence = portal.sentence;
    std::size_t at = 0;
    undescribed_ = true;
    const bool done = run({sentence}, at);
    undescribed_ = false;
    if (copying_) {
      copying_->extended = true;
      flush();
    }
    return done;
  }
  if (!portal.started && !open(portal)) return false;
  const auto before = portal.given;
  bool more = false;
  const auto most = message.rows > 0 ? static_cast<std::uint64_t>(message.rows) : UINT64_MAX;
  if (!deliver(portal, most, more)) return false;
  if (more) {
    replies_.bare('s');
  } else {
    replies_.complete("SELECT " + std::to_string(portal.given - before));
  }
  return true;
}

}  // namespace sceau::connect
