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

// An approval, refusal or release is of the request that it was asked for in the same way.
bool suits(const Statement& decision, const Statement& request) {
  if (!equal(decision.realm.raw, request.realm.raw)) return false;
  if (decision.is("export.release")) return request.is("export.request");
  return !is_decision(request);
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

class PagePicker final : public statement::LineSink {
 public:
  PagePicker(Page& page, std::size_t number) : page_(page), first_(number * kPageLines) {}

  void line(std::string_view text) override {
    const std::size_t number = next_++;
    if (number < first_ || page_.count == kPageLines) return;
    Page::Line& line = page_.lines[page_.count++];
    line.size = text.size() <= line.bytes.size() ? text.size() : line.bytes.size();
    std::memcpy(line.bytes.data(), text.data(), line.size);
  }

 private:
  Page& page_;
  std::size_t first_;
  std::size_t next_ = 0;
};

Status append(ByteSpan buffer, std::size_t& size, bool first, ByteView part) {
  if (first) size = 0;
  if (part.size() > buffer.size() - size) {
    size = 0;
    return Status::kTooLong;
  }
  copy(part, buffer.subspan(size));
  size += part.size();
  return Status::kOk;
}

}  // namespace

void Desk::clear() {
  forget_prepared();
  wipe(ByteSpan(statement_).first(statement_size_));
  wipe(ByteSpan(decision_).first(decision_size_));
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
  lines_ = 0;
  pages_shown_ = 0;
}

Status Desk::load(Load what, bool first, ByteView part) {
  forget_prepared();
  switch (what) {
    case Load::kStatement:
      if (!first && statement_size_ == 0) return Status::kInvalid;
      return append(statement_, statement_size_, first, part);
    case Load::kDecision:
      if (!first && decision_size_ == 0) return Status::kInvalid;
      return append(decision_, decision_size_, first, part);
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
  const Result<Statement> read = statement::read_statement(ByteView(statement_).first(statement_size_));
  if (!read.ok()) return read.status();
  if (is_decision(read.value())) return Status::kInvalid;
  signed_ = read.value();
  const Result<Hash> digest = sha256({signed_.bytes});
  if (!digest.ok()) return digest.status();
  digest_ = digest.value();
  return Status::kOk;
}

Status Desk::prepare_decision() {
  const Result<Statement> request = statement::read_statement(ByteView(statement_).first(statement_size_));
  const Result<Statement> decision = statement::read_statement(ByteView(decision_).first(decision_size_));
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
  statement::write_lines(signed_, request(), counter);
  const Result<Hash> shown = counter.hash.finish();
  if (!shown.ok()) return shown.status();
  lines_ = counter.count;
  shown_digest_ = shown.value();
  return Status::kOk;
}

Result<Page> Desk::show(std::size_t page) {
  if (!prepared_ || page != pages_shown_ || page >= pages()) return Status::kInvalid;
  Page shown;
  PagePicker picker(shown, page);
  statement::write_lines(signed_, request(), picker);
  ++pages_shown_;
  return shown;
}

}  // namespace sceau::firmware::clearsign
