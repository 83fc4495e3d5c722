#include "clearsign/desk.h"

namespace sceau::firmware::clearsign {

namespace {

using statement::Statement;

// Acts that name a request and its evidence, and are shown with it.
bool is_decision(const Statement& statement) {
  return statement.is("approval") || statement.is("refusal") || statement.is("export.release");
}

bool is_hex_of(ByteView text, const Hash& hash) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  if (text.size() != 2 * hash.size()) return false;
  for (std::size_t i = 0; i < hash.size(); ++i) {
    if (text[2 * i] != static_cast<std::uint8_t>(kDigits[hash[i] >> 4U])) return false;
    if (text[2 * i + 1] != static_cast<std::uint8_t>(kDigits[hash[i] & 0x0FU])) return false;
  }
  return true;
}

bool names(const Statement& decision, std::string_view member, const Hash& digest) {
  const Result<ByteView> named = statement::body_member(decision, member);
  return named.ok() && is_hex_of(named.value(), digest);
}

// An approval, refusal or release is of a request in the same realm, and not of another decision.
bool suits(const Statement& decision, const Statement& request) {
  return equal(decision.realm.raw, request.realm.raw) && !is_decision(request);
}

class LineCounter final : public statement::LineSink {
 public:
  void line(std::string_view text) override {
    ++count;
    hash.update(as_bytes(text));
    hash.update(as_bytes("\n"));
  }

  std::size_t count = 0;
  Sha256 hash;
};

class PageSink final : public statement::LineSink {
 public:
  explicit PageSink(Writer& out) : out_(out) {}

  void line(std::string_view text) override {
    out_.bytes(as_bytes(text));
    out_.byte('\n');
  }

 private:
  Writer& out_;
};

}  // namespace

void Desk::clear() {
  forget_prepared();
  wipe(ByteSpan(bytes_).first(statement_size_ + decision_size_));
  statement_size_ = 0;
  decision_size_ = 0;
  evidence_.restart();
  evidence_begun_ = false;
}

void Desk::forget_prepared() {
  prepared_ = false;
  decides_ = false;
  signed_ = {};
  request_ = {};
  line_count_ = 0;
  pages_shown_ = 0;
}

// Adds to what begins at `from` and has `size` bytes.
Status Desk::append(std::size_t from, std::size_t& size, std::size_t most, ByteView part) {
  if (part.size() > most - size) {
    size = 0;
    return Status::kTooLong;
  }
  copy(part, ByteSpan(bytes_).subspan(from + size));
  size += part.size();
  return Status::kOk;
}

Status Desk::load(Load what, bool first, ByteView part) {
  forget_prepared();
  switch (what) {
    case Load::kStatement:
      if (!first && (statement_size_ == 0 || decision_size_ != 0)) return Status::kInvalid;
      if (first) statement_size_ = 0;
      if (first) decision_size_ = 0;
      return append(0, statement_size_, statement::kMaxStatement, part);
    case Load::kDecision:
      if (!first && decision_size_ == 0) return Status::kInvalid;
      if (first) decision_size_ = 0;
      return append(statement_size_, decision_size_, bytes_.size() - statement_size_, part);
    case Load::kEvidence:
      if (!first && !evidence_begun_) return Status::kInvalid;
      if (first) evidence_.restart();
      evidence_begun_ = true;
      evidence_.update(part);
      return Status::kOk;
  }
  return Status::kInvalid;
}

Status Desk::prepare(bool decision) {
  forget_prepared();
  Status status = decision ? prepare_decision() : prepare_alone();
  if (status == Status::kOk) status = count_lines();
  if (status != Status::kOk) {
    forget_prepared();
    return status;
  }
  prepared_ = true;
  return Status::kOk;
}

Status Desk::prepare_alone() {
  const Result<Statement> read = statement::read_statement(statement_bytes());
  if (!read.ok()) return read.status();
  if (is_decision(read.value())) return Status::kInvalid;
  signed_ = read.value();
  const Result<Hash> digest = sha256({signed_.bytes});
  if (!digest.ok()) return digest.status();
  digest_ = digest.value();
  return Status::kOk;
}

Status Desk::prepare_decision() {
  const Result<Statement> request = statement::read_statement(statement_bytes());
  const Result<Statement> decision = statement::read_statement(decision_bytes());
  if (!request.ok() || !decision.ok() || !evidence_begun_) return Status::kInvalid;
  if (!is_decision(decision.value()) || !suits(decision.value(), request.value())) return Status::kInvalid;
  const Result<Hash> request_digest = sha256({request.value().bytes});
  const Result<Hash> digest = sha256({decision.value().bytes});
  const Result<Hash> covers = evidence_.finish(request.value().by);
  evidence_begun_ = false;
  if (!request_digest.ok() || !digest.ok()) return Status::kHardware;
  if (!covers.ok()) return covers.status();
  if (!names(decision.value(), "request", request_digest.value())) return Status::kInvalid;
  if (!names(decision.value(), "evidence", covers.value())) return Status::kInvalid;
  decides_ = true;
  signed_ = decision.value();
  request_ = request.value();
  digest_ = digest.value();
  covers_ = covers.value();
  return Status::kOk;
}

Status Desk::count_lines() {
  LineCounter counter;
  lines_.begin(signed_, request());
  static_cast<void>(lines_.next(~std::size_t{0}, counter));
  const Result<Hash> shown = counter.hash.finish();
  if (!shown.ok()) return shown.status();
  if (lines_.failed()) return Status::kInvalid;
  line_count_ = counter.count;
  shown_digest_ = shown.value();
  lines_.begin(signed_, request());
  return Status::kOk;
}

Status Desk::show(std::size_t page, Writer& out) {
  if (!prepared_ || page != pages_shown_ || page >= pages()) return Status::kInvalid;
  PageSink sink(out);
  static_cast<void>(lines_.next(kPageLines, sink));
  ++pages_shown_;
  return Status::kOk;
}

}  // namespace sceau::firmware::clearsign
