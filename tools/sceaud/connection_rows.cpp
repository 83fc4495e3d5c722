// One client's rows on their way: a piece is read from the spool while the one before it is sent.
#include <boost/asio/write.hpp>

#include "connection.h"

namespace sceau::sceaud {
namespace {

std::string hexadecimal(std::size_t size) {
  std::string digits;
  do {
    digits.insert(digits.begin(), "0123456789abcdef"[size % 16]);
    size /= 16;
  } while (size > 0);
  return digits;
}

}  // namespace

void Connection::begin_rows(std::unique_ptr<gate::Delivery> rows) {
  rows_ = std::move(rows);
  if (gone_) return abandon_rows("the line broke before the first row was sent");
  if (shared_.stopping) return abandon_rows("the gate was stopped before the first row was sent");
  limit(kSendTime);
  chunk_head_ =
      "HTTP/1.1 200 OK\r\nServer: sceaud\r\nContent-Type: text/csv; charset=utf-8\r\nCache-Control: "
      "no-store\r\nX-Content-Type-Options: nosniff\r\n"
      "Transfer-Encoding: chunked\r\n" +
      std::string(keep_ ? "" : "Connection: close\r\n") + "\r\n";
  net::async_write(stream_, net::buffer(chunk_head_),
                   [this, self = shared_from_this()](const Problem& problem, std::size_t) {
                     if (problem) return abandon_rows("the line broke before the first row was sent");
                     read_piece();
                   });
}

void Connection::read_piece() {
  elsewhere(
      shared_.workers, [rows = rows_] { return rows->next(); },
      [this](Result<Bytes> piece) { take_piece(std::move(piece)); });
}

void Connection::take_piece(Result<Bytes> piece) {
  if (!rows_) return;  // abandoned meanwhile
  if (!piece) return abandon_rows(piece.error().message);
  next_piece_ = std::move(*piece);
  if (!sending_piece_) send_piece();
}

void Connection::send_piece() {
  if (gone_) return abandon_rows("the line broke while rows were sent");
  if (shared_.stopping) return abandon_rows("the gate was stopped while it sent the rows");
  piece_ = std::move(*next_piece_);
  next_piece_.reset();
  if (piece_.empty()) return complete_rows();
  limit(kSendTime);
  sending_piece_ = true;
  read_piece();
  chunk_head_ = hexadecimal(piece_.size()) + "\r\n";
  const std::array<net::const_buffer, 3> chunk{net::buffer(chunk_head_), net::buffer(piece_),
                                               net::buffer("\r\n", 2)};
  net::async_write(stream_, chunk,
                   [this, self = shared_from_this()](const Problem& problem, std::size_t transferred) {
                     piece_sent(problem, transferred);
                   });
}

void Connection::piece_sent(const Problem& problem, std::size_t transferred) {
  sending_piece_ = false;
  if (!rows_) return;
  const std::size_t gone_out = transferred - std::min(transferred, chunk_head_.size());
  rows_->sent(ByteView(piece_).first(std::min(gone_out, piece_.size())));
  if (problem) return abandon_rows("the line broke while rows were sent");
  if (next_piece_) send_piece();
}

void Connection::complete_rows() {
  limit(kSendTime);
  elsewhere(
      shared_.workers, [rows = rows_] { return rows->complete(); },
      [this](const Status& status) { end_rows(status); });
}

void Connection::end_rows(const Status& status) {
  rows_.reset();
  // Without the last chunk the client knows that this is not all it needs: the result is not in the ledger
  // yet.
  if (!status) return close();
  chunk_head_ = "0\r\n\r\n";
  net::async_write(stream_, net::buffer(chunk_head_),
                   [this, self = shared_from_this()](const Problem& problem, std::size_t) { sent(problem); });
}

void Connection::abandon_rows(const std::string& reason) {
  close();
  elsewhere(
      shared_.workers,
      [rows = std::move(rows_), reason] {
        rows->interrupt(reason);
        return true;
      },
      [](bool) {});
  rows_.reset();
}

}  // namespace sceau::sceaud
